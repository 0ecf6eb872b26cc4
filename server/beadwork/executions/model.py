"""An execution: one run of one verb on one bead; its states and the only ways between them.

What it leaves out: keeping it (`store.py`), and doing it (`workflows/`).
"""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

import attrs

from beadwork.errors import BeadworkError
from beadwork.executions.asking import Ask


class ExecutionError(BeadworkError):
    """Something about an execution or its log cannot be.

    ExecutionError
    ├── ExecutionNotFound      no execution has that id
    ├── IllegalTransition      a state that cannot follow the present one
    ├── AlreadyActive          the bead has a queued or running execution
    └── LogError               a log cannot be read or written

    What goes wrong with the store's file is a StoreError (`storage/`).
    """

    code = "execution"


class ExecutionNotFound(ExecutionError):  # noqa: N818
    """No execution has that id."""

    code = "execution-not-found"


class IllegalTransition(ExecutionError):  # noqa: N818
    """A state that cannot follow the present one: a defect of ours, or somebody was faster."""

    code = "illegal-transition"


class AlreadyActive(ExecutionError):  # noqa: N818
    """The bead has a queued or running execution; a second one would share its branch and checkout."""

    code = "already-active"


class LogError(ExecutionError):
    """A log cannot be read or written."""

    code = "log"


BRANCH = "@branch"
"""Stands for a bead in a review of the branch that the user has checked out."""
CHANGES = "@changes"
"""Stands for a bead in a review of what the user has not committed."""


HERE = "@here"
"""Stands for a bead in a run of the gates in the user's own working tree."""


class Verb(StrEnum):
    """What an execution does to its bead."""

    WORK = "work"
    REVIEW = "review"
    """Read what was done, and say what is wrong with it; nothing is changed."""
    GATES = "gates"
    """Run the gates on what is on the branch."""
    PUBLISH = "publish"
    """Push the branch, and open or bring up to date its pull request."""
    LAND = "land"
    """Bring the branch into its base."""
    CLOSE = "close"
    """Close the bead, when nothing stands in the way."""

    @property
    def by_agent(self) -> bool:
        """Whether an agent does it: it takes a slot, costs money, and may rest."""
        return self in {Verb.WORK, Verb.REVIEW}


class State(StrEnum):
    """Where an execution stands."""

    QUEUED = "queued"
    RUNNING = "running"
    NEEDS_INPUT = "needs_input"
    PAUSED = "paused"
    COMPLETED = "completed"
    FAILED = "failed"
    TIMEOUT = "timeout"
    CANCELLED = "cancelled"
    BLOCKED = "blocked"


TRANSITIONS: dict[State, frozenset[State]] = {
    State.QUEUED: frozenset({State.RUNNING, State.PAUSED, State.CANCELLED}),
    State.RUNNING: frozenset(
        {
            State.COMPLETED,
            State.FAILED,
            State.TIMEOUT,
            State.CANCELLED,
            State.BLOCKED,
            State.NEEDS_INPUT,
            State.PAUSED,
        },
    ),
    State.NEEDS_INPUT: frozenset({State.RUNNING, State.QUEUED, State.CANCELLED}),
    State.PAUSED: frozenset({State.QUEUED, State.CANCELLED}),
    State.COMPLETED: frozenset(),
    State.FAILED: frozenset(),
    State.TIMEOUT: frozenset(),
    State.CANCELLED: frozenset(),
    State.BLOCKED: frozenset(),
}
"""The one table of what may follow what."""

ACTIVE = frozenset({State.QUEUED, State.RUNNING})
"""States in which a worker does, or soon will do, something for the bead; see also `Execution.active`."""

FINAL = frozenset(state for state, following in TRANSITIONS.items() if not following)
"""States that nothing follows."""

UNFINISHED = frozenset(State) - FINAL
"""States that something follows. A bead has at most one run in one of them."""


class Phase(StrEnum):
    """What a running execution is at."""

    PREPARING = "preparing"
    AGENT = "agent"
    VERIFYING = "verifying"
    GATES = "gates"
    PUBLISHING = "publishing"
    RECORDING = "recording"


class Intent(StrEnum):
    """Why somebody is about to end a run; written before any signal is sent."""

    CANCEL = "cancel"
    TIMEOUT = "timeout"
    """Its wall clock is over."""
    SILENCE = "silence"
    """Nothing was heard of its agent for too long."""
    PAUSE = "pause"
    """To be gone on with later, in the same session of the agent."""


class Reason(StrEnum):
    """Why a run ended as it did: stable codes that scripts compare; the summary has the words."""

    VERIFIED = "verified"
    """New commits are on the branch, and back in the user's repository."""
    CANCELLED = "cancelled"
    TIMEOUT = "timeout"
    SILENT = "silent"
    """Nothing was heard of the agent for too long."""
    PAUSED = "paused"
    INTERRUPTED = "interrupted"
    """Its worker is gone: killed, or the machine went down."""
    NO_COMMIT = "no-commit"
    """The agent said done, but nothing was committed."""
    DENIED = "denied"
    """As NO_COMMIT, and calls of the agent were denied on the way."""
    REVIEWED = "reviewed"
    """A review was read, and its findings are kept."""
    GATES_PASSED = "gates-passed"
    NO_GATES = "no-gates"
    """No gate was found, so none was passed."""
    GATES_FAILED = "gates-failed"
    PUBLISHED = "published"
    """The remote was asked, and has the branch."""
    REMOTE = "remote"
    """The remote could not be reached, or refused."""
    LANDED = "landed"
    CONFLICT = "conflict"
    """The branch and its base change the same lines."""
    CLOSED = "closed"
    """The bead is closed."""
    REFUSED = "refused"
    """Something stood in the way; `results` has it as data."""
    UNREADABLE = "unreadable"
    """No review could be read from what the reviewer answered; its words are in the log."""
    REVIEWER_WROTE = "reviewer-wrote"
    """The reviewer changed what it was to read, so its findings are not kept."""
    AGENT_FAILED = "agent-failed"
    AGENT_BLOCKED = "agent-blocked"
    AGENT_ASKS = "agent-asks"
    AGENT_REFUSED = "agent-refused"
    PASSING = "passing"
    """What usually passes: the model's API was overloaded or could not be reached."""
    BUDGET = "budget"
    """The agent reached the cost that it was allowed."""
    OVERTAKEN = "overtaken"
    """The bead was closed, deleted or taken by another before the work began; nothing was done."""
    TRACKER = "tracker"
    CHECKOUT = "checkout"
    RUNNER = "runner"
    STORAGE = "storage"
    """A disk is full, or a folder cannot be written."""
    DEFECT = "defect"
    """A mistake in Beadwork itself; the log has the details."""


@attrs.frozen
class Worker:
    """A worker process, told apart from every other process that ever had its number."""

    pid: int
    started: float
    """Start time of the process in seconds: since the boot where the system tells (Linux), else the epoch.

    The time since the epoch is worked out from the clock, so it moves when the clock is set.
    """
    boot: str
    """Id of the boot it runs in; a reboot ends every worker."""


@attrs.frozen
class Order:
    """What a person asked for: what is known before anything runs, and never changes after."""

    project: str
    """Absolute path of the workspace folder."""
    bead: str
    """Its id; with REVIEW also BRANCH or CHANGES, with GATES also HERE, which no bead is called."""
    title: str
    """The bead's title when it was asked for, or what is reviewed instead."""
    verb: Verb = Verb.WORK
    agent: str = ""
    """Which agent; empty for the settings' choice."""
    script: str = ""
    """With the scripted agent: the path of its script."""
    runner: str = ""
    """Which runner; empty for the settings' choice."""
    forced_over: tuple[str, ...] = ()
    """The open blockers that a person overruled."""
    with_changes: bool = False
    """Whether a copy of the user's uncommitted changes goes along."""
    deadline: float = 0.0
    """Seconds of wall clock; 0 for the settings' choice."""
    force: bool = False
    """Whether a person said to go on over what stood in the way: blockers, or somebody else's claim."""
    status: str = "open"
    """The bead's status when it was asked for; with `assignee`, what it is given back as."""
    assignee: str = ""
    priority: int = 2
    """The bead's when it was asked for: 0 (most urgent) to 4."""
    resume: str = ""
    """The session of the agent to go on with; empty to begin a new one."""
    message: str = ""
    """What to tell the agent instead of the whole prompt; with `resume` alone."""
    why: str = ""
    """With CLOSE: the reason that is written to the bead."""
    skip_gates: bool = False
    """With CLOSE: whether the gates are not asked at all."""
    here: bool = False
    """With GATES: whether they run in the user's own working tree, as it is."""
    anew: bool = False
    """Whether gates run also where their result is known."""
    how: str = ""
    """With LAND: `fast-forward`, `merge` or `squash`; empty for the settings' choice."""
    update_tree: bool = False
    """With LAND: whether the user's working tree may be brought along, where the base is checked out."""
    push: bool = False
    """With LAND: whether the base is pushed afterwards."""
    draft: bool | None = None
    """With PUBLISH: whether the pull request is a draft; None for what the newest review says."""
    merge_base: bool = False
    """With WORK: whether the work is to bring the branch's base into it, and nothing beside that."""
    overruled: tuple[str, ...] = ()
    """With `force`: the sentences that said what stood in the way, as a person read them."""
    create_beads: bool = False
    """With REVIEW: whether beads are made of all findings."""
    findings: tuple[str, ...] = ()
    """With WORK: the ids of the findings that are to be mended, and nothing beside them."""
    walk: str = ""
    """The id of the walk that it belongs to."""
    settings: Mapping[str, object] = attrs.field(factory=dict)
    """The editor's own settings when it was asked for: a worker has no editor to ask. JSON types."""

    @property
    def about_bead(self) -> bool:
        """Whether it is about a bead, and not about what the user has at hand."""
        return not self.bead.startswith("@")

    @property
    def workspace(self) -> Path:
        """The workspace folder."""
        return Path(self.project)


@attrs.frozen
class Execution:
    """One row of the store."""

    id: str
    """A uuid."""
    order: Order
    state: State
    queued_at: float
    """Seconds since the epoch, as all times here."""
    phase: Phase | None = None
    reason: Reason | None = None
    summary: str = ""
    intent: Intent | None = None
    intent_at: float | None = None
    started_at: float | None = None
    ended_at: float | None = None
    worker: Worker | None = None
    agent_label: str = ""
    """The agent that runs it, as a person reads it."""
    runner_label: str = ""
    """The box it runs in and why, as a person reads it."""
    session: str = ""
    """The agent's session id, to resume it by."""
    branch: str = ""
    base: str = ""
    """The commit the work started from."""
    head: str = ""
    """The last commit on the branch."""
    cost_usd: float | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    log: str = ""
    """Path of the event log (JSON lines); the readable one is beside it, with `.log`."""
    attempt: int = 1
    retry_of: str = ""
    retried_by: str = ""
    not_before: float = 0.0
    """When it may start at the earliest: a retry waits."""
    rank: float = 0.0
    """Its place in the queue: the lower comes first, and of one rank the older."""
    used: float = 0.0
    """Seconds of its wall clock that were used up to the last time it rested."""
    resumed: int = 0
    """How often it went on after a rest."""
    ask: Ask | None = None
    """With NEEDS_INPUT: what is asked."""
    blocked_by: str = ""
    """The bead that stands for what blocked it."""
    results: Mapping[str, object] = attrs.field(factory=dict)
    """What its verb gives beside the summary, in types of JSON; see docs/protocol.md."""
    told: bool = False
    """Whether the bead has been told how it ended; a tracker that could not be reached is told later."""

    @property
    def live(self) -> bool:
        """Whether a worker is at it: it runs, or its agent waits for an answer."""
        return self.worker is not None and self.state in {State.RUNNING, State.NEEDS_INPUT}

    @property
    def active(self) -> bool:
        """Whether it is queued or live."""
        return self.state in ACTIVE or self.live


def require_transition(execution: str, old: State, new: State) -> None:
    """Raise IllegalTransition unless `new` may follow `old`."""
    if new not in TRANSITIONS[old]:
        raise IllegalTransition(f"Run {execution[:8]} is {old}; it cannot become {new}.")
