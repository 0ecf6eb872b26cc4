"""The text of an open file as an editor changes it: lines that incremental changes are applied to in place.

Positions are the protocol's (LSP 3.17, Position): lines from 0, characters in UTF-16 code units; a line ends
with `\\n`, `\\r\\n` or `\\r`. What it leaves out: what is pinned to the lines (`pins.py`).
"""

import re
from collections.abc import Sequence

import attrs

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+\Z")


@attrs.frozen
class Edit:
    """One incremental change: a range of the text before it, and what takes its place."""

    start: tuple[int, int]
    """Line and character."""
    end: tuple[int, int]
    text: str


@attrs.frozen
class Replaced:
    """What an edit did to whole lines: `removed` lines from line `at` became `added` ones."""

    at: int
    """From 0."""
    removed: int
    added: int


def lines_of(text: str) -> list[str]:
    """Give the lines with their ends; a last line without an end counts, an empty one does not."""
    return _LINE.findall(text)


class Text:
    """A text that changes."""

    def __init__(self, text: str) -> None:
        self.lines: list[str] = lines_of(text)
        """With their ends."""

    @property
    def whole(self) -> str:
        """All of it."""
        return "".join(self.lines)

    def apply(self, edit: Edit) -> Replaced:
        """Apply a change; positions outside of the text mean its nearest end, as the protocol has it."""
        first, head = self._split(edit.start)
        last, tail = self._split(max(edit.end, edit.start))
        before = self.lines[first][:head] if first < len(self.lines) else ""
        after = self.lines[last][tail:] if last < len(self.lines) else ""
        stop = min(last + 1, len(self.lines))
        new = before + edit.text + after
        # An edit can put the two halves of one line's end together.
        if first > 0 and new.startswith("\n") and self.lines[first - 1].endswith("\r"):
            first -= 1
            new = self.lines[first] + new
        if stop < len(self.lines) and new.endswith("\r") and self.lines[stop].startswith("\n"):
            new += self.lines[stop]
            stop += 1
        fresh = lines_of(new)
        replaced = _narrowed(first, self.lines[first:stop], fresh)
        self.lines[first:stop] = fresh
        return replaced

    def _split(self, position: tuple[int, int]) -> tuple[int, int]:
        """Give the line and the index into it, in code points, that a position means."""
        line, character = max(0, position[0]), max(0, position[1])
        if line >= len(self.lines):
            open_end = bool(self.lines) and not self.lines[-1].endswith(("\r", "\n"))
            return (len(self.lines) - 1, len(self.lines[-1])) if open_end else (len(self.lines), 0)
        text = self.lines[line].rstrip("\r\n")
        return line, index_of(text, character)


def _narrowed(at: int, old: Sequence[str], new: Sequence[str]) -> Replaced:
    """Give what changed without the lines that stayed as they were at its end and its beginning."""
    least = min(len(old), len(new))
    tail = next((n for n in range(least) if old[-1 - n] != new[-1 - n]), least)
    head = next((n for n in range(least - tail) if old[n] != new[n]), least - tail)
    return Replaced(at + head, len(old) - head - tail, len(new) - head - tail)


def index_of(line: str, character: int) -> int:
    """Give the index into `line`, in code points, of a character in UTF-16 code units; at most its end."""
    if line.isascii():
        return min(character, len(line))
    units = 0
    for index, each in enumerate(line):
        if units >= character:
            return index
        units += 2 if ord(each) > 0xFFFF else 1  # noqa: PLR2004  (outside of the basic plane)
    return len(line)


def units_of(line: str) -> int:
    """Give the length of `line`, without its end, in UTF-16 code units."""
    text = line.rstrip("\r\n")
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def range_text(lines: Sequence[str], first: int, last: int) -> str:
    """Give the text of lines `first` to `last` (from 0, both included) without any white space."""
    return "".join("".join(lines[first : last + 1]).split())
