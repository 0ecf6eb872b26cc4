"""Everything that can be set, in one frozen class: its default, its meaning, and who may set it.

What it leaves out: where values come from (`layers.py`), and where they are used.
"""

from typing import TypeVar

import attrs

T = TypeVar("T")


def _setting(
    default: T, doc: str, *, trusted_only: bool = False, choices: tuple[str, ...] = (), key: str = ""
) -> T:
    # What says in its own words what 0 means may be 0. A key with a dot is in a table of a settings file.
    off = "; 0 for" in doc
    metadata = {"doc": doc, "trusted_only": trusted_only, "choices": choices, "off": off, "key": key}
    return attrs.field(default=default, metadata=metadata)


@attrs.frozen
class Settings:
    """Everything that can be set, by its name in a settings file."""

    slots: int = _setting(3, "Executions that run at once, over all projects and windows.", trusted_only=True)
    agent: str = _setting(
        "claude", "The agent that works on beads.", trusted_only=True, choices=("claude", "scripted")
    )
    script: str = _setting(
        "", "The script that the scripted agent plays: the path of a JSON file.", trusted_only=True
    )
    runner: str = _setting(
        "auto", "The box that agents run in.", trusted_only=True, choices=("auto", "sandbox", "plain")
    )
    model: str = _setting("", "The model that the agent uses; empty for its own default.")
    base: str = _setting(
        "", "The branch that work starts from; empty for origin's default branch, else main or master."
    )
    prompt_budget: int = _setting(
        30_000, "Tokens that a prompt may take, at three bytes each; what has no room is cut, and said to be."
    )
    wall_clock: float = _setting(6 * 3600.0, "Seconds that a run may take.")
    run_budget: float = _setting(
        0.0, "US dollars that the agent of a run may cost; 0 for any.", trusted_only=True
    )
    day_budget: float = _setting(
        0.0,
        "US dollars that all runs of a day may cost before no further one begins; 0 for any.",
        trusted_only=True,
    )
    queue_order: str = _setting(
        "first-come",
        "Which queued run is next: the oldest, or that of the most urgent bead.",
        trusted_only=True,
        choices=("first-come", "priority"),
    )
    silence_warning: float = _setting(
        600.0, "Seconds without a sign of the agent after which its log says so."
    )
    silence_limit: float = _setting(
        1800.0, "Seconds without a sign of the agent after which its run is ended."
    )
    tool_limit: float = _setting(
        3600.0, "Seconds that a tool of the agent may be silent when its own limit is not known."
    )
    answer_patience: float = _setting(
        1800.0, "Seconds that an agent waits for your answer in its turn; after that it is resumed with it."
    )
    retries: int = _setting(
        2, "How often a run is tried again by itself when it failed for what usually passes; 0 for never."
    )
    retry_delay: float = _setting(
        30.0, "Seconds before the first such try; each further one waits four times as long."
    )
    requeue_unblocked: bool = _setting(
        default=False,
        doc="Whether a bead whose agent was blocked is worked on again by itself when the blocker closes.",
    )
    walk_failures: int = _setting(
        3, "Failed runs after which `work --all-ready` stops by itself.", trusted_only=True
    )
    walk_budget: float = _setting(
        0.0, "US dollars after which `work --all-ready` stops by itself; 0 for any.", trusted_only=True
    )
    notify: tuple[str, ...] = _setting(
        (),
        "Where you are told of runs away from the editor: addresses as Apprise takes them.",
        trusted_only=True,
    )
    notify_on: tuple[str, ...] = _setting(
        ("completed", "failed", "timeout", "blocked", "needs_input"),
        "The states of a run that you are told of there.",
        trusted_only=True,
    )
    notify_timeout: float = _setting(
        20.0, "Seconds that telling you may take; a slower service is given up.", trusted_only=True
    )
    keep_days: int = _setting(
        90, "Days after which a finished run and its log are removed; 0 for never.", trusted_only=True
    )
    keep_runs: int = _setting(50, "Finished runs that are kept of each bead; 0 for all.", trusted_only=True)
    keep_megabytes: int = _setting(
        2000, "Megabytes that all logs may take before the oldest are removed; 0 for any.", trusted_only=True
    )
    review_create_beads: bool = _setting(
        default=False,
        doc="Whether a review makes a bead of each of its findings by itself.",
        key="review.create_beads",
    )
    gates_commands: tuple[str, ...] = _setting(
        (),
        "Commands that have to succeed on a branch, each for a shell, instead of those found in the project.",
        trusted_only=True,
        key="gates.commands",
    )
    gates_setup: tuple[str, ...] = _setting(
        (),
        "Commands that make a checkout ready for them, instead of those found in the project.",
        trusted_only=True,
        key="gates.setup",
    )
    gates_after_work: bool = _setting(
        default=True, doc="Whether work counts as done only when the gates pass.", key="gates.after_work"
    )
    gates_retries: int = _setting(
        1, "How often gates that fail go back to the agent; 0 for never.", key="gates.retries"
    )
    gates_limit: float = _setting(3600.0, "Seconds that one gate may take.", key="gates.limit")
    work_when_done: str = _setting(
        "label",
        "What becomes of a bead after verified work: `label` puts `work-done` on it, `close` closes it when "
        "nothing stands in the way, and any other word is a status of your own.",
        key="work.when_done",
    )
    work_publish: bool = _setting(
        default=False,
        doc="Whether verified work is published by itself; then it counts as done when the remote has it.",
        trusted_only=True,
        key="work.publish",
    )
    publish_remote: str = _setting(
        "",
        "The remote that is pushed to; empty for `origin`, or the only one.",
        key="publish.remote",
    )
    publish_limit: float = _setting(
        300.0, "Seconds that one call of git or gh to a remote may take, hooks included.", key="publish.limit"
    )
    publish_pull_request: bool = _setting(
        default=True, doc="Whether a pull request is opened with gh.", key="publish.pull_request"
    )
    gh: str = _setting("gh", "The gh program: a name on the PATH, or a path.", trusted_only=True)
    land_how: str = _setting(
        "merge",
        "How a branch is brought into its base.",
        choices=("fast-forward", "merge", "squash"),
        key="land.how",
    )
    close_require_review: bool = _setting(
        default=False,
        doc="Whether a bead closes only when the head of its branch was reviewed.",
        key="close.require_review",
    )
    close_sync: bool = _setting(
        default=False,
        doc="Whether the beads are synced, as your bd does it, when one was closed or reopened.",
        trusted_only=True,
        key="close.sync",
    )
    cancel_grace: float = _setting(
        2.0, "Seconds that an agent has to end by itself when its run is cancelled."
    )
    result_grace: float = _setting(
        30.0, "Seconds that an agent's process may go on after it has given its result."
    )
    allow: tuple[str, ...] = _setting(
        (), "Further tools that an agent may use without a box, such as `Bash(docker:*)`.", trusted_only=True
    )
    bd: str = _setting("bd", "The bd program: a name on the PATH, or a path.", trusted_only=True)
    claude: str = _setting(
        "claude", "The Claude Code program: a name on the PATH, or a path.", trusted_only=True
    )
    bd_timeout: float = _setting(60.0, "Seconds that one call of bd may take.")
    actor: str = _setting(
        "", "Who claims beads and writes comments; empty for git's user.name.", trusted_only=True
    )


SECRET = frozenset({"notify"})
"""Settings whose values hold passwords and tokens: they stand in no log."""
