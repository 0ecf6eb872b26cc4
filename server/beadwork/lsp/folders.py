"""The workspace folders of one editor window, as they come and go.

What it leaves out: whether a folder holds beads. That is asked each time, for it changes while we look.
"""

import logging
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote, urlsplit

from beadwork.lsp.errors import FolderUnclear, InvalidArguments

logger = logging.getLogger(__name__)


def path_of(text: str) -> Path | None:
    """Give the absolute path that a `file:` URI or a path names; None for what is neither."""
    if text.startswith("/"):
        return Path(text)
    parts = urlsplit(text)
    if parts.scheme != "file" or parts.netloc not in {"", "localhost"}:
        return None
    path = Path(unquote(parts.path, errors="surrogateescape"))
    return path if path.is_absolute() else None


class Folders:
    """The folders of a window, in the editor's order."""

    def __init__(self, uris: Iterable[str]) -> None:
        self._paths: dict[str, Path] = {}
        self.change(added=uris, removed=())

    @property
    def paths(self) -> tuple[Path, ...]:
        """Give every folder once."""
        return tuple(dict.fromkeys(self._paths.values()))

    def change(self, added: Iterable[str], removed: Iterable[str]) -> None:
        """Take in what the editor says of its folders; what is no folder on this machine is left out."""
        for uri in removed:
            self._paths.pop(uri.rstrip("/"), None)
        for uri in added:
            path = path_of(uri)
            if path is None:
                logger.warning("The workspace folder %s is not on this machine and is left out.", uri)
                continue
            self._paths[uri.rstrip("/")] = path

    def named(self, text: str) -> Path:
        """Give the folder that a command means: the one it names, else the only one that is open.

        Raises FolderUnclear, and InvalidArguments for what is no absolute path.
        """
        if text:
            path = path_of(text)
            if path is None:
                raise InvalidArguments(f"`folder` is {text!r}, but must be an absolute path or a file: URI.")
            return path
        match self.paths:
            case (only,):
                return only
            case ():
                raise FolderUnclear("No folder is open: name one in `folder`.")
            case several:
                listed = ", ".join(map(str, several))
                raise FolderUnclear(f"Several folders are open ({listed}): name one of them in `folder`.")
