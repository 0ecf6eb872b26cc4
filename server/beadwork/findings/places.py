"""Makes a place of what a reviewer named: a path inside the repository, and lines that are there.

What cannot be found is never guessed: it becomes no place, or the file without a line, and a note says so.
What it leaves out: everything else of a finding (`reading.py`).
"""

import posixpath
import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

import attrs

from beadwork.findings.model import Place
from beadwork.findings.plain import plain

_LINES = re.compile(r"^\s*[Ll]?(-?\d{1,9})(?:\s*(?:-|\u2013|:|,|\.\.)\s*[Ll]?(\d{1,9}))?\s*$")
_PATH_AND_LINES = re.compile(r"^(?P<path>.+?):(?P<lines>\d{1,9}(?:-\d{1,9})?)(?::\d{1,9})?$")
_SHOWN = 80
_DRIVE = re.compile(r"^[A-Za-z]:[/\\]")


@attrs.frozen(slots=False)
class Tree:
    """The files of the reviewed commit."""

    lines: Mapping[str, int]
    """The number of lines of each file, by its path."""
    roots: tuple[Path, ...] = ()
    """Absolute folders that hold those files: the checkout, the user's repository."""
    renamed: Mapping[str, str] = attrs.field(factory=dict)
    """New paths by the old ones, of files that the change renamed."""
    deleted: frozenset[str] = frozenset()
    """Paths that the change deleted."""

    @cached_property
    def by_name(self) -> Mapping[str, tuple[str, ...]]:
        """All paths by their last part."""
        found: dict[str, list[str]] = {}
        for path in self.lines:
            found.setdefault(posixpath.basename(path), []).append(path)
        return {name: tuple(paths) for name, paths in found.items()}


@attrs.frozen
class Located:
    """What became of a named place."""

    place: Place | None
    note: str = ""
    """Why it is not as it was named; empty when it is."""


def locate(tree: Tree, file: object, line: object, end: object) -> Located:
    """Give the place that `file`, `line` and `end` name, of whatever types they are. Never raises."""
    if not isinstance(file, str) or not file.strip():
        return Located(None, "" if file in (None, "") else f"The file is named by {_shown(file)}.")
    named = file.strip().strip("`'\"")
    if line is None and _path_of(tree, named)[0] is None and (both := _PATH_AND_LINES.match(named)):
        named, line = both["path"], both["lines"]
    path, note = _path_of(tree, named)
    if path is None:
        return Located(None, note)
    if path not in tree.lines:
        return Located(Place(path), note)
    first, last, line_note = _lines_of(line, end, tree.lines[path])
    notes = " ".join(filter(None, [note, line_note and f"{path}: {line_note}"]))
    return Located(Place(path, first, last), notes)


def _path_of(tree: Tree, named: str) -> tuple[str | None, str]:
    path = named.replace("\\", "/") if named not in tree.lines else named
    inside = _inside(tree, path)
    if inside is None:
        return None, f"{_shown(named)} is outside of the repository."
    if inside in tree.lines:
        return inside, ""
    if inside in tree.renamed and tree.renamed[inside] in tree.lines:
        return tree.renamed[inside], f"{inside} is now {tree.renamed[inside]}."
    if inside in tree.deleted:
        return inside, f"{inside} is deleted by the change."
    if inside[:2] in {"a/", "b/"} and inside[2:] in tree.lines:
        return inside[2:], ""
    tail = [
        known for known in tree.by_name.get(posixpath.basename(inside), ()) if known.endswith(f"/{inside}")
    ]
    if len(tail) == 1:
        return tail[0], f"{_shown(named)} is taken as {tail[0]}."
    return None, f"There is no file {_shown(named)} in the reviewed commit."


def _inside(tree: Tree, path: str) -> str | None:
    """Give `path` relative to the repository; None when it leads out of it."""
    if path.startswith("/") or _DRIVE.match(path):
        for root in tree.roots:
            if path.startswith(f"{root.as_posix()}/"):
                path = path[len(root.as_posix()) + 1 :]
                break
        else:
            return None
    normal = posixpath.normpath(path)
    return None if normal in {".", ".."} or normal.startswith(("../", "/")) else normal


def _lines_of(line: object, end: object, count: int) -> tuple[int | None, int | None, str]:
    first, last = _numbers(line)
    given_end, _ = _numbers(end)
    if first is None:
        note = (
            "" if line is None else f"the line is named by {_shown(line)}, so the file is meant as a whole."
        )
        return None, None, note
    last = given_end if given_end is not None else last if last is not None else first
    bound = max(1, count)
    kept = min(max(1, first), bound)
    if kept != first:
        return kept, kept, f"line {first} is not there (of {count}), so line {kept} is meant."
    return kept, min(max(kept, last), bound), ""


def _numbers(value: object) -> tuple[int | None, int | None]:
    match value:
        case bool() | None:
            return None, None
        case int():
            return value, None
        case float() if value == int(value) if abs(value) < 2**53 else False:
            return int(value), None
        case str() if found := _LINES.match(value):
            return int(found[1]), int(found[2]) if found[2] else None
        case [first, *rest]:
            return _numbers(first)[0], _numbers(rest[0])[0] if rest else None
        case _:
            return None, None


def _shown(value: object) -> str:
    text = plain(str(value), one_line=True)
    return repr(text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…")
