"""Keeps findings on their lines while a file is edited, and finds them again when it was changed unseen.

A pin is on lines whose text, white space aside, is the one it was made for, or it is stale: it never points
at something else. What it leaves out: what is shown of it (`lsp/`), and how text changes (`text.py`).
"""

import hashlib
from collections.abc import Iterable, Sequence

import attrs

from beadwork.findings.text import Replaced, range_text

_CONTEXT = 3
"""Lines around a pin that tell equal lines apart."""


@attrs.frozen
class Anchor:
    """What a pin is known by, whatever happens to its file; kept with the finding."""

    path: str
    line: int
    """1-based line of the reviewed text."""
    length: int
    """How many lines, at least 1."""
    text: str
    """Hash of the text of the lines without white space."""
    around: tuple[str, ...]
    """Hashes of the lines before and after, the nearest first: before, after, before, after …"""


@attrs.frozen
class Pin:
    """Where a finding is now in one text."""

    key: str
    """The finding's."""
    anchor: Anchor
    at: int
    """0-based first line; of a stale pin where its text was last."""
    stale: bool = False

    @property
    def last(self) -> int:
        """0-based last line."""
        return self.at + self.anchor.length - 1


def anchor_in(lines: Sequence[str], path: str, line: int, end: int) -> Anchor | None:
    """Make the anchor of lines `line` to `end` (1-based) of a text; None where they hold nothing."""
    first, last = line - 1, end - 1
    if not 0 <= first <= last < len(lines) or not range_text(lines, first, last):
        return None
    return Anchor(path, line, last - first + 1, _hash(lines, first, last), _around(lines, first, last))


def place(key: str, anchor: Anchor, lines: Sequence[str], *, near: int | None = None) -> Pin:
    """Find the lines of `anchor` in a text that nobody was seen to change.

    Where it was (`near`, 0-based; else its own line) comes first, then the one place with the same text; of
    several the one whose surroundings fit best. Where two fit alike, or none is there, it is stale.
    """
    at = anchor.line - 1 if near is None else near
    if _is_at(anchor, lines, at) and _fit(anchor, lines, at) == len(anchor.around):
        return Pin(key, anchor, at)
    found = [start for start in range(len(lines) - anchor.length + 1) if _is_at(anchor, lines, start)]
    if len(found) > 1:
        fits = [_fit(anchor, lines, start) for start in found]
        best = max(fits)
        found = [start for start, fit in zip(found, fits, strict=True) if fit == best]
    if len(found) > 1 and at in found:
        found = [at]
    if len(found) == 1:
        return Pin(key, anchor, found[0])
    return Pin(key, anchor, min(max(at, 0), max(0, len(lines) - 1)), stale=True)


def follow(pins: Iterable[Pin], lines: Sequence[str], replaced: Replaced) -> tuple[Pin, ...]:
    """Give the pins after an edit; `lines` are those after it.

    A pin below the edit moves with its text, one above stays. One that the edit touched is looked for where
    it would be, and is stale when its text is not there; a stale one is looked for where an edit touches it,
    so that taking an edit back brings it back.
    """
    return tuple(_followed(pin, lines, replaced) for pin in pins)


def _followed(pin: Pin, lines: Sequence[str], replaced: Replaced) -> Pin:
    end = replaced.at + replaced.removed
    reach = 1 if pin.stale else 0  # what was deleted comes back beside the place where it was
    if pin.last + reach < replaced.at or pin.at >= end + reach:
        return _unseen(pin, replaced)
    return _looked_for(pin, lines, replaced)


def _unseen(pin: Pin, replaced: Replaced) -> Pin:
    if pin.at < replaced.at + replaced.removed:
        return pin
    shift = replaced.added - replaced.removed
    return attrs.evolve(pin, at=pin.at + shift) if shift else pin


def _looked_for(pin: Pin, lines: Sequence[str], replaced: Replaced) -> Pin:
    """Find a touched pin among the lines that can hold it now: those written anew and their neighbours."""
    length = pin.anchor.length
    first = max(0, replaced.at - length + 1)
    last = min(replaced.at + replaced.added, len(lines) - length)
    found = [start for start in range(first, last + 1) if _is_at(pin.anchor, lines, start)]
    if not found:
        after = pin.at >= replaced.at + replaced.removed
        at = _unseen(pin, replaced).at if after else min(pin.at, replaced.at + replaced.added)
        return attrs.evolve(pin, at=at, stale=True)
    below = pin.at + replaced.added - replaced.removed
    best = min(found, key=lambda start: (min(abs(start - pin.at), abs(start - below)), start))
    return attrs.evolve(pin, at=best, stale=False)


def _is_at(anchor: Anchor, lines: Sequence[str], at: int) -> bool:
    return 0 <= at <= len(lines) - anchor.length and _hash(lines, at, at + anchor.length - 1) == anchor.text


def _fit(anchor: Anchor, lines: Sequence[str], at: int) -> int:
    now = _around(lines, at, at + anchor.length - 1)
    return sum(one == other for one, other in zip(anchor.around, now, strict=True))


def _around(lines: Sequence[str], first: int, last: int) -> tuple[str, ...]:
    near = [line for step in range(1, _CONTEXT + 1) for line in (first - step, last + step)]
    return tuple(_hash(lines, line, line) if 0 <= line < len(lines) else "" for line in near)


def _hash(lines: Sequence[str], first: int, last: int) -> str:
    text = range_text(lines, first, last)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest() if text else "-"
