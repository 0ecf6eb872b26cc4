"""Grounds for faults, and a way to give a test mounts of its own."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from faults.ground import Ground, ground_in

_INSIDE = "BEADWORK_TEST_HAS_MOUNTS"
_DEADLINE = 120


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    """A user with a project, beads and a tender; nothing of it is left afterwards."""
    with ground_in(tmp_path) as made:
        yield made


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a test that wants mounts of its own once more, in a process that may have them."""
    if pyfuncitem.get_closest_marker("own_mounts") is None or os.environ.get(_INSIDE):
        return None
    unshare = [shutil.which("unshare") or "unshare", "--user", "--map-root-user", "--mount"]
    try:
        subprocess.run([*unshare, "true"], capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this machine gives no mounts of one's own (unshare --user --mount)")
    words = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", pyfuncitem.nodeid)
    done = subprocess.run(
        [*unshare, sys.executable, *words],
        cwd=pyfuncitem.config.rootpath,
        env={**_outside(), _INSIDE: "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_DEADLINE,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    return True


def _outside() -> dict[str, str]:
    """Give this process's environment without what pytest and xdist put into it, nor a user's of a ground."""
    return {name: value for name, value in _BEGUN_WITH.items() if not name.startswith("PYTEST_")}


_BEGUN_WITH = dict(os.environ)
