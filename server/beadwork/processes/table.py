"""A look at the system's process table: who is there, who started it, since when.

Linux is read from /proc directly (exact start times, no import to pay for); elsewhere psutil does it. What it
leaves out: signals, see `identity.py`.
"""

import contextlib
import functools
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import attrs

LINUX = sys.platform.startswith("linux")
_PROC = Path("/proc")


@attrs.frozen
class Row:
    """One process, as seen at one moment."""

    pid: int
    parent: int
    group: int
    session: int
    started: float
    """Seconds since the boot on Linux, since the epoch elsewhere; exact enough to tell a reused pid."""
    gone: bool
    """It has exited, and only waits for its parent to take note (a zombie)."""


def table() -> Mapping[int, Row]:
    """Give every process that can be seen, by pid."""
    if not LINUX:
        return _portable_table()
    rows = (row_of(int(name)) for name in os.listdir(_PROC) if name.isdigit())  # noqa: PTH208  (a hot path)
    return {row.pid: row for row in rows if row is not None}


def row_of(pid: int) -> Row | None:
    """Give one process, or None when there is none with this pid."""
    if not LINUX:
        return _portable_table().get(pid)
    try:
        text = (_PROC / str(pid) / "stat").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The name in the second field may hold blanks and parentheses: the fields start behind its last one.
    fields = text[text.rindex(b")") + 2 :].split()
    state, parent, group, session = fields[0], int(fields[1]), int(fields[2]), int(fields[3])
    started = int(fields[19]) / _ticks_per_second()
    return Row(pid, parent, group, session, started, gone=state in b"ZXx")


def environment_of(pid: int) -> bytes:
    """Give the environment that a process was started with, or nothing where it may not be read."""
    if LINUX:
        with contextlib.suppress(OSError):
            return (_PROC / str(pid) / "environ").read_bytes()
        return b""
    import psutil  # noqa: PLC0415  (only where /proc is missing)

    with contextlib.suppress(psutil.Error, OSError):
        pairs = psutil.Process(pid).environ().items()
        return b"\0".join(os.fsencode(f"{name}={value}") for name, value in pairs)
    return b""


def namespace_pid(pid: int) -> int | None:
    """Give the pid that a process has in its own, innermost name space; None when it is gone or unknown."""
    with contextlib.suppress(OSError):
        for line in (_PROC / str(pid) / "status").read_bytes().splitlines():
            if line.startswith(b"NSpid:"):
                return int(line.split()[-1])
    return None


def program_name(pid: int) -> str:
    """Give the short name of the program that a process runs at the moment; empty when it is gone."""
    with contextlib.suppress(OSError):
        return (_PROC / str(pid) / "comm").read_text("utf-8", "replace").strip()
    return ""


@functools.cache
def boot_id() -> str:
    """Give a text that no other boot of this machine has."""
    if LINUX:
        return (_PROC / "sys/kernel/random/boot_id").read_text("ascii").strip()
    import psutil  # noqa: PLC0415  (only where /proc is missing)

    return str(int(psutil.boot_time()))


@functools.cache
def _ticks_per_second() -> int:
    return os.sysconf("SC_CLK_TCK")


def _portable_table() -> Mapping[int, Row]:
    import psutil  # noqa: PLC0415  (only where /proc is missing)

    rows = {}
    for process in psutil.process_iter(["pid", "ppid", "create_time", "status"]):
        info = process.info
        try:
            group, session = os.getpgid(info["pid"]), os.getsid(info["pid"])
        except OSError:
            group = session = 0
        gone = info["status"] == psutil.STATUS_ZOMBIE
        rows[info["pid"]] = Row(
            info["pid"], info["ppid"] or 0, group, session, info["create_time"] or 0.0, gone
        )
    return rows
