"""Runs a short program to its end: git, bd, a probe. What it leaves out: agents, which a runner starts."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs

from beadwork.errors import BeadworkError


class ProgramMissing(BeadworkError):  # noqa: N818
    """There is no such program on the PATH."""

    code = "program-missing"


class ProgramTimeout(BeadworkError):  # noqa: N818
    """The program did not end in time, and was ended with its process group."""

    code = "program-timeout"


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
) -> Finished:
    """Run `argv` in `cwd` with exactly `environment`, in a session of its own.

    Its standard input is `stdin`, then its end; it never inherits ours. When `timeout` seconds are over, or the
    caller is cancelled, the whole process group is ended before this returns.
    Raises ProgramMissing and ProgramTimeout.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            *argv,
            cwd=cwd,
            env=dict(environment),
            stdin=asyncio.subprocess.PIPE if stdin else asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
    except (FileNotFoundError, PermissionError) as error:
        if not cwd.is_dir():
            raise ProgramMissing(f"{argv[0]} cannot be started in {cwd}: there is no such folder.") from error
        raise ProgramMissing(f"{argv[0]} cannot be started: {error.strerror}. Is it installed?") from error
    try:
        async with asyncio.timeout(timeout):
            stdout, stderr = await process.communicate(stdin or None)
    except TimeoutError as error:
        await _end_group(process)
        words = " ".join(argv[:3])
        raise ProgramTimeout(f"`{words}` did not end within {timeout:g} s and was ended.") from error
    except asyncio.CancelledError:
        await asyncio.shield(_end_group(process))
        raise
    return Finished(process.returncode or 0, stdout, stderr)


async def _end_group(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
