"""Splits a stream of bytes into lines, whatever the pieces it arrives in.

A piece may end inside a line or inside a UTF-8 sequence; a line may have megabytes; the last one may lack its
newline. What it leaves out: what a line means.
"""

import attrs

LINE_LIMIT = 64 * 1024 * 1024
"""Bytes of one line that are kept in memory; agents print tool results of many megabytes in one line."""


@attrs.frozen
class Line:
    """One line without its end; bytes that are no UTF-8 are replaced."""

    text: str


@attrs.frozen
class TooLong:
    """A line above the limit, whose bytes were let go."""

    size: int
    """Its length in bytes."""


class Lines:
    """Takes bytes in, gives whole lines out. `limit` is in bytes."""

    def __init__(self, limit: int = LINE_LIMIT) -> None:
        self._limit = limit
        self._pieces: list[bytes] = []
        self._size = 0

    def feed(self, chunk: bytes) -> list[Line | TooLong]:
        """Give the lines that end in `chunk`."""
        *ended, rest = chunk.split(b"\n")
        lines = []
        for piece in ended:
            self._keep(piece)
            lines.append(self._line())
        self._keep(rest)
        return lines

    def close(self) -> list[Line | TooLong]:
        """Give the last line if it had no newline."""
        return [self._line()] if self._size else []

    def _keep(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size > self._limit:
            self._pieces.clear()
        elif piece:
            self._pieces.append(piece)

    def _line(self) -> Line | TooLong:
        size, pieces = self._size, self._pieces
        self._size, self._pieces = 0, []
        if size > self._limit:
            return TooLong(size)
        return Line(b"".join(pieces).removesuffix(b"\r").decode("utf-8", "replace"))
