"""The argument of each command, as an attrs class, and reading one from what an editor sends.

An editor sends anything: nothing is coerced, and what is wrong is said in one sentence.
What it leaves out: what a command does (`table.py`).
"""

import datetime
import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar, cast

import attrs

from beadwork.lsp.errors import InvalidArguments

T = TypeVar("T")

_OPTIONAL: Mapping[object, type] = {bool | None: bool, str | None: str, int | None: int}
"""Types whose None says that nothing was given."""


@attrs.frozen
class ListBeads:
    """List the beads of the workspace, in their groups."""

    folder: str = ""
    search: str = ""
    only: tuple[str, ...] = ()
    limit: int = attrs.field(default=0, metadata={"least": 0})


@attrs.frozen
class ShowBead:
    """Show one bead with all that is known of it."""

    id: str
    folder: str = ""


@attrs.frozen
class WorkOnBead:
    """Let an agent work on a bead."""

    id: str
    folder: str = ""
    force: bool = False
    with_changes: bool = False
    agent: str = ""
    runner: str = ""
    script: str = ""
    wall_clock: int = attrs.field(default=0, metadata={"least": 0})


@attrs.frozen
class CancelRun:
    """End a run."""

    run: str


@attrs.frozen
class AnswerRun:
    """Answer what an agent asks."""

    run: str
    texts: tuple[str, ...]
    ask: str = ""


@attrs.frozen
class TellRun:
    """Tell an agent something."""

    run: str
    text: str


@attrs.frozen
class PauseRun:
    """Pause a run."""

    run: str


@attrs.frozen
class ResumeRun:
    """Go on with a paused run."""

    run: str


@attrs.frozen
class RetryRun:
    """Try a run again."""

    run: str
    force: bool = False


@attrs.frozen
class ShowQueue:
    """Show what runs and what waits."""


@attrs.frozen
class MoveFirst:
    """Move a run to the front of the queue."""

    run: str


@attrs.frozen
class WorkAllReady:
    """Let agents work on all that is ready."""

    folder: str = ""
    limit: int = attrs.field(default=0, metadata={"least": 0})
    agent: str = ""
    runner: str = ""
    script: str = ""
    wall_clock: int = attrs.field(default=0, metadata={"least": 0})


@attrs.frozen
class StopWalk:
    """Queue no further ready beads."""

    folder: str = ""


@attrs.frozen
class ShowCosts:
    """Show what agents cost."""

    folder: str = ""
    days: int = attrs.field(default=30, metadata={"least": 1, "most": 3660})


@attrs.frozen
class ListRuns:
    """List runs, the newest first."""

    folder: str = ""
    bead: str = ""
    limit: int = attrs.field(default=50, metadata={"least": 1, "most": 1000})
    states: tuple[str, ...] = ()
    since: str = ""
    text: str = ""


@attrs.frozen
class ReadLog:
    """Read a piece of a run's log."""

    run: str
    after: int = attrs.field(default=0, metadata={"least": 0})
    limit: int = attrs.field(default=1000, metadata={"least": 1, "most": 1000})


@attrs.frozen
class FollowOutput:
    """Follow the output of a run."""

    run: str
    after: int = attrs.field(default=0, metadata={"least": 0})
    last: int = attrs.field(default=0, metadata={"least": 0})
    follow: bool = True
    text: bool = False


@attrs.frozen
class ExportLog:
    """Give the log of a run as a page that stands by itself."""

    run: str


def wire_name(name: str) -> str:
    """Give the name of a field as it travels: `with_changes` is `withChanges`."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def read(command: str, kind: type[T], arguments: Sequence[object] | None) -> T:
    """Read the one argument of `command`. Raises InvalidArguments.

    No argument, and null, are an object without fields; a field that is null is a field left out.
    """
    given = _the_object(command, arguments)
    fields = {wire_name(field.name): field for field in attrs.fields(cast("type[attrs.AttrsInstance]", kind))}
    values: dict[str, Any] = {}
    for key, value in given.items():
        if key not in fields:
            near = difflib.get_close_matches(str(key), fields, n=1)
            hint = f"; did you mean `{near[0]}`?" if near else f": it takes {_listed(fields)}."
            raise InvalidArguments(f"`{command}` takes no `{key}`{hint}")
        if value is not None:
            values[fields[key].name] = _checked(command, key, fields[key], value)
    for key, field in fields.items():
        if field.default is attrs.NOTHING and not values.get(field.name):
            kind_of = "a string" if field.type is str else "a list of strings"
            raise InvalidArguments(f"`{command}` needs `{key}`, {kind_of} that is not empty.")
    return kind(**values)


def instant(command: str, key: str, text: str) -> float:
    """Give the time that `text` names (RFC 3339) in seconds since the epoch. Raises InvalidArguments."""
    try:
        found = datetime.datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        words = f"`{key}` of `{command}` is {text!r}, but must be a time such as `2026-01-31T09:00:00Z`."
        raise InvalidArguments(words)
    return found.timestamp()


def _the_object(command: str, arguments: Sequence[object] | None) -> Mapping[str, object]:
    if not arguments:
        return {}
    if len(arguments) > 1:
        raise InvalidArguments(f"`{command}` takes one object, but was given {len(arguments)} arguments.")
    match arguments[0]:
        case None:
            return {}
        case dict() as given:
            return given
        case other:
            raise InvalidArguments(f"`{command}` takes one object, but was given {_kind(other)}.")


def _checked(command: str, key: str, field: "attrs.Attribute[Any]", value: object) -> object:
    if field.type == tuple[str, ...]:
        return _strings(command, key, value)
    kind = _OPTIONAL.get(field.type, field.type)
    wanted = {str: "a string", bool: "true or false", int: "a whole number"}[kind or str]
    if type(value) is not kind:
        raise InvalidArguments(f"`{key}` of `{command}` must be {wanted}, but is {_kind(value)}.")
    among = field.metadata.get("among")
    if among and value and value not in among:
        raise InvalidArguments(f"`{key}` of `{command}` is {value!r}, but must be one of {_listed(among)}.")
    least, most = field.metadata.get("least"), field.metadata.get("most")
    if isinstance(value, int) and least is not None and value < least:
        raise InvalidArguments(f"`{key}` of `{command}` must be {least} or more, but is {value}.")
    if isinstance(value, int) and most is not None and value > most:
        raise InvalidArguments(f"`{key}` of `{command}` must be {most} or less, but is {value}.")
    return value


def _strings(command: str, key: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise InvalidArguments(f"`{key}` of `{command}` must be a list of strings, but is {_kind(value)}.")
    texts = tuple(item for item in value if isinstance(item, str))
    if len(texts) != len(value):
        raise InvalidArguments(f"`{key}` of `{command}` must be a list of strings; not all in it are.")
    return texts


def _kind(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case dict():
            return "an object"
        case list() | tuple():
            return "a list"
        case _:
            return "something else"


def _listed(fields: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in fields)
