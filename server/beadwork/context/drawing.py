"""Draws the landscape of a commit out of its listing and the few files that are worth reading.

It is done in rounds, since which files are worth it shows only on the way: what was asked for and not there
is given back, and whoever can read it calls again. What it leaves out: reading.
"""

import re
from collections.abc import Mapping

import attrs

from beadwork.context.model import Landscape, ToolCommand
from beadwork.context.readme import summary
from beadwork.context.stack import Part, detect

_README = re.compile(r"readme(\.(md|markdown|rst|txt))?", re.IGNORECASE)
_PREFERRED = (".md", ".markdown", ".rst", ".txt", "")


class _Contents:
    """What is known of files, and what was asked for beyond that."""

    def __init__(self, known: Mapping[str, bytes | None]) -> None:
        self._known = known
        self.missing: set[str] = set()

    def read(self, path: str) -> bytes | None:
        """Give the content of a file; None when it cannot be read, or is not known yet."""
        if path not in self._known:
            self.missing.add(path)
            return None
        return self._known[path]


def draw(listing: Landscape, contents: Mapping[str, bytes | None]) -> tuple[Landscape, frozenset[str]]:
    """Give `listing` with all that `contents` tells, and the paths that should be read for more."""
    known = _Contents(contents)
    notes = list(listing.notes)
    path = _readme_of(listing.files)
    content = known.read(path) if path else None
    if path and content is None and path not in known.missing:
        notes.append(f"{path} is too large to be read here, or a link that leads nowhere.")
    stack = detect(listing.files, known.read)
    notes += [f"Looking for commands: {note}" for note in stack.notes if not known.missing]
    land = attrs.evolve(
        listing,
        readme=summary(path, content) if content else "",
        readme_path=path if content else "",
        commands=tuple(command for part in stack.parts for command in _commands(part)),
        notes=tuple(notes),
    )
    return land, frozenset(known.missing)


def _commands(part: Part) -> list[ToolCommand]:
    return [
        ToolCommand(part.folder, part.ecosystem, each.purpose, each.argv_line, each.source)
        for each in part.commands
    ]


def _readme_of(files: tuple[str, ...]) -> str:
    found = [path for path in files if _README.fullmatch(path)]
    return min(found, key=_rank, default="")


def _rank(path: str) -> tuple[int, str]:
    name = path.lower()
    return next(index for index, ending in enumerate(_PREFERRED) if name.endswith(ending)), path
