"""The texts that an editor has open, as it changes them: lines that are edited in place, never copied.

All of them are kept, for a review may find something in any. What it leaves out: what is pinned to them
(`findings.py`).
"""

from collections.abc import Iterator, Sequence

import attrs

from beadwork.findings import Edit, Text
from beadwork.lsp.folders import path_of

Change = Edit | str
"""A range with what takes its place, or a whole new text."""


@attrs.define
class Document:
    """A file that is open."""

    uri: str
    """As the editor writes it."""
    path: str
    """As the editor names it; symbolic links are not followed."""
    version: int
    text: Text


class Documents:
    """The files that are open in one editor; what is no file on this machine is left out."""

    def __init__(self) -> None:
        self._open: dict[str, Document] = {}

    def __iter__(self) -> Iterator[Document]:
        """Give each."""
        return iter(tuple(self._open.values()))

    def open(self, uri: str, version: int, text: str) -> Document | None:
        """Take in a file that was opened, or opened again; None where it is none."""
        path = path_of(uri)
        if path is None:
            return None
        self._open[uri] = Document(uri, str(path), version, Text(text))
        return self._open[uri]

    def change(self, uri: str, version: int, changes: Sequence[Change]) -> Document | None:
        """Take in changes, one after the other; None for a file that is not open."""
        document = self._open.get(uri)
        if document is None:
            return None
        for change in changes:
            if isinstance(change, str):
                document.text = Text(change)
            else:
                document.text.apply(change)
        document.version = version
        return document

    def get(self, uri: str) -> Document | None:
        """Give an open file."""
        return self._open.get(uri)

    def close(self, uri: str) -> Document | None:
        """Take in that a file was closed, or that its text is not known any more; give it as it was."""
        return self._open.pop(uri, None)
