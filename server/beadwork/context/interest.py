"""Which files and folders a bead speaks of, found by their names in its text.

What it leaves out: what is in the files.
"""

import itertools
import re
from collections.abc import Iterable, Mapping

import attrs

_PATHS = re.compile(r"[\w.@+/-]+")
_NO_END = "./-+"
"""What may stand before or after a path in a sentence, and is no part of it."""
_WORDS = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_SHORTEST = 3
_MOST_READ = 200_000
"""Characters of all texts together that are read for names."""
_PATH, _NAME, _FOLDER = 60.0, 30.0, 5.0
"""What it is worth that a path, a file's name, a folder's name occurs."""
_LONG_STEM, _STEM = 15.0, 6.0
"""The same for a name without its ending: one made of several words, and one that may be a common word."""
_SEVERAL_WORDS = re.compile(r"\w[_\d-]\w*")


@attrs.frozen
class Interest:
    """What a bead speaks of."""

    mentions: frozenset[str]
    """Words that may be paths or file names, in lower case."""
    words: frozenset[str]
    """What a stem or a folder may be called, in lower case; words in a row also joined."""

    @classmethod
    def of(cls, texts: Iterable[str]) -> "Interest":
        """Read what is spoken of in `texts`."""
        text = "\n".join(texts)[:_MOST_READ]
        found = {mention.lower() for mention in _PATHS.findall(text)}
        mentions = {mention.strip(_NO_END) for mention in found} | {
            mention.rstrip(_NO_END) for mention in found
        }
        row = _WORDS.findall(text)
        words = {word.lower() for word in row}
        words.update(_joined(row))
        for word in set(row):
            pieces = _CAMEL.findall(word)
            if len(pieces) > 1:
                words.update(mark.join(pieces).lower() for mark in ("", "_", "-"))
        return cls(frozenset(mentions), frozenset(word for word in words if len(word) >= _SHORTEST))

    def scores(self, folders: Mapping[str, list[str]]) -> tuple[dict[str, float], dict[str, float]]:
        """Give how much files (by path) and folders (by path) are spoken of; others are absent.

        `folders` has the names of the files of each folder. A name that many files share says little of each.
        """
        counts: dict[str, int] = {}
        found: list[tuple[str, str, float]] = []
        for folder, names in folders.items():
            for name in names:
                lower = name.lower()
                if lower in self.mentions:
                    found.append((f"{folder}/{name}" if folder else name, lower, _NAME))
                elif (stem := lower.partition(".")[0]) in self.words:
                    lower = stem
                    worth = _LONG_STEM if _SEVERAL_WORDS.search(stem) else _STEM
                    found.append((f"{folder}/{name}" if folder else name, lower, worth))
                else:
                    continue
                counts[lower] = counts.get(lower, 0) + 1
        files = {
            path: _PATH if "/" in path and self._has_path(path) else worth / counts[key]
            for path, key, worth in found
        }
        return files, self._folders(folders)

    def _folders(self, folders: Mapping[str, list[str]]) -> dict[str, float]:
        known: set[str] = set()
        for folder in folders:
            at = folder
            while at and at not in known:
                known.add(at)
                at = at.rpartition("/")[0]
        names: dict[str, list[str]] = {}
        for folder in known:
            name = folder.rpartition("/")[2].lower()
            if name in self.words or name in self.mentions:
                names.setdefault(name, []).append(folder)
        return {
            folder: _PATH / 2 if "/" in folder and self._has_path(folder) else _FOLDER / len(same)
            for same in names.values()
            for folder in same
        }

    def _has_path(self, path: str) -> bool:
        """Whether the path, or an end of it with at least one slash, is mentioned."""
        parts = path.lower().split("/")
        return any("/".join(parts[start:]) in self.mentions for start in range(len(parts) - 1))


def _joined(words: Iterable[str]) -> Iterable[str]:
    """Give two words in a row as one name could have them: `tarfile`, `tar_file`, `tar-file`."""
    for one, other in itertools.pairwise(words):
        for mark in ("", "_", "-"):
            yield f"{one}{mark}{other}".lower()
