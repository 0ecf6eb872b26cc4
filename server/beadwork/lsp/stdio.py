"""Standard input and output as the wire to an editor, out of reach of everything else in the process.

The wire moves to descriptors of its own that no child inherits. What anybody else prints goes to standard
error, and whoever reads standard input finds its end. A thread reads and one writes, so that an editor that
stops reading never keeps the server from noticing a signal or the editor's end.

What it leaves out: messages (`wire.py`).
"""

import asyncio
import contextlib
import os
import queue
import threading
from collections.abc import Callable

CHUNK = 65536


class Stdio:
    """The wire. Made once in a process, by `take`."""

    def __init__(self, incoming: int, outgoing: int) -> None:
        self._incoming = incoming
        self._outgoing = outgoing
        self._queue: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._queued = 0
        self._written = 0
        self._writer: threading.Thread | None = None

    @classmethod
    def take(cls) -> "Stdio":
        """Take descriptors 0 and 1 away from the rest of the process. Raises OSError when one is closed."""
        incoming, outgoing = os.dup(0), os.dup(1)
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, 0)
        try:
            os.dup2(2, 1)
        except OSError:  # standard error is closed: what is printed has no place to go
            os.dup2(nothing, 1)
        os.close(nothing)
        return cls(incoming, outgoing)

    def open(self, lost: Callable[[], None]) -> asyncio.StreamReader:
        """Start reading and writing; `lost` is called in the running loop when nothing can be written."""
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=CHUNK)
        threading.Thread(target=self._read, args=(loop, reader), name="stdin", daemon=True).start()
        self._writer = threading.Thread(target=self._write, args=(loop, lost), name="stdout", daemon=True)
        self._writer.start()
        return reader

    @property
    def pending(self) -> int:
        """How many bytes the editor has not taken yet."""
        return self._queued - self._written

    def write(self, data: bytes) -> None:
        """Send `data`, after all that was sent before; returns at once."""
        self._queued += len(data)
        self._queue.put(data)

    def close(self, patience: float = 1.0) -> None:
        """Stop writing, when all is written or `patience` seconds are over."""
        self._queue.put(None)
        if self._writer is not None:
            self._writer.join(patience)

    def _read(self, loop: asyncio.AbstractEventLoop, reader: asyncio.StreamReader) -> None:
        # A closed loop means that the server has left: there is nobody to tell.
        with contextlib.suppress(RuntimeError):
            while data := self._chunk():
                loop.call_soon_threadsafe(reader.feed_data, data)
            loop.call_soon_threadsafe(reader.feed_eof)

    def _chunk(self) -> bytes:
        try:
            return os.read(self._incoming, CHUNK)
        except OSError:  # a reset connection or a terminal that is gone: the end of input
            return b""

    def _write(self, loop: asyncio.AbstractEventLoop, lost: Callable[[], None]) -> None:
        while (data := self._queue.get()) is not None:
            rest = memoryview(data)
            try:
                while rest:
                    rest = rest[os.write(self._outgoing, rest) :]
            except OSError:  # nobody reads any more
                with contextlib.suppress(RuntimeError):
                    loop.call_soon_threadsafe(lost)
                return
            self._written += len(data)
