"""What a person is told of a run away from the editor: a title and a few plain lines, with the next command.

What it leaves out: whom, and how (`notifying.py`).
"""

import re
from pathlib import PurePath

import attrs

from beadwork.executions import Ask, AskKind, Execution, State, Verb
from beadwork.workflows.saying_again import command_of

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_LONGEST_TITLE = 120
_LONGEST_PART = 1500

_WORDS = {
    State.QUEUED: "is queued",
    State.RUNNING: "is running",
    State.NEEDS_INPUT: "needs your answer",
    State.PAUSED: "is paused",
    State.COMPLETED: "is done",
    State.FAILED: "failed",
    State.TIMEOUT: "timed out",
    State.CANCELLED: "was cancelled",
    State.BLOCKED: "is blocked",
}
_WHAT = {
    Verb.WORK: "{about}",
    Verb.REVIEW: "The review of {about}",
    Verb.GATES: "Running the gates of {about}",
    Verb.PUBLISH: "Publishing {about}",
    Verb.LAND: "Landing {about}",
    Verb.CLOSE: "Closing {about}",
}
"""What a run is about, as the subject of a sentence."""


@attrs.frozen
class Announcement:
    """One notification, as plain text."""

    title: str
    body: str


def announcement_of(run: Execution) -> Announcement:
    """Say how it stands with `run`, and what the person can do."""
    order = run.order
    parts = [
        f"{order.title} ({PurePath(order.project).name})",
        _question(run.ask) if run.ask else run.summary,
        *_next(run),
    ]
    about = order.bead if order.about_bead else order.title.lower()
    what = _WHAT[order.verb].format(about=about)
    title = _line(f"{what} {_WORDS[run.state]}", _LONGEST_TITLE)
    return Announcement(title, "\n\n".join(_clean(part) for part in parts if part))


def sample() -> Announcement:
    """Give what is sent to try it out."""
    return Announcement(
        "Beadwork can reach you", "This is a test: `beadwork notify test` was run. There is nothing to do."
    )


def _question(ask: Ask) -> str:
    lines: list[str] = []
    for question in ask.questions:
        lines.append(question.text)
        lines += [f"  {number}. {choice.label}" for number, choice in enumerate(question.choices, 1)]
    if ask.kind is AskKind.PERMISSION and ask.title:
        lines.insert(0, f"{ask.tool}: {ask.title}".removeprefix(": "))
    return "\n".join(lines)


def _next(run: Execution) -> list[str]:
    """Give the commands that go on from here, and where to look."""
    name = run.id[:8]
    log = f"Log: beadwork log {name}"
    match run.state:
        case State.NEEDS_INPUT:
            return [f"Answer: beadwork answer {name}\n{log}"]
        case State.COMPLETED if run.order.verb is Verb.REVIEW:
            return [f"Findings: beadwork findings\n{log}"]
        case State.COMPLETED:
            return [f"Branch: {run.branch}\n{log}" if run.branch else log]
        case State.FAILED | State.TIMEOUT if not run.order.verb.by_agent:
            return [f"Say it again: {command_of(run.order)}\n{log}"]
        case State.BLOCKED:
            blocker = (
                f"In the way: {run.blocked_by}. When it is closed: " if run.blocked_by else "Try again: "
            )
            return [f"{blocker}beadwork retry {name}\n{log}"]
        case State.FAILED | State.TIMEOUT:
            return [f"Try again: beadwork retry {name}\n{log}"]
        case State.PAUSED:
            return [f"Go on: beadwork resume {name}\n{log}"]
        case State.QUEUED | State.RUNNING | State.CANCELLED:
            return [log]


def _clean(text: str) -> str:
    shown = _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n")).strip()
    return shown if len(shown) <= _LONGEST_PART else shown[:_LONGEST_PART] + " …"


def _line(text: str, longest: int) -> str:
    words = " ".join(_clean(text).split())
    return words if len(words) <= longest else words[: longest - 1] + "…"
