"""All that a gate says, in a file, and the end of it as text that a person can read.

Up to a bound everything is kept; of more, the beginning and the end. What it leaves out: what it means.
"""

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from beadwork.gates.model import GateError

MOST = 200 * 1024 * 1024
"""Bytes of one gate's output that are kept."""
TAIL = 4_000
"""Characters of its end that are told."""
_TAIL_BYTES = 64 * 1024
"""Bytes that the end is read from: most of them may be escape sequences and lines written over."""
_ESCAPES = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)|[@-Z\\\]^_]|[ -/]+[0-~])"
)


class Output:
    """Takes what a gate says, chunk by chunk. To be closed: only then the file is whole."""

    def __init__(self, path: Path, *, most: int = MOST) -> None:
        """Begin the file `path`, for its user alone; `most` is in bytes. Raises GateError."""
        self.path = path
        self.size = 0
        """Bytes that were said."""
        self._half = max(1, most // 2)
        self._end = bytearray()
        self._parts = (path.with_name(f"{path.name}.1"), path.with_name(f"{path.name}.2"))
        with _keeping(path):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._file = _begun(path)
        self._later: BinaryIO | None = None
        self._later_size = 0
        self._rotated = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def write(self, chunk: bytes) -> None:
        """Take what was said. Raises GateError when it cannot be kept, as on a full disk."""
        head = chunk[: max(0, self._half - self.size)]
        self.size += len(chunk)
        self._end += chunk
        del self._end[:-_TAIL_BYTES]
        with _keeping(self.path):
            if head:
                self._file.write(head)
                self._file.flush()
            self._write_later(chunk[len(head) :])

    def close(self) -> None:
        """Put the file together: the beginning, what was left out, the end. Raises GateError."""
        if self._file.closed:
            return
        with _keeping(self.path), contextlib.ExitStack() as stack:  # each is done, whatever another raises
            for part in self._parts:
                stack.callback(part.unlink, missing_ok=True)
            stack.callback(self._file.close)
            if self._later is not None:
                self._later.close()
                self._put_together()

    @property
    def tail(self) -> str:
        """The end of what was said, see `readable_end`."""
        return readable_end(bytes(self._end))

    def _write_later(self, chunk: bytes) -> None:
        """Keep what is beyond the first half: always the last quarter at least, the last half at most."""
        while chunk:
            if self._later is None:
                self._later = _begun(self._parts[0])
            room = max(1, self._half // 2) - self._later_size
            if room <= 0:
                self._rotate()
                continue
            self._later.write(chunk[:room])
            self._later_size += len(chunk[:room])
            chunk = chunk[room:]

    def _rotate(self) -> None:
        if self._later is not None:
            self._later.close()
        self._parts[0].replace(self._parts[1])
        self._later, self._later_size, self._rotated = _begun(self._parts[0]), 0, True

    def _put_together(self) -> None:
        parts = [*([self._parts[1]] if self._rotated else []), self._parts[0]]
        kept = sum(part.stat().st_size for part in parts)
        left_out = self.size - self._half - kept
        if left_out:
            self._file.write(f"\n[{left_out:,} bytes are left out here]\n".encode("ascii"))
        for part in parts:
            with part.open("rb") as source:
                while block := source.read(1024 * 1024):
                    self._file.write(block)


def readable_end(said: bytes, most: int = TAIL) -> str:
    """Give the end of `said` as a person reads it, `most` characters at the longest.

    Escape sequences and control characters are gone, of a line that was written over the last state is left,
    and what is cut begins with a whole line where there is one. It takes time in proportion to `said`.
    """
    text = _ESCAPES.sub("", said.decode("utf-8", "replace").replace("\r\n", "\n"))
    lines = [_last_state(line) for line in text.split("\n")]
    shown = "\n".join(lines).strip("\n")
    if len(shown) <= most:
        return shown
    cut = shown[-most:]
    _, whole, rest = cut.partition("\n")
    return rest if whole and rest.strip() else cut


def _last_state(line: str) -> str:
    states = [state for state in line.split("\r") if state.strip()]
    shown: list[str] = []
    for each in states[-1].replace("\t", "    ") if states else "":
        if each.isprintable():
            shown.append(each)
        elif each == "\b" and shown:
            shown.pop()
    return "".join(shown).rstrip()


@contextlib.contextmanager
def _keeping(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        why = error.strerror or error
        words = f"What a gate says cannot be kept in {path}: {why}. Make room there, then try again."
        raise GateError(words) from error


def _begun(path: Path) -> BinaryIO:
    with contextlib.suppress(FileNotFoundError):
        path.unlink()
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
