"""The small logs of our own (workers, defects, notifications): lines that whoever appends, bounded in size.

What it leaves out: the logs of runs, which have a room of their own (`executions/log.py`).
"""

import os
from pathlib import Path

MOST = 5 * 1024 * 1024
"""Bytes from which on a log is put aside, and begun anew."""


def append(path: Path, line: str) -> None:
    """Append one line, at once and as a whole, whoever else appends. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    rotate(path)
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.write(descriptor, (" ".join(line.split()) + "\n").encode("utf-8", "backslashreplace"))
    finally:
        os.close(descriptor)


def rotate(path: Path) -> bool:
    """Put a log aside that has become too large, in place of the one put aside before; say whether it was.

    A process that has it open goes on in the one put aside. Raises OSError.
    """
    try:
        if path.stat().st_size < MOST:
            return False
        path.replace(path.with_name(f"{path.name}.old"))
    except FileNotFoundError:  # nothing there, or another process was faster
        return False
    return True
