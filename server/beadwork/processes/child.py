"""Starts a child of this process with pipes, and tells its exit the moment it exits.

asyncio's own `Process.wait` waits, in some releases, until the pipes are closed too, which a grandchild can
put off for ever; here the exit is the exit. What it leaves out: ending a child, see `ending.py`.
"""

import asyncio
import contextlib
import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import cast

_LIMIT = 256 * 1024
"""Bytes that are kept unread per stream before the program has to wait."""


class _Protocol(asyncio.subprocess.SubprocessStreamProtocol):
    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(limit=_LIMIT, loop=loop)
        self.exited = asyncio.Event()

    def process_exited(self) -> None:
        self.exited.set()
        super().process_exited()


class Child:
    """A program that was started, in a session of its own, with pipes for its three streams."""

    def __init__(self, transport: asyncio.SubprocessTransport, protocol: _Protocol) -> None:
        self._transport = transport
        self._protocol = protocol
        self.pid: int = transport.get_pid()
        """Its process id; it stays taken until `wait` has returned."""

    @property
    def stdin(self) -> asyncio.StreamWriter:
        """Its standard input."""
        return cast("asyncio.StreamWriter", self._protocol.stdin)

    @property
    def stdout(self) -> asyncio.StreamReader:
        """Its standard output."""
        return cast("asyncio.StreamReader", self._protocol.stdout)

    @property
    def stderr(self) -> asyncio.StreamReader:
        """Its standard error."""
        return cast("asyncio.StreamReader", self._protocol.stderr)

    @property
    def code(self) -> int | None:
        """Its exit code (negative: the signal that ended it), None while it runs."""
        return self._transport.get_returncode()

    async def wait(self) -> int:
        """Wait for its exit, whoever may still hold its pipes, and give its exit code."""
        await self._protocol.exited.wait()
        return cast("int", self._transport.get_returncode())

    def close(self) -> None:
        """Let go of the pipes; a program that still runs is killed. What has arrived can still be read."""
        self._transport.close()


async def start_child(
    argv: Sequence[str],
    *,
    cwd: Path,
    environment: Mapping[str, str],
    inherited: Sequence[int] = (),
    stdin: bool = True,
) -> Child:
    """Start `argv` in `cwd` with exactly `environment`, and the descriptors `inherited` besides its streams.

    With `stdin` false its standard input is at its end. Raises OSError when it cannot be started.
    """
    loop = asyncio.get_running_loop()
    with _signals_as_usual():
        transport, protocol = await loop.subprocess_exec(
            lambda: _Protocol(loop),
            *argv,
            cwd=cwd,
            env=dict(environment),
            pass_fds=tuple(inherited),
            stdin=asyncio.subprocess.PIPE if stdin else asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
    return Child(transport, protocol)


@contextlib.contextmanager
def _signals_as_usual() -> Iterator[None]:
    """Keep a child from inheriting that we ignore an interrupt, as a job in the background of a shell does.

    A handler of ours is reset at its exec, an ignored signal is not, and the child would be deaf for ever.
    """
    ignored = [
        number
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
        if signal.getsignal(number) is signal.SIG_IGN
    ]
    if threading.current_thread() is not threading.main_thread():
        ignored = []
    for number in ignored:
        signal.signal(number, _nothing)
    try:
        yield
    finally:
        for number in ignored:
            signal.signal(number, signal.SIG_IGN)


def _nothing(_number: int, _frame: object) -> None:
    """Ignore a signal, but only here."""
