"""Guards over all tests: what a test starts, it ends.

What it leaves out: orphans, such as workers on purpose are; a test of those looks for them itself.
"""

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from beadwork.processes import Identity, descendants, own_identity, send

# How long something takes on a busy machine is no property of it.
hypothesis.settings.register_profile(
    "beadwork", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("beadwork")

_MAY_LINGER = 10.0
"""Seconds for a process that is about to end."""


def _running() -> dict[Identity, str]:
    return {process: _command(process.pid) for process in descendants(own_identity().pid)}


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return ""


@pytest.fixture(autouse=True)
def nothing_is_left_running() -> Iterator[None]:
    """Fail a test that leaves a process behind, and end that process."""
    before = descendants(own_identity().pid)
    yield
    deadline = time.monotonic() + _MAY_LINGER
    while left := {process: words for process, words in _running().items() if process not in before}:
        if time.monotonic() > deadline:
            break
        time.sleep(0.02)  # noqa: TID251  (a fixture without a loop; the named state is: nothing left)
    for process in left:
        send(process, signal.SIGKILL)
    assert not left, f"left running: {sorted(left.values())}"
