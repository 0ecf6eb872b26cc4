"""The runner without a box: the program runs as the user, with the user's rights, under a warden.

It isolates nothing. HOME stays the user's own, because the login of the agent lies there; of the box's home
only `tmp` is used, as TMPDIR. What it does promise is the end: `warden.py` takes in whatever the program
leaves behind, and kills it when the worker closes its socket or dies.

What it leaves out: a program that kills its own warden dies with it, but what it had put into sessions of its
own is then found by descent from the worker (if that is a subreaper) and by the mark alone.
"""

import asyncio
import contextlib
import errno
import os
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from beadwork.processes import (
    Child,
    Identity,
    alive,
    descendants,
    end_found,
    identity,
    start_child,
    sweep,
    table,
)
from beadwork.runners.port import EXECUTION_MARK, Box, Ending, Probe, RunnerError, RunnerName

_WARDEN = Path(__file__).with_name("warden.py")
_WARDEN_LEAVES = 5.0
"""Seconds for the kernel to do away with what was killed."""


class PlainRunner:
    """Starts programs without a box. It works everywhere."""

    name = RunnerName.PLAIN
    isolates = False

    async def probe(self) -> Probe:
        """Give a word of warning: there is nothing that could fail."""
        return Probe(works=True, reason="no box: the agent runs as you, with what you may do")

    async def start(self, box: Box, argv: Sequence[str], environment: Mapping[str, str]) -> "PlainProcess":
        """Start `argv` in the checkout; see Runner.start."""
        temporary = box.home / "tmp"
        try:
            box.home.mkdir(mode=0o700, parents=True, exist_ok=True)
            temporary.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise RunnerError(f"The agent's folder {temporary} cannot be made: {error.strerror}.") from error
        inside = {
            **environment,
            EXECUTION_MARK: box.execution,
            "HOME": str(Path.home()),
            "TMPDIR": str(temporary),
            "PWD": str(box.checkout),
        }
        ours, theirs = socket.socketpair()
        with theirs:
            warden = [
                sys.executable,
                "-I",
                "-S",
                str(_WARDEN),
                str(theirs.fileno()),
                str(box.checkout),
                *argv,
            ]
            try:
                child = await start_child(
                    warden,
                    cwd=Path("/"),
                    environment=inside,
                    inherited=(theirs.fileno(),),
                )
            except OSError as error:
                ours.close()
                raise RunnerError(
                    f"Python cannot be started at {sys.executable}: {error.strerror}."
                ) from error
        hearing, telling = await asyncio.open_connection(sock=ours)
        process = PlainProcess(box, child, hearing, telling)
        await process.started(argv[0])
        return process


class PlainProcess:
    """A program below its warden."""

    def __init__(
        self,
        box: Box,
        warden: Child,
        hearing: asyncio.StreamReader,
        telling: asyncio.StreamWriter,
    ) -> None:
        self._box = box
        self._warden = warden
        self._hearing = hearing
        self._telling = telling
        self._program: Identity | None = None
        self._exit: asyncio.Task[int] | None = None
        self._ending: asyncio.Task[Ending] | None = None

    @property
    def pid(self) -> int:
        """The process id of the warden."""
        return self._warden.pid

    @property
    def stdin(self) -> asyncio.StreamWriter:
        """The program's standard input."""
        return self._warden.stdin

    @property
    def stdout(self) -> asyncio.StreamReader:
        """The program's standard output."""
        return self._warden.stdout

    @property
    def stderr(self) -> asyncio.StreamReader:
        """The program's standard error."""
        return self._warden.stderr

    async def started(self, program: str) -> None:
        """Wait until the warden has started the program. Raises RunnerError when it could not."""
        try:
            word, _, value = (await self._hearing.readline()).decode().strip().partition(" ")
        except BaseException:
            self._telling.close()
            raise
        if word == "started":
            self._program = identity(int(value))
            self._exit = asyncio.create_task(self._hear_exit())
            return
        self._telling.close()
        await self._warden.wait()
        said = (await self._warden.stderr.read()).decode("utf-8", "replace")
        self._warden.close()
        if word != "failed":
            raise RunnerError(f"The warden of {program} ended before it could start it.", detail=said)
        number = int(value)
        if number == errno.ENOENT and not self._box.checkout.is_dir():
            raise RunnerError(f"{program} cannot be started: there is no folder {self._box.checkout}.")
        raise RunnerError(
            f"{program} cannot be started: {os.strerror(number)}. Is it installed, and on the PATH?"
        )

    async def wait(self) -> int:
        """Wait for the program; see BoxedProcess.wait. What it left behind may still be running."""
        if self._exit is None:
            raise RunnerError("The program has not been started.")
        return await asyncio.shield(self._exit)

    async def end(self, *, grace: float) -> Ending:
        """End everything below the warden, then the warden; see BoxedProcess.end."""
        if self._ending is None:
            self._ending = asyncio.create_task(self._end(grace))
        return await asyncio.shield(self._ending)

    async def _hear_exit(self) -> int:
        word, _, value = (await self._hearing.readline()).decode().strip().partition(" ")
        # A warden that goes without a word was killed, and the program with it.
        return int(value) if word == "exit" else -signal.SIGKILL

    async def _end(self, grace: float) -> Ending:
        ended = await end_found(self._below, interrupt=self._front, grace=grace, kill_grace=0.0)
        self._warden.stdin.close()
        self._telling.write_eof()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_WARDEN_LEAVES):
                await self._warden.wait()
                await self.wait()
        self._telling.close()
        left = self._below()
        if self._warden.code is not None:
            swept = await sweep(EXECUTION_MARK, self._box.execution) if self._exit_was_lost() else None
            left = () if swept is None else swept.survivors
        return Ending(ended.steps, tuple(process.pid for process in left))

    def _exit_was_lost(self) -> bool:
        return self._warden.code != 0

    def _below(self) -> Sequence[Identity]:
        return descendants(self._warden.pid) if self._warden.code is None else ()

    def _front(self) -> Sequence[Identity]:
        """Give the program and those in its process group: whom an interrupt from a terminal would reach."""
        if self._program is None or not alive(self._program):
            return ()
        rows = table()
        return [p for p in descendants(self._warden.pid, rows) if rows[p.pid].group == self._program.pid]
