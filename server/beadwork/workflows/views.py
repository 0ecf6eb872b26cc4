"""What a person or an editor is shown: the answers of every command, as data.

The command line prints them (`--json` as they are here) and the language server sends them; docs/protocol.md
describes them. Names travel in camelCase, times as RFC 3339 in UTC.
"""

import datetime
from collections.abc import Mapping
from enum import StrEnum
from typing import cast

import attrs

from beadwork.beads import Group, Trouble
from beadwork.executions import Event, Execution


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
    cancellable: bool

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
            cancellable=run.active and run.intent is None,
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
class GroupView:
    """One group of a project's beads."""

    group: Group
    title: str
    beads: tuple[BeadView, ...]


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
    READ_ONLY = "read-only"
    """The tracker can be read but not changed."""
    NOT_RUNNING = "not-running"
    """There is nothing to cancel."""


@attrs.frozen
class Refused:
    """Something was not begun, and why; data, not an error."""

    code: RefusalCode
    message: str
    blocked_by: tuple[str, ...] = ()
    can_force: bool = False


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
    if view is None or isinstance(view, bool | int | float):
        return view
    if isinstance(view, str):
        return str(view)
    if isinstance(view, Event):
        return {"seq": view.seq, "at": moment(view.at), "kind": str(view.kind), **view.data}
    if isinstance(view, Mapping):
        return {str(key): as_json(value) for key, value in view.items()}
    if isinstance(view, list | tuple):
        return [as_json(item) for item in view]
    fields = attrs.asdict(cast("attrs.AttrsInstance", view), recurse=False)
    return {_camel(name): as_json(value) for name, value in fields.items()}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
