"""Which processes belong to a run: found by descent and by the mark they inherited, never by a name.

Descent is complete only below a child subreaper, which takes in what its descendants leave behind.
"""

import ctypes
import os
from collections.abc import Iterable, Mapping

from beadwork.processes.identity import Identity, identity_of_row
from beadwork.processes.table import LINUX, Row, environment_of, row_of, table

_PR_SET_CHILD_SUBREAPER = 36


def become_subreaper() -> bool:
    """Let this process inherit orphans among its descendants, instead of init.

    Gives False where the system has no such thing (anything but Linux): descent may then miss what a program
    of a run left behind, and only the mark finds it.
    """
    if not LINUX:
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    return bool(libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0)


def descendants(root: int, rows: Mapping[int, Row] | None = None) -> tuple[Identity, ...]:
    """Give the running processes below `root`, parents before their children, without `root` itself."""
    seen = table() if rows is None else rows
    children: dict[int, list[Row]] = {}
    for row in seen.values():
        children.setdefault(row.parent, []).append(row)
    found: list[Row] = []
    front = [root]
    while front:
        below = [child for pid in front for child in children.get(pid, ()) if child.pid != root]
        found.extend(below)
        front = [row.pid for row in below]
    return tuple(identity_of_row(row) for row in found if not row.gone)


def marked(name: str, value: str, rows: Mapping[int, Row] | None = None) -> tuple[Identity, ...]:
    """Give the running processes that were started with `name=value` in their environment.

    Never this process, nor one it descends from: a run that is started from inside another run must not end
    the one it is part of.
    """
    entry = os.fsencode(f"{name}={value}")
    seen = table() if rows is None else rows
    spared = lineage(seen)
    return tuple(
        identity_of_row(row)
        for row in seen.values()
        if not row.gone and row.pid not in spared and entry in environment_of(row.pid).split(b"\0")
    )


def lineage(rows: Mapping[int, Row]) -> frozenset[int]:
    """Give the pids of this process and all it descends from, and the two of the system."""
    found = {0, 1}
    pid = os.getpid()
    while pid not in found:
        found.add(pid)
        row = rows.get(pid) or row_of(pid)
        pid = 0 if row is None else row.parent
    return frozenset(found)


def union(*parts: Iterable[Identity]) -> tuple[Identity, ...]:
    """Give each process once, in order."""
    return tuple(dict.fromkeys(process for part in parts for process in part))
