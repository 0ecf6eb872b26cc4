"""A runner for tests of agents: a process in a session of its own, and no more.

It keeps none of the promises of a real box beyond the process group; tests of endings use the real runners.
"""

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping, Sequence

import attrs

from beadwork.processes import Child, start_child
from beadwork.runners import EXECUTION_MARK, Box, Ending, Probe, RunnerError, RunnerName


@attrs.frozen
class BareProcess:
    """A process of the bare runner."""

    child: Child

    @property
    def pid(self) -> int:
        """Its id."""
        return self.child.pid

    @property
    def stdin(self) -> asyncio.StreamWriter:
        """Its input."""
        return self.child.stdin

    @property
    def stdout(self) -> asyncio.StreamReader:
        """Its output."""
        return self.child.stdout

    @property
    def stderr(self) -> asyncio.StreamReader:
        """Its errors."""
        return self.child.stderr

    async def wait(self) -> int:
        """Wait for it."""
        return await self.child.wait()

    async def end(self, *, grace: float) -> Ending:  # noqa: ARG002
        """Kill its group at once."""
        steps: tuple[str, ...] = ()
        if self.child.code is None:
            steps = ("kill",)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
        await asyncio.wait_for(self.child.wait(), 30)
        self.child.close()
        return Ending(steps, ())


@attrs.frozen
class BareRunner:
    """Starts programs barely. `started` keeps argv and environment of each."""

    isolates: bool = False
    started: list[tuple[tuple[str, ...], dict[str, str]]] = attrs.field(factory=list)

    @property
    def name(self) -> RunnerName:
        """Plain: that is the nearest."""
        return RunnerName.PLAIN

    async def probe(self) -> Probe:
        """Say that it works."""
        return Probe(works=True, reason="a double")

    async def start(self, box: Box, argv: Sequence[str], environment: Mapping[str, str]) -> BareProcess:
        """Start `argv` in the checkout."""
        box.home.mkdir(parents=True, exist_ok=True)
        self.started.append((tuple(argv), dict(environment)))
        own = {EXECUTION_MARK: box.execution, "HOME": str(box.home), "TMPDIR": str(box.home)}
        try:
            child = await start_child(argv, cwd=box.checkout, environment={**environment, **own})
        except OSError as error:
            raise RunnerError(f"{argv[0]} cannot be started: {error.strerror}.") from error
        return BareProcess(child)
