"""A process told apart from every other that ever had its number, and signals that reach only that one."""

import os
import signal

import attrs

from beadwork.processes.table import Row, boot_id, row_of


@attrs.frozen
class Identity:
    """A pid, and what makes it unique."""

    pid: int
    started: float
    """Start time in seconds, since the boot on Linux, since the epoch elsewhere: to compare, not to show."""
    boot: str
    """The boot it runs in."""


def identity_of_row(row: Row) -> Identity:
    """Give the identity of a process just seen."""
    return Identity(row.pid, row.started, boot_id())


def identity(pid: int) -> Identity | None:
    """Give the identity of the process that has `pid` now, or None when there is none."""
    row = row_of(pid)
    return None if row is None else identity_of_row(row)


def own_identity() -> Identity:
    """Give the identity of the process this runs in."""
    found = identity(os.getpid())
    if found is None:  # pragma: no cover  (we are running)
        raise ProcessLookupError(os.getpid())
    return found


def alive(process: Identity) -> bool:
    """Say whether that very process still runs; one that has exited but was not reaped does not."""
    if process.boot != boot_id():
        return False
    row = row_of(process.pid)
    return row is not None and not row.gone and row.started == process.started


def send(process: Identity, number: signal.Signals) -> bool:
    """Signal that very process, never another that took over its pid; say whether the signal went out.

    Raises PermissionError when it belongs to another user.
    """
    if process.pid <= 1:
        return False
    try:
        handle = _handle(process.pid)
    except ProcessLookupError:
        return False
    try:
        if not alive(process):
            return False
        # With the handle open before the check, the check holds for the process that gets the signal.
        if handle is None:
            os.kill(process.pid, number)
        else:
            signal.pidfd_send_signal(handle, number)
    except ProcessLookupError:
        return False
    finally:
        if handle is not None:
            os.close(handle)
    return True


def _handle(pid: int) -> int | None:
    """Open a handle that follows the process and not its number; None where the system has none."""
    if not hasattr(os, "pidfd_open"):
        return None
    try:
        return os.pidfd_open(pid)
    except ProcessLookupError:
        raise
    except OSError:  # an old kernel, a filter, or no descriptors left: the check alone must do
        return None
