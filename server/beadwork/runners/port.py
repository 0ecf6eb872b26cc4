"""The Runner port: starts a program in a box, and ends all of it.

Implementations beside it, named for their means: `sandbox.py` (bubblewrap), `plain.py` (no box).
"""

import asyncio
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Protocol

import attrs

from beadwork.errors import BeadworkError
from beadwork.processes import RUN_MARK

EXECUTION_MARK = RUN_MARK
"""The environment variable that every process of a run inherits; its value is the execution's id."""


class RunnerName(StrEnum):
    """What a person chooses; `auto` is resolved before anything starts."""

    AUTO = "auto"
    SANDBOX = "sandbox"
    PLAIN = "plain"


class RunnerError(BeadworkError):
    """A box cannot be made, or a program cannot be started in it."""

    code = "runner"


@attrs.frozen
class Probe:
    """Whether a runner (or an agent) works on this machine, found by running it."""

    works: bool
    reason: str
    """One sentence for `doctor` and the run's log: why it works or does not, and what to do."""


@attrs.frozen
class Box:
    """What a program in the box may see."""

    execution: str
    """The execution's id: the value of EXECUTION_MARK inside."""
    checkout: Path
    """The working folder; writable."""
    home: Path
    """The private home folder; writable, made by the runner when absent."""
    readable: tuple[Path, ...] = ()
    """Further paths to be readable inside although they lie in the user's home (the agent's program)."""
    read_only: bool = False
    """Whether the checkout may only be read. A runner that does not isolate cannot keep that."""


@attrs.frozen
class Ending:
    """How a box was ended."""

    steps: tuple[str, ...]
    """What it took, in order, of `interrupt`, `terminate`, `kill`; empty when it had ended by itself."""
    survivors: tuple[int, ...]
    """Process ids that could not be ended (uninterruptible); empty in every ordinary case."""


class BoxedProcess(Protocol):
    """A program running in its box. Its streams are pipes; nobody else reads them."""

    @property
    def pid(self) -> int:
        """The process id as the host sees it, of the outermost process of the box."""
        ...

    @property
    def stdin(self) -> asyncio.StreamWriter:
        """The program's standard input. Close it when nothing more is to be said."""
        ...

    @property
    def stdout(self) -> asyncio.StreamReader:
        """The program's standard output, as bytes; read it in chunks (a line may be of any length)."""
        ...

    @property
    def stderr(self) -> asyncio.StreamReader:
        """The program's standard error, as bytes."""
        ...

    async def wait(self) -> int:
        """Wait for the program and give its exit code.

        A signal that ended it shows as its negative number, or, in a sandbox, as 128 and its number.
        """
        ...

    async def end(self, *, grace: float) -> Ending:
        """End the program and everything it has started, and return when nothing of it is left.

        Interrupt, `grace` seconds, terminate, one second, kill to the whole tree: also processes in groups
        and sessions of their own, and those that outlived the program. Safe to call twice, and after `wait`.
        """
        ...


class Runner(Protocol):
    """A way of running a program: in a box, or without one."""

    @property
    def name(self) -> RunnerName:
        """Its name in settings; never AUTO."""
        ...

    @property
    def isolates(self) -> bool:
        """Whether a program inside can change nothing outside its checkout and its home.

        Where this is true an agent gets all permissions inside; where not, an allow-list.
        """
        ...

    async def probe(self) -> Probe:
        """Try it for real, within a few seconds; never raises."""
        ...

    async def start(self, box: Box, argv: Sequence[str], environment: Mapping[str, str]) -> BoxedProcess:
        """Start `argv` in `box` with exactly `environment`, plus EXECUTION_MARK, HOME, TMPDIR and PWD.

        A runner that gives a HOME of its own also says where the toolchains of the user's home are.
        Raises RunnerError when the box cannot be made or the program is not there.
        """
        ...
