"""What a person or an editor is shown: the answers of every command, as data.

The command line prints them (`--json` as they are here) and the language server sends them; docs/protocol.md
describes them. Names travel in camelCase, times as RFC 3339 in UTC.
"""

import datetime
import functools
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import cast

import attrs

from beadwork.beads import Group, Trouble
from beadwork.executions import FINAL, UNFINISHED, Ask, Event, Execution, State


@attrs.frozen
class RunView:
    """An execution as it is shown; see docs/protocol.md."""

    id: str
    folder: str
    bead: str
    title: str
    verb: str
    state: str
    phase: str | None
    reason: str | None
    summary: str
    agent: str
    runner: str
    branch: str
    base: str
    head: str
    queued_at: str
    started_at: str | None
    ended_at: str | None
    cost_usd: float | None
    input_tokens: int
    output_tokens: int
    log: str
    readable_log: str
    checkout: str
    """Path of the bead's checkout; it may not be there (any more)."""
    forced_over: tuple[str, ...]
    intent: str | None
    attempt: int
    """From 1; with each retry one more."""
    retry_of: str
    """The run that this one tries again; empty for a first attempt."""
    retried_by: str
    """The run that tries this one again, if any."""
    not_before: str | None
    """With `queued`: when it may begin at the earliest, where that is not at once."""
    used_seconds: float
    """What it used of its wall clock before it last rested."""
    resumed: int
    """How often it went on after a rest."""
    ask: Ask | None
    """With `needs_input`: what the agent wants to know, see docs/protocol.md."""
    results: Mapping[str, object]
    """What its verb gives beside the summary, see docs/protocol.md."""
    blocked_by: str
    """With `blocked`: the bead that stands for what is in the way."""
    walk: str
    """The walk that it belongs to, if any."""
    cancellable: bool
    pausable: bool
    resumable: bool
    """Whether `resume` goes on with it: it is paused."""
    retryable: bool
    """Whether `retry` tries it again: it has ended otherwise than completed, and was not retried."""
    tellable: bool
    """Whether `tell` reaches its agent, in its turn or by going on with its session."""

    @classmethod
    def of(cls, run: Execution, checkout: str) -> "RunView":
        """Show `run`, whose bead has its checkout at `checkout`."""
        return cls(
            id=run.id,
            folder=run.order.project,
            bead=run.order.bead,
            title=run.order.title,
            verb=run.order.verb,
            state=run.state,
            phase=run.phase,
            reason=run.reason,
            summary=run.summary,
            agent=run.agent_label,
            runner=run.runner_label,
            branch=run.branch,
            base=run.base,
            head=run.head,
            queued_at=moment(run.queued_at),
            started_at=moment(run.started_at) if run.started_at else None,
            ended_at=moment(run.ended_at) if run.ended_at else None,
            cost_usd=run.cost_usd,
            input_tokens=run.input_tokens,
            output_tokens=run.output_tokens,
            log=run.log,
            readable_log=run.log.removesuffix(".jsonl") + ".log" if run.log else "",
            checkout=checkout,
            forced_over=run.order.forced_over,
            intent=run.intent,
            attempt=run.attempt,
            retry_of=run.retry_of,
            retried_by=run.retried_by,
            not_before=moment(run.not_before) if run.not_before else None,
            used_seconds=round(run.used, 1),
            resumed=run.resumed,
            ask=run.ask,
            results=run.results,
            blocked_by=run.blocked_by,
            walk=run.order.walk,
            cancellable=run.state in UNFINISHED and run.intent is None,
            pausable=run.active and run.intent is None and run.order.verb.by_agent,
            resumable=run.state is State.PAUSED,
            retryable=run.state in FINAL - {State.COMPLETED}
            and not run.retried_by
            and run.order.verb.by_agent,
            tellable=run.order.verb.by_agent and (run.live or (bool(run.session) and not run.retried_by)),
        )


@attrs.frozen
class BeadView:
    """A bead as a list shows it."""

    id: str
    title: str
    status: str
    type: str
    priority: int
    group: Group
    assignee: str
    labels: tuple[str, ...]
    blocked_by: tuple[str, ...]
    """Ids of the open beads in its way."""
    run: RunView | None
    """Its newest execution, if it has one."""
    parent: str = ""
    """The bead that it is a part of, an epic mostly; empty when there is none here."""
    children: int = 0
    closed_children: int = 0
    actions: tuple[str, ...] = ()
    """What can be asked for now, as far as a list can tell; see docs/protocol.md."""


@attrs.frozen
class RelatedView:
    """A bead that another one is connected with."""

    id: str
    kind: str
    title: str
    """Empty when there is no such bead."""
    status: str


@attrs.frozen
class CommentView:
    """A comment on a bead."""

    author: str
    text: str
    created_at: str


@attrs.frozen
class BeadPage:
    """A bead with all that is known of it."""

    bead: BeadView
    description: str
    design: str
    acceptance: str
    notes: str
    created_at: str
    updated_at: str
    closed_at: str
    close_reason: str
    depends_on: tuple[RelatedView, ...]
    dependents: tuple[RelatedView, ...]
    comments: tuple[CommentView, ...]
    runs: tuple[RunView, ...]
    """The newest first."""


@attrs.frozen
class PageView:
    """A bead for a person to read: what is called Pages in docs/protocol.md."""

    title: str
    html: str


@attrs.frozen
class GroupView:
    """One group of a project's beads."""

    group: Group
    title: str
    beads: tuple[BeadView, ...]
    count: int = 0
    """Of all its beads that match, also of those that are not given."""


@attrs.frozen
class Failure:
    """An error as data: why a folder has no beads to show."""

    code: str
    message: str
    detail: str = ""


@attrs.frozen
class ProjectView:
    """A workspace folder with its beads."""

    folder: str
    name: str
    tracker: str
    read_only: str
    """Why beads cannot be changed; empty when they can."""
    groups: tuple[GroupView, ...]
    """All groups in their order, empty ones too."""
    troubles: tuple[Trouble, ...] = ()
    error: Failure | None = None


@attrs.frozen
class Choices:
    """What the fields of a project's beads can be: what bd has, then what is in use."""

    statuses: tuple[str, ...]
    types: tuple[str, ...]
    assignees: tuple[str, ...]
    labels: tuple[str, ...]


class RefusalCode(StrEnum):
    """Why something was not begun."""

    BLOCKED = "blocked"
    """Open beads are in its way."""
    TAKEN = "taken"
    """Somebody else is working on it."""
    NOT_OPEN = "not-open"
    """It is deferred, pinned, or in a status of the user's own."""
    CLOSED = "closed"
    ALREADY_ACTIVE = "already-active"
    """A run of it is queued or running."""
    NOT_ONE_BEAD = "not-one-bead"
    """The findings are not all of one bead's branch, so no agent can mend them together."""
    READ_ONLY = "read-only"
    """The tracker can be read but not changed."""
    NOT_RUNNING = "not-running"
    """There is nothing to cancel or to pause."""
    NOT_ASKING = "not-asking"
    """It waits for no answer, or not for this one."""
    NO_CHOICE = "no-choice"
    """The answer is none of the choices, or there are not as many answers as questions."""
    NOT_PAUSED = "not-paused"
    """There is nothing to resume."""
    NOT_ENDED = "not-ended"
    """It has not ended, or completed: there is nothing to try again."""
    RETRIED = "retried"
    """It was tried again already; the newer run is the one to speak to."""
    NO_SESSION = "no-session"
    """Its agent kept no session that could be told anything."""
    NO_AGENT = "no-agent"
    """It is done without an agent: it is not paused, told or tried again, but asked for anew."""
    NOT_QUEUED = "not-queued"
    """It is not in the queue."""
    NOTHING_READY = "nothing-ready"
    """No bead is ready to be worked on."""
    WALK_GOING = "walk-going"
    """A walk through the ready beads of this project is going on already."""
    NO_WALK = "no-walk"
    """There is no walk to stop."""
    NOT_CLOSED = "not-closed"
    """There is nothing to reopen."""
    NO_BRANCH = "no-branch"
    """The bead has no branch, or nothing on it that its base has not."""
    UP_TO_DATE = "up-to-date"
    """The branch has all of its base already, so there is nothing to bring into it."""
    GATES_FAILED = "gates-failed"
    """A gate fails on the head of the branch."""
    OPEN_CHILDREN = "open-children"
    """Beads below it are open."""
    NOT_REVIEWED = "not-reviewed"
    """The head of the branch was not reviewed, and a setting wants that."""
    OPEN_FINDINGS = "open-findings"
    """The newest review found something grave that is still open."""
    NOT_PUBLISHED = "not-published"
    """The remote does not have the head of the branch, and the base neither."""
    NO_REMOTE = "no-remote"
    """There is nowhere to push to."""
    REMOTE_AHEAD = "remote-ahead"
    """The branch went on at the remote."""
    REWRITTEN = "rewritten"
    """The branch was rewritten since it was pushed; only a forced push can follow."""
    REMOTE_REFUSED = "remote-refused"
    """The remote, or a hook, refused the push."""
    NOT_READY = "not-ready"
    """The pull request cannot be merged as it is."""
    BASE_DIVERGED = "base-diverged"
    """The base went different ways here and at the remote."""
    CONFLICT = "conflict"
    """The branch and its base change the same lines."""
    TREE_DIRTY = "tree-dirty"
    """The base is checked out, with changes that are not committed."""
    TREE_IN_USE = "tree-in-use"
    """The base is checked out, so that files of the user's change with it."""


@attrs.frozen
class Obstacle:
    """One thing that stands in the way."""

    code: RefusalCode
    message: str
    output: str = ""
    """The end of what a gate, or the remote, said."""
    file: str = ""
    """Path of the file with all of it."""
    paths: tuple[str, ...] = ()
    """Files of the repository that it is about: conflicts, uncommitted changes."""
    beads: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    """Ids of findings."""


@attrs.frozen
class Refused:
    """Something was not begun, and why; data, not an error."""

    code: RefusalCode
    message: str
    blocked_by: tuple[str, ...] = ()
    """Ids of the open beads in the way: blockers, or children."""
    can_force: bool = False
    """Whether a person may overrule it, all obstacles included."""
    obstacles: tuple[Obstacle, ...] = ()
    """All that stands in the way, where there can be several things; `code` is that of the first."""


@attrs.frozen
class LogPage:
    """A piece of an event log."""

    run: RunView
    events: tuple[Event, ...]
    more: bool
    """Whether the log goes on after the last event given."""


def moment(seconds: float) -> str:
    """Give a time (seconds since the epoch) in RFC 3339, UTC, to the millisecond."""
    when = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def as_json(view: object) -> object:
    """Give `view` in the types of JSON: attrs classes as objects with camelCase names."""
    # A list of 10,000 beads has 200,000 values, most of them plain: those are looked for first.
    if type(view) in _PLAIN:
        return view
    if isinstance(view, list | tuple):
        return [each if type(each) in _PLAIN else as_json(each) for each in view]
    if isinstance(view, str):  # a member of an enumeration
        return str(view)
    if isinstance(view, int | float):
        return view
    if isinstance(view, Event):
        return {"seq": view.seq, "at": moment(view.at), "kind": str(view.kind), **view.data}
    if isinstance(view, Mapping):
        return {str(key): as_json(value) for key, value in view.items()}
    return {
        name: value if type(value) in _PLAIN else as_json(value)
        for name, value in _fields(cast("attrs.AttrsInstance", view))
    }


_PLAIN = frozenset({str, int, float, bool, type(None)})


def _fields(view: attrs.AttrsInstance) -> Iterator[tuple[str, object]]:
    for name, wire_name in _names(type(view)):
        yield wire_name, getattr(view, name)


@functools.cache
def _names(kind: type[attrs.AttrsInstance]) -> tuple[tuple[str, str], ...]:
    """Give the names of a class's fields, each with how it travels."""
    return tuple((field.name, _camel(field.name)) for field in attrs.fields(kind))


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
