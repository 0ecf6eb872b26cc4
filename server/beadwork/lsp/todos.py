"""Beads from what a comment says is to do: a line is looked at when an editor asks what can be done there.

Nothing is looked for while a person types. A line does not tell whether it is in a string, or in a comment
that began above it; so this offers something in few wrong places, and misses some right ones. Pure.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import PurePath

import attrs

from beadwork.lsp.code_actions import REFACTOR, Action

LONGEST_TITLE = 80
_LONGEST_LINE = 2000
"""Characters of a line that are looked at; longer ones are nobody's writing."""
_LINES = 500
"""Lines of a selection that are looked at."""
_OFFERED = 5

_MARK = re.compile(r"(?<!\w)(TODO|FIXME|HACK|XXX)(?!\w)")
_COMMENT = re.compile(r"#|//|/\*|--|;|%|^\s*\*")  # `<!--` has the one with two dashes in it
_OWNER = re.compile(r"\s*(?:\([^()]*\)|\[[^\[\]]*\])")
_END = re.compile(r"\s*(?:\*/|-->|#}|%}|\*\))\s*$")
_ID = re.compile(r"[A-Za-z][\w-]*-[A-Za-z0-9]+(?:\.[0-9]+)*")
_MARKDOWN = frozenset({".md", ".markdown", ".mdx"})

IsBead = Callable[[str], bool]
"""Whether a project has a bead with that id."""


@attrs.frozen
class Todo:
    """What is to do, as a line says it."""

    line: int
    """From 0."""
    mark: str
    """`TODO`, or a word that means the same."""
    title: str
    text: str
    """All of the line."""


def todos_in(path: str, lines: Sequence[str], first: int, last: int, is_bead: IsBead) -> Iterator[Todo]:
    """Give what is to do on the lines `first` to `last` (from 0) of a file, if no bead stands for it."""
    anywhere = PurePath(path).suffix.lower() in _MARKDOWN
    for number, line in enumerate(lines[first : min(last, first + _LINES) + 1], first):
        mark = _mark_in(line[:_LONGEST_LINE], anywhere=anywhere)
        if mark is None:
            continue
        rest = _END.sub("", mark.string[mark.end() :].rstrip("\r\n"))
        if any(is_bead(found[0]) for found in _ID.finditer(rest)):
            continue
        title = _title(rest) or f"{mark[1]} in {PurePath(path).name}"
        yield Todo(number, mark[1], title, mark.string.strip())


def todo_actions(project: str, path: str, todos: Iterator[Todo]) -> Iterator[Action]:
    """Give what makes beads of them, of a few at most."""
    found = list(islice(todos, _OFFERED))
    for todo in found:
        about = f": {todo.title}" if len(found) > 1 else ""
        yield Action(
            f"Create a bead from this {todo.mark}{about}",
            REFACTOR,
            "beadwork.create",
            {"folder": project, "title": todo.title, "file": path, "line": todo.line + 1, "text": todo.text},
        )


def _mark_in(line: str, *, anywhere: bool) -> re.Match[str] | None:
    begin = 0
    if not anywhere:
        comment = _COMMENT.search(line)
        if comment is None:
            return None
        begin = comment.end()
    return _MARK.search(line, begin)


def _title(rest: str) -> str:
    owner = _OWNER.match(rest)
    words = " ".join(rest[owner.end() if owner else 0 :].split()).lstrip(":-–— ").strip()  # noqa: RUF001  (dashes)
    if len(words) > LONGEST_TITLE:
        words = f"{words[: LONGEST_TITLE - 1].rsplit(' ', 1)[0]}…"
    return words[:1].upper() + words[1:]
