"""Landscapes kept in files, each named for its commit: drawn once, read many times.

A file appears whole or not at all, so two that write the same one do not harm each other; one that cannot be
understood counts as none. What it leaves out: where the files are.
"""

import json
import os
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from beadwork import __version__
from beadwork.context.model import Change, Landscape, ToolCommand

T = TypeVar("T")

FORMAT = 3
"""Raised whenever the same commit is drawn in another way."""
KEPT = 20
"""Files that stay in a folder, the newest."""
_LARGEST = 256 * 1024 * 1024


def recall(folder: Path, commit: str) -> Landscape | None:
    """Give the landscape of `commit` that `folder` has, if any; a file that is broken or of old is none."""
    path = _path(folder, commit)
    try:
        if path.stat().st_size > _LARGEST:
            return None
        found = json.loads(path.read_bytes())
        if found["format"] != FORMAT or found["version"] != __version__ or found["commit"] != commit:
            return None
        return _landscape(found)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def remember(folder: Path, landscape: Landscape) -> None:
    """Keep `landscape` in `folder`, readable by its user alone, and drop the oldest. Raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=folder, prefix=".", suffix=".part")
    made = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            # ASCII: lone surrogates, which names of files may have, survive as escapes.
            file.write(json.dumps(_plain(landscape)).encode("ascii"))
        made.replace(_path(folder, landscape.commit))
    except BaseException:
        made.unlink(missing_ok=True)
        raise
    _drop_oldest(folder)


def _drop_oldest(folder: Path) -> None:
    def age(path: Path) -> float:
        try:
            return path.stat().st_mtime
        except FileNotFoundError:  # another process dropped it
            return 0.0

    newest_first = sorted((path for path in folder.iterdir() if path.is_file()), key=age, reverse=True)
    for path in newest_first[KEPT:]:
        path.unlink(missing_ok=True)


def _path(folder: Path, commit: str) -> Path:
    if not commit.isalnum():
        raise ValueError(f"{commit!r} is no commit id")
    return folder / f"{commit}.json"


def _plain(land: Landscape) -> dict[str, object]:
    return {
        "format": FORMAT,
        "version": __version__,
        "commit": land.commit,
        # One text is written and read much faster than many; no path has a zero byte.
        "files": "\0".join(land.files),
        "links": sorted(land.links),
        "modules": sorted(land.modules),
        "changes": [
            [each.sha, each.date, each.subject, each.file_count, *each.files] for each in land.changes
        ],
        "readme": land.readme,
        "readme_path": land.readme_path,
        "commands": [
            [each.folder, each.ecosystem, each.purpose, each.line, each.source] for each in land.commands
        ],
        "notes": list(land.notes),
    }


def _landscape(found: dict[str, object]) -> Landscape:
    files = _text(found["files"])
    return Landscape(
        commit=_text(found["commit"]),
        files=tuple(files.split("\0")) if files else (),
        links=frozenset(_texts(found["links"])),
        modules=frozenset(_texts(found["modules"])),
        changes=_each(found["changes"], _change),
        readme=_text(found["readme"]),
        readme_path=_text(found["readme_path"]),
        commands=_each(found["commands"], lambda row: ToolCommand(*_texts(row))),
        notes=tuple(_texts(found["notes"])),
    )


def _change(row: object) -> Change:
    if not isinstance(row, list):
        raise TypeError("a change is a list")
    sha, date, subject, count, *files = row
    if not isinstance(count, int):
        raise TypeError("a number of files is a number")
    return Change(_text(sha), _text(date), _text(subject), tuple(_texts(files)), count)


def _each(rows: object, make: Callable[[object], T]) -> tuple[T, ...]:
    if not isinstance(rows, list):
        raise TypeError("not a list")
    return tuple(map(make, rows))


def _texts(values: object) -> list[str]:
    if not isinstance(values, Iterable) or isinstance(values, str | dict):
        raise TypeError("not a list")
    return [_text(value) for value in values]


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value
