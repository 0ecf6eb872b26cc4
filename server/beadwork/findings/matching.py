"""Whether a finding of one review is the same as one of another: said again, perhaps in other words.

What it leaves out: keeping them (`store.py`).
"""

import difflib
from collections.abc import Iterable
from typing import Protocol, TypeVar

import attrs

from beadwork.findings.model import Finding
from beadwork.findings.pins import Anchor

_ALIKE = 0.6
"""How alike two titles about the very same lines must be, of 1."""


class Anchored(Protocol):
    """Whatever has a finding, and what its lines are known by."""

    @property
    def finding(self) -> Finding:
        """What was found."""
        ...

    @property
    def anchor(self) -> Anchor | None:
        """What its lines are known by; None where it has none."""
        ...


@attrs.frozen
class Reported:
    """A finding of a review, with what its lines are known by."""

    finding: Finding
    anchor: Anchor | None


T = TypeVar("T", bound=Anchored)


def counterpart(new: Anchored, known: Iterable[T]) -> T | None:
    """Give that one of `known` which says the same as `new`: in its words, or nearly so of the same lines.

    Of several that are alike the likest is given.
    """
    candidates = list(known)
    for each in candidates:
        if each.finding.key == new.finding.key:
            return each
    on_the_lines = [each for each in candidates if _same_lines(each, new)]
    alike = max(on_the_lines, key=lambda each: _likeness(each, new), default=None)
    return alike if alike is not None and _likeness(alike, new) >= _ALIKE else None


def _same_lines(one: Anchored, other: Anchored) -> bool:
    if one.anchor is None or other.anchor is None:
        return False
    return (one.anchor.path, one.anchor.text) == (other.anchor.path, other.anchor.text)


def _likeness(one: Anchored, other: Anchored) -> float:
    return difflib.SequenceMatcher(
        None, one.finding.title.casefold(), other.finding.title.casefold(), autojunk=False
    ).ratio()
