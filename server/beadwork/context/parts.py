"""The kinds of parts that a prompt is made of, and how each is cut to its room.

What it leaves out: which parts there are (`bead_parts.py`, `project_parts.py`), and how much room
(`budget.py`).
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Protocol

import attrs

from beadwork.context import tree as trees
from beadwork.context.budget import cut, size

_ITEM = 4000
"""Bytes that one item of a list, such as a comment, keeps when there is not room for all."""


class Section(StrEnum):
    """The places in a template that parts go to, by the names of their placeholders."""

    BEAD = "bead"
    HISTORY = "history"
    FINDINGS = "findings"
    CHANGES = "changes"
    PROJECT = "project"
    COMMANDS = "commands"
    NOTES = "notes"


@attrs.frozen
class Fitted:
    """A part as it fits into its room."""

    text: str
    cut: str = ""
    """What is there of how much, such as `3 of 10 comments`; empty when all is."""


class Part(Protocol):
    """A part of a prompt. Its text is `visible` already."""

    @property
    def section(self) -> Section:
        """Where it goes."""
        ...

    @property
    def name(self) -> str:
        """What a person, and the fence around it, calls it: words of ours."""
        ...

    @property
    def worth(self) -> int:
        """Its share when there is not room for all."""
        ...

    def whole(self) -> int:
        """Give the bytes that all of it takes."""
        ...

    def fit(self, room: int) -> Fitted:
        """Give as much of it as is worth most in at most `room` bytes."""
        ...

    def longest_cut(self) -> str:
        """Give words at least as long as any that `fit` says of what was cut."""
        ...


@attrs.frozen
class Prose:
    """One text; cut in its middle."""

    section: Section
    name: str
    worth: int
    text: str

    def whole(self) -> int:
        """Give its size."""
        return size(self.text)

    def fit(self, room: int) -> Fitted:
        """Give its beginning and end."""
        if size(self.text) <= room:
            return Fitted(self.text)
        shown = cut(self.text, room)
        return Fitted(shown, self._words(len(shown)))

    def longest_cut(self) -> str:
        """Give the words with the largest number."""
        return self._words(len(self.text))

    def _words(self, number: int) -> str:
        return f"{number:,} of {len(self.text):,} characters"


@attrs.frozen
class Items:
    """A list of texts, the most telling first; those at its end go first."""

    section: Section
    name: str
    worth: int
    items: Sequence[str]
    backwards: bool = False
    """Whether the most telling is shown last, as with comments."""
    gap: str = "\n"

    def whole(self) -> int:
        """Give the size of all."""
        return sum(map(size, self.items)) + len(self.gap) * max(0, len(self.items) - 1)

    def fit(self, room: int) -> Fitted:
        """Give as many as there is room for, and the long ones of them shortened."""
        if self.whole() <= room:
            return Fitted(self._joined(self.items))
        shown: list[str] = []
        shortened = 0
        left = room
        for item in self.items:
            short = cut(item, min(_ITEM, room))
            needed = size(short) + (len(self.gap) if shown else 0)
            if needed > left:
                break
            shown.append(short)
            shortened += short != item
            left -= needed
        return Fitted(self._joined(shown), self._words(len(shown), shortened))

    def longest_cut(self) -> str:
        """Give the words with the largest number."""
        return self._words(len(self.items), len(self.items))

    def _joined(self, shown: Sequence[str]) -> str:
        return self.gap.join(reversed(shown) if self.backwards else shown)

    def _words(self, number: int, shortened: int) -> str:
        words = f"{number:,} of {len(self.items):,}"
        return f"{words}, {shortened:,} of them shortened" if shortened else words


@attrs.frozen
class Forest:
    """The project's tree, which is always pruned to its room; that needs no saying."""

    view: trees.View
    largest: str
    """The tree as it is drawn with all the room that a tree may have."""
    section: Section = Section.PROJECT
    name: str = "tree (folders with the number of files below them; opened where it matters)"
    worth: int = 30

    def whole(self) -> int:
        """Give the size of the largest tree that is drawn."""
        return size(self.largest)

    def fit(self, room: int) -> Fitted:
        """Draw it anew where there is less room."""
        return Fitted(self.largest if self.whole() <= room else self.view.drawn(room))

    def longest_cut(self) -> str:
        """Give what is said when it is left out."""
        return ""


def listed(section: Section, name: str, worth: int, items: Iterable[str], *, gap: str = "\n") -> Items:
    """Make a list of `items`, which are `visible` already."""
    return Items(section, name, worth, tuple(items), gap=gap)
