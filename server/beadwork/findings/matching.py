"""Whether a finding of one review is the same as one of another: said again, perhaps in other words.

What it leaves out: keeping them (`store.py`).
"""

import difflib
import itertools
from collections import defaultdict
from collections.abc import Hashable, Iterable
from typing import Generic, Protocol, TypeVar

import attrs

from beadwork.findings.model import Finding
from beadwork.findings.pins import Anchor

_ALIKE = 0.6
"""How alike two titles about the very same lines must be, of 1."""
_COMPARED = 40
"""Findings about the very same lines whose titles are compared: of more, nobody could tell which is which."""


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


class Known(Generic[T]):
    """Findings that are known, each to be taken once by a finding that says the same."""

    def __init__(self, known: Iterable[T]) -> None:
        """Take all that are known; of several that fit, an earlier one is taken first."""
        self._all = dict(enumerate(known))
        self._by: dict[Hashable, dict[int, None]] = defaultdict(dict)
        for number, each in self._all.items():
            for name in _names(each):
                self._by[name][number] = None

    def take(self, new: Anchored) -> T | None:
        """Give that one which says the same as `new`, but only once: in its words, or nearly so of its lines.

        Of those in its words one of the very same lines is preferred; of several that are alike, the likest.
        """
        number = self._number_of(new)
        if number is None:
            return None
        found = self._all.pop(number)
        for name in _names(found):
            self._by[name].pop(number, None)
        return found

    def _number_of(self, new: Anchored) -> int | None:
        words, lines = new.finding.key, _lines(new)
        for name in ((words, lines), words):
            if self._by.get(name):
                return next(iter(self._by[name]))
        if lines is None:
            return None
        there = itertools.islice(self._by.get(lines, ()), _COMPARED)
        scored = [(_likeness(self._all[number], new), -number) for number in there]
        likeness, number = max(scored, default=(0.0, 0))
        return -number if likeness >= _ALIKE else None


def _names(each: Anchored) -> tuple[Hashable, ...]:
    """Give what a finding is looked for by."""
    lines = _lines(each)
    return (each.finding.key, (each.finding.key, lines), *([] if lines is None else [lines]))


def _lines(each: Anchored) -> tuple[str, str] | None:
    return None if each.anchor is None else (each.anchor.path, each.anchor.text)


def _likeness(one: Anchored, other: Anchored) -> float:
    matcher = difflib.SequenceMatcher(
        None, one.finding.title.casefold(), other.finding.title.casefold(), autojunk=False
    )
    return matcher.ratio() if matcher.quick_ratio() >= _ALIKE else 0.0
