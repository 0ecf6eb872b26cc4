"""A repository as a list of names and a way to read: folders, and files in their formats, each read once.

What cannot be read becomes a note that names the file, once. What it leaves out: what any file means.
"""

import posixpath
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar
from xml.etree.ElementTree import Element

import attrs

from beadwork.context.stack import formats
from beadwork.context.stack.unreadable import UnreadableError

T = TypeVar("T")

MAX_FILES_READ = 400
MAX_BYTES_READ = 4_000_000
"""Of all files that are not too large by themselves: some seconds, if all of them are hostile."""
MAX_NOTES = 30


class Repository:
    """The names of a repository by folder, and its files as far as they are asked for."""

    def __init__(self, files: Sequence[str], read: Callable[[str], bytes | None]) -> None:
        self._read = read
        self._bytes: dict[str, bytes | None] = {}
        self._values: dict[tuple[str, str], object] = {}
        self._notes: dict[str, None] = {}
        self._unnamed_notes = 0
        self._total = 0
        names: dict[str, set[str]] = defaultdict(set)
        for path in files:
            folder, _, name = path.rpartition("/")
            names[folder].add(name)
        self._names = dict(names)
        self._folders = _with_ancestors(names)

    def folders(self) -> Iterator[tuple[str, set[str]]]:
        """Give the folders that have files, with the names of these."""
        yield from self._names.items()

    def folder(self, path: str) -> "Folder":
        """Give the folder at `path`; one that is not there has no files."""
        return Folder(self, path)

    def names(self, folder: str) -> set[str]:
        """Give the names of the files right in `folder`."""
        return self._names.get(folder, set())

    def has_folder(self, path: str) -> bool:
        """Tell whether any file lies under `path`."""
        return path in self._folders

    def has_file(self, path: str) -> bool:
        """Tell whether the repository lists the file."""
        folder, _, name = path.rpartition("/")
        return name in self.names(folder)

    def note(self, sentence: str) -> None:
        """Remember a sentence for people, once; of very many, the first ones."""
        shown = "".join(character if character.isprintable() else "?" for character in sentence)
        if shown in self._notes:
            return
        if len(self._notes) < MAX_NOTES:
            self._notes[shown] = None
        else:
            self._unnamed_notes += 1

    @property
    def notes(self) -> tuple[str, ...]:
        """Give the sentences, in the order in which they came up."""
        more = (f"{self._unnamed_notes} more files could not be read.",) if self._unnamed_notes else ()
        return (*self._notes, *more)

    def value(self, path: str, format_name: str, parse: Callable[[bytes], T]) -> T | None:
        """Give the file's content as `parse` gives it; None, with a note, when that fails."""
        key = (path, format_name)
        if key not in self._values:
            self._values[key] = self._parsed(path, parse)
        return self._values[key]  # type: ignore[return-value]  # stored under its format's name

    def _parsed(self, path: str, parse: Callable[[bytes], T]) -> T | None:
        if not self.has_file(path):
            return None
        data = self._data(path)
        if data is None:
            return None
        try:
            return parse(data)
        except UnreadableError as error:
            self.note(f"{path} {error}.")
            return None

    def _data(self, path: str) -> bytes | None:
        if path in self._bytes:
            return self._bytes[path]
        if len(self._bytes) >= MAX_FILES_READ or self._total > MAX_BYTES_READ:
            self.note(f"Only {len(self._bytes)} files were read to find the project's commands.")
            return None
        self._bytes[path] = data = self._read(path)
        if data is None:
            self.note(f"{path} could not be read.")
        elif len(data) <= formats.MAX_BYTES:
            self._total += len(data)
        return data


def _with_ancestors(folders: dict[str, set[str]]) -> set[str]:
    known: set[str] = {""}
    for folder in folders:
        path = folder
        while path not in known:
            known.add(path)
            path = path.rpartition("/")[0]
    return known


@attrs.frozen
class Folder:
    """One folder of a repository, with its files by name; a name may have folders in it."""

    repository: Repository
    path: str

    def place(self, name: str) -> str:
        """Give the path of `name` in the repository."""
        return f"{self.path}/{name}" if self.path else name

    @property
    def title(self) -> str:
        """The folder's own name; empty for the root."""
        return posixpath.basename(self.path)

    @property
    def names(self) -> set[str]:
        """The names of the files right in it."""
        return self.repository.names(self.path)

    def first(self, *names: str) -> str | None:
        """Give the first of the names that is a file here."""
        return next((name for name in names if self.repository.has_file(self.place(name))), None)

    def has(self, name: str) -> bool:
        """Tell whether `name` is a file here."""
        return self.repository.has_file(self.place(name))

    def has_folder(self, name: str) -> bool:
        """Tell whether there are files under the folder `name`."""
        return self.repository.has_folder(self.place(name))

    def ending(self, *suffixes: str) -> list[str]:
        """Give the names right in it that end so, sorted."""
        return sorted(name for name in self.names if name.endswith(suffixes))

    def text(self, name: str) -> str:
        """Give the file's text; empty when there is none."""
        return self.repository.value(self.place(name), "text", formats.text) or ""

    def toml(self, name: str) -> object:
        """Give the file's value as TOML; None when there is none."""
        return self.repository.value(self.place(name), "toml", formats.toml)

    def yaml(self, name: str) -> object:
        """Give the file's value as YAML; None when there is none."""
        return self.repository.value(self.place(name), "yaml", formats.yaml)

    def json(self, name: str) -> object:
        """Give the file's value as JSON; None when there is none."""
        return self.repository.value(self.place(name), "json", formats.json_strict)

    def json_lenient(self, name: str) -> object:
        """Give the file's value as JSON with comments; None when there is none."""
        return self.repository.value(self.place(name), "json5", formats.json_lenient)

    def ini(self, name: str) -> object:
        """Give the file's sections as INI; None when there is none."""
        return self.repository.value(self.place(name), "ini", formats.ini)

    def xml(self, name: str) -> Element | None:
        """Give the file's root as XML; None when there is none."""
        return self.repository.value(self.place(name), "xml", formats.xml)
