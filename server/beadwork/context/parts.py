"""The parts of a prompt: what each says, what it is worth, and how it is cut.

What it leaves out: how much room there is (`budget.py`), and the words around the parts (`prompts/*.md`).
"""

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import Protocol

import attrs

from beadwork.context import tree as trees
from beadwork.context.budget import cut, first_bytes, size
from beadwork.context.fences import one_line, visible
from beadwork.context.interest import Interest
from beadwork.context.model import Change, Knowledge, Landscape, Relative, ToolCommand

_FIELD_WORTH = {"title": 300, "description": 100, "acceptance criteria": 90, "design": 60, "notes": 40}
_ITEM = 4000
"""Bytes of one item of a list, such as a comment."""
_COMMANDS = 60
_FILES_OF_CHANGE = 8
_GUIDES = 12
GUIDE_NAMES = frozenset({"claude.md", "agents.md", "contributing.md", "contributing.rst", "contributing"})


class Section(StrEnum):
    """The places in a template that parts go to, by the names of their placeholders."""

    BEAD = "bead"
    HISTORY = "history"
    FINDINGS = "findings"
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
        """Give as many as there is room for."""
        shown: list[str] = []
        left = room
        for item in self.items:
            needed = size(item) + (len(self.gap) if shown else 0)
            if needed > left:
                break
            shown.append(item)
            left -= needed
        if not shown and self.items:
            shown = [cut(self.items[0], room)]
        elif len(shown) == len(self.items):
            return Fitted(self._joined(shown))
        return Fitted(self._joined(shown), self._words(len(shown)))

    def longest_cut(self) -> str:
        """Give the words with the largest number."""
        return self._words(len(self.items))

    def _joined(self, shown: list[str]) -> str:
        return self.gap.join(reversed(shown) if self.backwards else shown)

    def _words(self, number: int) -> str:
        return f"{number:,} of {len(self.items):,}"


@attrs.frozen
class Forest:
    """The project's tree, which is always pruned to its room; that needs no saying."""

    view: trees.View
    largest: str
    """The tree as it is drawn with all the room that a tree may have."""
    section: Section = Section.PROJECT
    name: str = "tree (folders with the number of files below them; opened where it matters)"
    worth: int = 30

    @classmethod
    def of(cls, landscape: Landscape, interest: Interest) -> "Forest":
        """Draw the tree of `landscape` for somebody with that `interest`."""
        view = trees.View.of(landscape.files, landscape.links, landscape.modules, interest)
        return cls(view, view.drawn(trees.MOST))

    def whole(self) -> int:
        """Give the size of the largest tree that is drawn."""
        return size(self.largest)

    def fit(self, room: int) -> Fitted:
        """Draw it anew where there is less room."""
        return Fitted(self.largest if self.whole() <= room else self.view.drawn(room))

    def longest_cut(self) -> str:
        """Give what is said when it is left out."""
        return ""


def parts_of(knowledge: Knowledge) -> list[Part]:
    """Give all parts that have something to say, in the order in which they stand."""
    parts = [*_bead_parts(knowledge), *_past_parts(knowledge)]
    if knowledge.landscape is not None:
        parts += _project_parts(knowledge.landscape, interest_of(knowledge))
    notes = [*knowledge.notes, *(knowledge.landscape.notes if knowledge.landscape else ())]
    parts.append(_list(Section.NOTES, "the checkout", 40, [f"- {one_line(note)}" for note in notes]))
    return [part for part in parts if part.whole() > 0]


def interest_of(knowledge: Knowledge) -> Interest:
    """Give what the bead speaks of."""
    return Interest.of([*(text for _, text in knowledge.fields), *knowledge.comments, *knowledge.findings])


def _bead_parts(knowledge: Knowledge) -> Iterator[Part]:
    for name, text in knowledge.fields:
        yield Prose(Section.BEAD, name, _FIELD_WORTH.get(name, 40), visible(text).strip())
    comments = [_item(comment) for comment in reversed(knowledge.comments)]
    yield Items(Section.BEAD, "comments", 40, comments, backwards=True, gap="\n\n")
    parents = [relative for relative in knowledge.relatives if relative.relation == "parent"]
    others = [relative for relative in knowledge.relatives if relative.relation != "parent"]
    yield _list(Section.BEAD, "parent beads", 30, map(_relative, parents), gap="\n\n")
    yield _list(
        Section.BEAD, "connected beads, and what they delivered", 30, map(_relative, others), gap="\n\n"
    )


def _past_parts(knowledge: Knowledge) -> Iterator[Part]:
    attempts = [
        _item(f"{attempt.when}: {attempt.state} ({attempt.reason or 'no reason'}). {attempt.summary}")
        for attempt in knowledge.attempts
    ]
    yield _list(Section.HISTORY, "earlier runs on this bead, the newest first", 25, attempts, gap="\n\n")
    findings = [_item(finding) for finding in knowledge.findings]
    yield _list(Section.FINDINGS, "open findings", 60, findings, gap="\n\n")


def _project_parts(landscape: Landscape, interest: Interest) -> Iterator[Part]:
    yield _list(
        Section.PROJECT, "guides to read where they concern you", 20, map(one_line, _guides(landscape))
    )
    if landscape.readme:
        readme = f"{one_line(landscape.readme_path)[:200]}:\n{visible(landscape.readme).strip()}"
        yield Prose(Section.PROJECT, "summary of the README", 15, readme)
    yield Forest.of(landscape, interest)
    yield _list(Section.PROJECT, "recent commits, the newest first", 15, map(_change, landscape.changes))
    yield _list(Section.COMMANDS, "commands", 30, map(_command, _ordered(landscape.commands, interest)))


def _list(section: Section, name: str, worth: int, items: Iterable[str], *, gap: str = "\n") -> Items:
    return Items(section, name, worth, list(items), gap=gap)


def _item(text: str) -> str:
    return cut(visible(text).strip(), _ITEM)


def _relative(relative: Relative) -> str:
    head = f"{relative.relation}: {relative.id} ({relative.status}) {relative.title}"
    if not relative.title:
        head = f"{relative.relation}: {relative.id} (not among the beads here)"
    lines = [one_line(head)]
    if relative.description.strip():
        lines.append(cut(visible(relative.description).strip(), 1500))
    lines += [f"- {cut(visible(text).strip(), 1200)}" for text in relative.delivered if text.strip()]
    return "\n".join(lines)


def _guides(landscape: Landscape) -> list[str]:
    """Give the paths of files that tell agents and contributors how to work here, the outer ones first."""
    found = [path for path in landscape.files if path.rpartition("/")[2].lower() in GUIDE_NAMES]
    return sorted(found, key=lambda path: (path.count("/"), path))[:_GUIDES]


def _change(change: Change) -> str:
    names = list(change.files[:_FILES_OF_CHANGE])
    more = change.file_count - len(names)
    names += [f"and {more:,} more"] if more > 0 else []
    files = f" [{', '.join(names)}]" if names else ""
    return first_bytes(one_line(f"{change.sha[:10]} {change.date} {change.subject}{files}"), 900)


def _ordered(commands: Sequence[ToolCommand], interest: Interest) -> list[ToolCommand]:
    """Give the commands of the root first, then of folders that the bead speaks of, then of the others."""

    def key(command: ToolCommand) -> tuple[bool, int]:
        names = command.folder.lower().split("/")
        spoken_of = any(name in interest.words or name in interest.mentions for name in names)
        return bool(command.folder) and not spoken_of, command.folder.count("/")

    return sorted(commands, key=key)[:_COMMANDS]


def _command(command: ToolCommand) -> str:
    folder = f"in {command.folder}: " if command.folder else ""
    words = f"{command.purpose}: {folder}{command.line}   (from {command.source})"
    return first_bytes(one_line(words), 600)
