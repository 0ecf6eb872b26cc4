"""A gate: a command that has to succeed on a commit before the work on it counts; and what became of it.

What it leaves out: which commands are gates of a project (`workflows/gating/`), and running them.
"""

from enum import StrEnum

import attrs

from beadwork.errors import BeadworkError


class GateError(BeadworkError):
    """A gate cannot be run, or what became of it cannot be kept."""

    code = "gate"


@attrs.frozen
class Gate:
    """A command, as a person would type it in a folder of the project."""

    purpose: str
    """`setup`, `build`, `lint`, `typecheck`, `test`, or `gate` for one of the user's settings."""
    line: str
    """One line for a shell."""
    folder: str = ""
    """Relative to the repository, POSIX; empty for its root."""
    source: str = ""
    """Where it was read: a path in the repository, or `your settings`."""

    @property
    def name(self) -> str:
        """What a person calls it: `test: make test (web)`."""
        return f"{self.purpose}: {self.line}" + (f" ({self.folder})" if self.folder else "")


class GateState(StrEnum):
    """What became of one gate."""

    PASSED = "passed"
    FAILED = "failed"
    """It ended with another code than 0."""
    TIMEOUT = "timeout"
    """It did not end in time, and was ended."""
    BROKEN = "broken"
    """It could not be started."""


class Standing(StrEnum):
    """What became of all gates of a commit."""

    PASSED = "passed"
    FAILED = "failed"
    NONE = "none"
    """There is no gate, so nothing was passed."""


@attrs.frozen
class GateResult:
    """What became of one gate."""

    gate: Gate
    state: GateState
    code: int | None
    """The exit code; None when there is none."""
    seconds: float
    tail: str
    """The end of what it said: lines without control characters, at most 4,000 characters."""
    output: str
    """Path of the file with all it said; empty when there is none."""
    hint: str = ""
    """What is likely wrong, and what to do, where that can be told from how it ended; a sentence."""
    at: float = 0.0
    """When it ended, in seconds since the epoch."""
    runner: str = ""
    """The box it ran in: `sandbox`, `plain` …"""
    known: bool = False
    """Whether it was not run now, but is known from before."""

    @property
    def passed(self) -> bool:
        """Whether it succeeded."""
        return self.state is GateState.PASSED


@attrs.frozen
class GateReport:
    """What became of the gates of a commit."""

    commit: str
    """Empty for a working tree as it is."""
    results: tuple[GateResult, ...] = ()
    """In the order in which they ran; after a setup that failed nothing else ran."""
    notes: tuple[str, ...] = ()
    """Sentences: that there is none, what was left out."""

    @property
    def standing(self) -> Standing:
        """Whether all passed, or there was none to pass."""
        if not all(result.passed for result in self.results):
            return Standing.FAILED
        return Standing.PASSED if any(r.gate.purpose != "setup" for r in self.results) else Standing.NONE

    @property
    def failed(self) -> tuple[GateResult, ...]:
        """Those that did not pass."""
        return tuple(result for result in self.results if not result.passed)
