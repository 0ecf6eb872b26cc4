"""The project's tree as an agent is shown it: folders with their weight, opened where the bead speaks of it.

A folder that is not opened is one line with the number of files below it. What it leaves out: which words
make a folder interesting (`interest.py`).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import attrs

from beadwork.context.budget import cut, size
from beadwork.context.fences import one_line
from beadwork.context.interest import Interest

MOST = 6000
"""Bytes that a tree takes at most: beyond that an agent looks itself."""
_NAMES = 24
"""File names that are shown of one folder."""
_FOLDERS = 40
"""Folders that are shown of one folder."""
_NAME_LENGTH = 120
_DEEPEST = 2
"""Levels that are opened without being spoken of."""
_TRIES = 400
_MOST_SPOKEN_OF = 16
_HARDLY = 0.15
_FOR_HEAVY = 0.5
"""The share of the room that folders may fill which nobody speaks of."""
_NAMED = 6.5
_MOST_NAMED = 20
_DULL = frozenset(
    (
        "node_modules",
        "vendor",
        "third_party",
        "thirdparty",
        "external",
        "deps",
        "dist",
        "build",
        "target",
        "out",
        "coverage",
        "fixtures",
        "testdata",
        "test-data",
        "__snapshots__",
        "snapshots",
        "locale",
        "locales",
        "i18n",
        "translations",
        "assets",
        "images",
        "img",
        "icons",
        "fonts",
        "static",
        "public",
        "migrations",
        "generated",
        "gen",
        "cassettes",
        "golden",
    )
)
"""Folders that are opened only when the bead speaks of them."""


@attrs.frozen
class Tree:
    """A listing of files as folders."""

    names: dict[str, list[str]]
    """Names of files by their folder; the root is empty."""
    folders: dict[str, list[str]]
    """Paths of folders by the folder they are in."""
    counts: dict[str, int]
    """Files below each folder."""

    @classmethod
    def of(cls, files: Iterable[str]) -> "Tree":
        """Make the tree of `files`."""
        names: dict[str, list[str]] = {"": []}
        for path in files:
            folder, _, name = path.rpartition("/")
            if folder in names:
                names[folder].append(name)
            else:
                names[folder] = [name]
        folders: dict[str, list[str]] = {}
        counts = dict.fromkeys(names, 0)
        for folder, own in names.items():
            at = folder
            counts[at] += len(own)
            while at:
                above = at.rpartition("/")[0]
                counts[above] = counts.get(above, 0) + len(own)
                at = above
        for folder in counts:
            if folder:
                folders.setdefault(folder.rpartition("/")[0], []).append(folder)
        return cls(names, folders, counts)

    def end_of(self, folder: str) -> str:
        """Give the folder itself, or where a chain of folders with nothing else in them leads."""
        while not self.names.get(folder) and len(self.folders.get(folder, ())) == 1:
            folder = self.folders[folder][0]
        return folder


@attrs.define
class _Drawing:
    """A tree while it is opened, folder by folder, as far as there is room."""

    tree: Tree
    marks: dict[str, str]
    """What is written behind the names of links and submodules, by path."""
    files: dict[str, float]
    """How much files are spoken of."""
    room: int
    opened: dict[str, list[str]] = attrs.field(factory=dict)
    """The folders (ends of chains) whose content is shown, with the lines for the files in them."""
    used: int = 0

    def open(self, folder: str) -> None:
        """Open a folder and those above it, if all of that fits."""
        way = [folder]
        while way[-1]:
            way.append(way[-1].rpartition("/")[0])
        ends = dict.fromkeys(map(self.tree.end_of, way))
        new = [each for each in ends if each not in self.opened]
        lines = {each: self._file_lines(each) for each in new}
        cost = sum(self._cost(each, lines[each]) for each in new)
        if self.used + cost <= self.room:
            self.opened |= lines
            self.used += cost

    def _cost(self, folder: str, file_lines: Sequence[str]) -> int:
        indent = 2 * (folder.count("/") + 2 if folder else 1)
        shown, rest = self._shown_folders(folder)
        lines = [*(self._folder_line(folder, each) for each in shown), *rest, *file_lines]
        return sum(size(line) + indent + 1 for line in lines)

    def _shown_folders(self, folder: str) -> tuple[list[str], list[str]]:
        inner = self.tree.folders.get(folder, [])
        if len(inner) <= _FOLDERS:
            return sorted(inner), []
        heavy = sorted(
            inner, key=lambda each: (self.tree.end_of(each) not in self.opened, -self.tree.counts[each])
        )
        return sorted(heavy[:_FOLDERS]), [f"… and {len(inner) - _FOLDERS:,} more folders"]

    def _folder_line(self, above: str, folder: str) -> str:
        end = self.tree.end_of(folder)
        name = _short(end.removeprefix(f"{above}/") if above else end)
        count = self.tree.counts[end]
        return f"{name}/ ({count:,} file{'' if count == 1 else 's'})"

    def _file_lines(self, folder: str) -> list[str]:
        names = self.tree.names.get(folder, [])
        if not names:
            return []
        prefix = f"{folder}/" if folder else ""
        if len(names) > _NAMES:
            first = sorted(names, key=lambda name: -self.files.get(prefix + name, 0.0))[:_NAMES]
            rest = Counter(_ending(name) for name in set(names).difference(first))
            kinds = ", ".join(f"{count:,} {ending}" for ending, count in rest.most_common(4))
            more = [f"and {len(names) - len(first):,} more ({kinds})"]
            names = sorted(first)
        else:
            more = []
        return [", ".join([*(_short(name) + self.marks.get(prefix + name, "") for name in names), *more])]

    def lines(self, folder: str = "", depth: int = 0) -> Iterator[str]:
        """Give the lines below `folder`, the end of a chain."""
        indent = "  " * depth
        shown, rest = self._shown_folders(folder)
        for each in shown:
            yield indent + self._folder_line(folder, each)
            end = self.tree.end_of(each)
            if end in self.opened:
                yield from self.lines(end, depth + 1)
        yield from (indent + line for line in rest)
        yield from (indent + line for line in self.opened.get(folder, []))


@attrs.frozen
class View:
    """A tree with somebody's eyes: it can be drawn in any size."""

    tree: Tree
    marks: dict[str, str]
    files: dict[str, float]
    spoken_of: tuple[str, ...]
    """The folders that are spoken of, or hold what is, the most interesting first."""
    heavy: tuple[str, ...]
    """Folders near the root, to be opened as far as there is room left."""

    @classmethod
    def of(
        cls, files: Iterable[str], links: Iterable[str], modules: Iterable[str], interest: Interest
    ) -> "View":
        """Look at `files`; of these some are links or submodules."""
        tree = Tree.of(files)
        marks = dict.fromkeys(links, " (link)") | dict.fromkeys(modules, " (submodule)")
        scores, folders = interest.scores(tree.names)
        return cls(tree, marks, scores, _by_interest(scores, folders), _by_weight(tree))

    def named(self) -> list[str]:
        """Give the files that are spoken of by name, unless many have that name; the surest first."""
        found = [path for path, score in self.files.items() if score >= _NAMED]
        return sorted(found, key=lambda path: (-self.files[path], path))[:_MOST_NAMED]

    def drawn(self, room: int) -> str:
        """Draw it in at most `room` bytes; names are in one line and `visible`."""
        drawing = _Drawing(self.tree, self.marks, self.files, min(room, MOST))
        for folder in ("", *self.spoken_of):
            drawing.open(self.tree.end_of(folder))
        drawing.room = min(drawing.room, max(drawing.used, int(_FOR_HEAVY * MOST)))
        for folder in self.heavy:
            drawing.open(self.tree.end_of(folder))
        return cut("\n".join(drawing.lines()), room)


def _by_interest(files: dict[str, float], folders: dict[str, float]) -> tuple[str, ...]:
    """Give folders by how much they are spoken of; what is hardly, beside the first of them, is left out."""
    scores = dict(folders)
    for path, score in files.items():
        folder = path.rpartition("/")[0]
        scores[folder] = max(scores.get(folder, 0.0), score) + score / 10
    least = _HARDLY * max(scores.values(), default=0.0)
    found = [folder for folder, score in scores.items() if score >= least]
    return tuple(sorted(found, key=lambda folder: (-scores[folder], folder))[:_MOST_SPOKEN_OF])


def _by_weight(tree: Tree) -> tuple[str, ...]:
    """Give folders near the root, the heavy ones of each level first."""
    near = [
        folder
        for folder in tree.counts
        if folder and folder.count("/") < _DEEPEST and not any(map(_is_dull, folder.split("/")))
    ]
    near.sort(key=lambda folder: (folder.count("/"), -tree.counts[folder], folder))
    return tuple(near[:_TRIES])


def _is_dull(name: str) -> bool:
    return name.lower() in _DULL or (name.startswith(".") and name != ".github")


def _ending(name: str) -> str:
    _, dot, ending = name.rpartition(".")
    return one_line(f".{ending}")[:12] if dot else "without ending"


def _short(name: str) -> str:
    name = one_line(name)
    return name if len(name) <= _NAME_LENGTH else f"{name[: _NAME_LENGTH - 1]}…"
