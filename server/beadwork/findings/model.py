"""A finding of a review, and a review; as data.

What it leaves out: reading them from an agent's answer (`reading.py`), and where they are now (`pins.py`).
"""

import hashlib
import re
from enum import StrEnum

import attrs


class FindingType(StrEnum):
    """What sort of bead a finding would be."""

    BUG = "bug"
    TASK = "task"
    FEATURE = "feature"


@attrs.frozen
class Place:
    """A range of whole lines of a file of the reviewed commit."""

    path: str
    """Relative to the repository, with `/`."""
    line: int | None = None
    """1-based; None for the file as a whole."""
    end: int | None = None
    """1-based, the last line that belongs to it; None without `line`."""

    def __str__(self) -> str:
        """Give it as a person reads it: `src/a.py:12-14`."""
        if self.line is None:
            return self.path
        tail = f"-{self.end}" if self.end is not None and self.end != self.line else ""
        return f"{self.path}:{self.line}{tail}"


@attrs.frozen
class Finding:
    """One thing that a review found."""

    title: str
    """Never empty, one line."""
    description: str = ""
    priority: int = 2
    """0 (worst) to 4."""
    type: FindingType = FindingType.BUG
    place: Place | None = None
    """None when it is about no file, or none that could be found."""
    category: str = ""
    """Such as `correctness`, `security`, `tests`: an open set."""
    failure_scenario: str = ""
    """The case in which it fails."""
    also: tuple[Place, ...] = ()
    """Further places that belong to it."""

    @property
    def key(self) -> str:
        """A name that stays the same when the same is said again of the same file, on whatever line."""
        words = " ".join(re.findall(r"\w+", self.title.casefold()))
        path = self.place.path if self.place else ""
        return hashlib.sha256(f"{path}\n{words}".encode("utf-8", "surrogatepass")).hexdigest()[:16]


@attrs.frozen
class Review:
    """What a reviewer said, as far as it could be understood."""

    findings: tuple[Finding, ...]
    summary: str
    pr_ready: bool
    """Whether it can be merged as it is; false where that was not said."""
    notes: tuple[str, ...] = ()
    """Sentences about what was not as it should have been, and how it was taken."""


@attrs.frozen
class Unreadable:
    """An answer in which no review was found: a failed review, never one without findings."""

    why: str
    """In a sentence."""
