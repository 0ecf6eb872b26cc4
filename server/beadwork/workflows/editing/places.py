"""The place in a file that a bead is about, as it stands in the bead's description.

What it leaves out: following the place when the file changes, which only findings do.
"""

import contextlib
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import attrs

from beadwork.workflows.editing.errors import UnfitText

LONGEST_TEXT = 4000
"""Characters of what stands there that are quoted."""
MOST_LINES = 60
_CUT = "(There is more of it.)"


@attrs.frozen
class Place:
    """A place in a file, as somebody points at it."""

    file: Path | None
    """Absolute; None for a text that is in no file."""
    line: int = 0
    """From 1; 0 for the file as a whole."""
    text: str = ""
    """What stands there."""


def described(description: str, place: Place | None, roots: Sequence[Path]) -> str:
    """Give the description of a bead that is about `place`.

    The file is named as seen from the first of `roots` that it is below. Raises UnfitText when it is below
    none.
    """
    if place is None:
        return description
    quoted, cut = _shortened(_plain(place.text))
    parts = [description.rstrip(), _where(place, roots, ":" if quoted else "."), _block(quoted), _CUT * cut]
    return "\n\n".join(part for part in parts if part)


def _where(place: Place, roots: Sequence[Path], end: str) -> str:
    if place.file is None:
        return ""
    name = _relative(place.file, roots)
    return f"In {_code(f'{name}:{place.line}' if place.line else name)}{end}"


def _relative(file: Path, roots: Sequence[Path]) -> str:
    for root in roots:
        for path, above in _ways(file, root):
            if path.is_relative_to(above) and path != above:
                return _printable(path.relative_to(above).as_posix())
    listed = " nor in ".join(map(str, dict.fromkeys(roots)))
    raise UnfitText(
        f"{_printable(str(file))} is not in {listed}: name a file of the project, or leave the place out."
    )


def _ways(file: Path, root: Path) -> Iterator[tuple[Path, Path]]:
    """Give both as they are named, then as they are without links."""
    yield Path(os.path.normpath(file)), root
    # No system has a file with such a name, or links go round.
    with contextlib.suppress(ValueError, RuntimeError, OSError):
        yield file.resolve(), root.resolve()


def _printable(name: str) -> str:
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in name)


def _plain(text: str) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\N{REPLACEMENT CHARACTER}")
    return re.sub(r"\A(?:[ \t]*\n)+", "", lines.encode("utf-8", "replace").decode("utf-8")).rstrip()


def _shortened(text: str) -> tuple[str, bool]:
    lines = text.split("\n")
    short = "\n".join(lines[:MOST_LINES])[:LONGEST_TEXT].rstrip()
    return short, len(short) < len(text)


def _block(text: str) -> str:
    """Give `text` as a block of code that nothing in it ends."""
    if not text:
        return ""
    fence = "`" * max(3, _longest_run(text) + 1)
    return f"{fence}\n{text}\n{fence}"


def _code(text: str) -> str:
    """Give `text` as code within a line."""
    runs = _longest_run(text)
    mark = "`" * (runs + 1)
    return f"{mark} {text} {mark}" if runs else f"`{text}`"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)
