"""Runs a short program to its end: git, bd, a probe. What it leaves out: agents, which a runner starts."""

import asyncio
import contextlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs

from beadwork.errors import BeadworkError
from beadwork.processes.child import Child, start_child
from beadwork.processes.ending import end_tree
from beadwork.processes.identity import Identity, identity

RUN_MARK = "BEADWORK_EXECUTION"
"""The environment variable that every process of a run inherits, this one's children among them."""

_PIECE = 64 * 1024
_AFTERGLOW = 0.25
"""Seconds of silence after the program's exit until we stop listening to what it left running."""
_LOOKS = 8
"""How often that silence is waited for; what never falls silent is not waited for."""


class ProgramMissing(BeadworkError):  # noqa: N818
    """There is no such program on the PATH."""

    code = "program-missing"


class ProgramTimeout(BeadworkError):  # noqa: N818
    """The program did not end in time, and was ended with all it had started."""

    code = "program-timeout"


class ProgramFlood(BeadworkError):  # noqa: N818
    """The program printed more than was asked for, and was ended with all it had started."""

    code = "program-flood"


@attrs.frozen
class Finished:
    """How a program ended."""

    code: int
    """Its exit code; negative: the signal that ended it."""
    stdout: bytes
    stderr: bytes


async def run(
    argv: Sequence[str],
    *,
    cwd: Path,
    environment: Mapping[str, str],
    stdin: bytes = b"",
    timeout: float,  # noqa: ASYNC109  (the program is ended here, which a cancelled caller could not do)
    limit: int = 256 * 1024 * 1024,
) -> Finished:
    """Run `argv` in `cwd` with exactly `environment`, in a session of its own.

    Only the mark of a run is added, in a process that is part of one: should that process be killed, what
    it had started is found by the mark.

    Its standard input is `stdin`, then its end; it never inherits ours. When `timeout` seconds are over, or
    it prints more than `limit` bytes to one stream, or the caller is cancelled, the program and everything
    below it is ended before this returns. What it leaves running after its own exit (a daemon) is left
    alone, and not waited for even if it holds the output open.
    Raises ProgramMissing, ProgramTimeout and ProgramFlood.
    """
    child = await _start(argv, cwd, environment, has_input=bool(stdin))
    program = identity(child.pid)
    words = " ".join(argv[:3])
    try:
        async with asyncio.timeout(timeout):
            return await _finish(child, stdin, limit)
    except TimeoutError as error:
        raise ProgramTimeout(f"`{words}` did not end within {timeout:g} s and was ended.") from error
    except _TooMuchError as error:
        raise ProgramFlood(
            f"`{words}` printed more than {limit} bytes and was ended.", detail=error.beginning
        ) from error
    finally:
        if child.code is None and program is not None:
            await _end(program)
            await child.wait()
        child.close()


async def _start(argv: Sequence[str], cwd: Path, environment: Mapping[str, str], *, has_input: bool) -> Child:
    marked = {RUN_MARK: os.environ[RUN_MARK]} if RUN_MARK in os.environ else {}
    try:
        return await start_child(argv, cwd=cwd, environment={**environment, **marked}, stdin=has_input)
    except (FileNotFoundError, NotADirectoryError, PermissionError) as error:
        if not await asyncio.to_thread(cwd.is_dir):
            raise ProgramMissing(f"{argv[0]} cannot be started in {cwd}: there is no such folder.") from error
        raise ProgramMissing(f"{argv[0]} cannot be started: {error.strerror}. Is it installed?") from error


async def _end(program: Identity) -> None:
    """End it all, also when the caller is being cancelled a second time meanwhile."""
    ending = asyncio.create_task(end_tree(program, grace=0, interrupts=False, terminate_grace=0))
    try:
        await asyncio.shield(ending)
    except asyncio.CancelledError:
        await ending
        raise


async def _finish(child: Child, stdin: bytes, limit: int) -> Finished:
    """Feed and read the program until it has exited and its streams have ended, or fallen silent."""
    out, err = _Gathered(limit), _Gathered(limit)
    readers = [
        asyncio.create_task(out.read(child.stdout)),
        asyncio.create_task(err.read(child.stderr)),
    ]
    exit_ = asyncio.create_task(child.wait())
    feeding = asyncio.create_task(_feed(child, stdin))
    tasks = [*readers, exit_, feeding]
    try:
        # A reader that fails must be heard at once; the exit may never come without it.
        while not exit_.done():
            waiting = [task for task in (*readers, exit_) if not task.done()]
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for reader in readers:
                if reader.done():
                    reader.result()
        await _listen_on(readers, out, err)
        return Finished(exit_.result(), bytes(out.data), bytes(err.data))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _listen_on(readers: Sequence[asyncio.Task[None]], *gathered: "_Gathered") -> None:
    """Read on after the exit until the streams end, or fall silent if somebody else holds them open."""
    for _ in range(_LOOKS):
        before = [len(each.data) for each in gathered]
        done, waiting = await asyncio.wait(readers, timeout=_AFTERGLOW)
        for reader in done:
            reader.result()
        if not waiting or before == [len(each.data) for each in gathered]:
            return


async def _feed(child: Child, stdin: bytes) -> None:
    if not stdin:
        return
    # A program that does not read its input to the end has its reasons, and its exit code.
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        child.stdin.write(stdin)
        await child.stdin.drain()
        child.stdin.close()
        await child.stdin.wait_closed()


class _TooMuchError(Exception):
    def __init__(self, beginning: str) -> None:
        super().__init__(beginning)
        self.beginning = beginning


class _Gathered:
    """What one stream has said so far."""

    def __init__(self, limit: int) -> None:
        self.data = bytearray()
        self._limit = limit

    async def read(self, stream: asyncio.StreamReader) -> None:
        while piece := await stream.read(_PIECE):
            self.data += piece
            if len(self.data) > self._limit:
                raise _TooMuchError(bytes(self.data[:2000]).decode("utf-8", "replace"))
