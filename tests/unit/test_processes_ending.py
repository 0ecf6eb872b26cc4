"""Identities, trees and their ends, with real processes that are hard to end."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import attrs
import pytest

from beadwork.processes import (
    Child,
    Identity,
    alive,
    descendants,
    end_tree,
    identity,
    marked,
    own_identity,
    send,
    start_child,
    sweep,
)
from eventually import eventually
from left_behind import PROGRAMS, carrying, new_token

BAD = str(PROGRAMS / "bad_children.py")


@attrs.frozen
class Started:
    """A bad child that is ready."""

    child: Child
    identity: Identity
    token: str

    @property
    def mark(self) -> tuple[str, str]:
        """The variable and value that all of it inherits."""
        return ("TEST_MARK", self.token)


async def start(what: str) -> Started:
    """Start a bad child with a mark in its environment, and wait until it is ready."""
    token = new_token()
    child = await start_child(
        [sys.executable, BAD, what, token],
        cwd=Path("/"),
        environment={"TEST_MARK": token},
    )
    assert await child.stdout.readline() == b"ready\n"
    found = identity(child.pid)
    assert found is not None
    return Started(child, found, token)


@pytest.fixture
async def tokens() -> AsyncIterator[list[str]]:
    """Tokens of programs of which nothing may be left."""
    used: list[str] = []
    yield used
    assert [pid for token in used for pid in carrying(token)] == []


@pytest.mark.parametrize(
    ("what", "steps"),
    [
        ("polite", ("interrupt",)),
        ("deaf", ("interrupt", "terminate", "kill")),
        ("forks_when_told", ("interrupt", "terminate", "kill")),
        ("bomb", ("interrupt", "terminate", "kill")),
        ("zombies", ("interrupt",)),
    ],
)
async def test_steps_of_an_end(tokens: list[str], what: str, steps: tuple[str, ...]) -> None:
    """A tree is ended with no more force than it takes, and all of it."""
    started = await start(what)
    tokens.append(started.token)
    grace = 30 if steps == ("interrupt",) else 0.05
    ended = await end_tree(started.identity, mark=started.mark, grace=grace, terminate_grace=0.1)
    assert (ended.steps, ended.survivors) == (steps, ())
    assert not alive(started.identity)
    assert descendants(started.identity.pid) == ()
    await started.child.wait()


async def test_an_end_without_interrupt(tokens: list[str]) -> None:
    """Who wants no interrupt starts with terminate."""
    started = await start("polite")
    tokens.append(started.token)
    ended = await end_tree(started.identity, grace=9, interrupts=False)
    assert ended.steps == ("terminate",)
    assert await started.child.wait() == -signal.SIGTERM


async def test_the_end_of_what_has_ended() -> None:
    """Nothing is signalled when nothing runs any more."""
    started = await start("polite")
    send(started.identity, signal.SIGKILL)
    await started.child.wait()
    ended = await end_tree(started.identity, mark=started.mark, grace=9)
    assert (ended.steps, ended.survivors) == ((), ())


async def test_a_sweep_finds_by_the_mark(tokens: list[str]) -> None:
    """What carries the mark is ended wherever it hangs in the tree; its neighbours are not."""
    marked_one, neighbour = await start("deaf"), await start("deaf")
    tokens.append(marked_one.token)
    ended = await sweep(*marked_one.mark, terminate_grace=0.1)
    assert (ended.steps, ended.survivors) == (("terminate", "kill"), ())
    assert not alive(marked_one.identity)
    assert alive(neighbour.identity)
    await end_tree(neighbour.identity, grace=0, terminate_grace=0)
    await asyncio.gather(marked_one.child.wait(), neighbour.child.wait())


async def test_a_sweep_from_inside() -> None:
    """A process that carries the mark itself sweeps all but itself and its ancestors."""
    token = new_token()
    code = (
        "import asyncio, subprocess, sys\n"
        "from beadwork.processes import sweep\n"
        "child = subprocess.Popen(['sleep', '1000'])\n"
        "ended = asyncio.run(sweep('TEST_MARK', sys.argv[1]))\n"
        "print(ended.steps, child.wait())\n"
    )
    shell = ["sh", "-c", f'"{sys.executable}" -c "$0" "$1"; echo shell lives', code, token]
    child = await start_child(
        shell,
        cwd=Path("/"),
        environment={**os.environ, "TEST_MARK": token, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert await child.stdout.read() == b"('terminate',) -15\nshell lives\n"
    await child.wait()


async def test_a_reused_pid_is_never_signalled() -> None:
    """A process that has the pid, but not the start time or the boot, is another one."""
    started = await start("polite")
    right = started.identity
    for wrong in (
        attrs.evolve(right, started=right.started - 0.01),
        attrs.evolve(right, boot="another boot"),
    ):
        assert not alive(wrong)
        assert not send(wrong, signal.SIGKILL)
        assert (await end_tree(wrong, grace=0)).steps == ()
    assert alive(right)
    assert send(right, signal.SIGKILL)
    assert await started.child.wait() == -signal.SIGKILL
    assert not alive(right)


def test_a_zombie_does_not_run() -> None:
    """A process that has exited, and was not reaped yet, is not alive."""
    process = subprocess.Popen(["sh", "-c", "read line"], stdin=subprocess.PIPE)
    found = identity(process.pid)
    assert found is not None
    assert alive(found)
    process.communicate(b"")
    assert not alive(found)


async def test_the_system_and_ourselves_are_spared() -> None:
    """No mark and no identity leads to a signal for the first process, for us or our ancestors."""
    first = identity(1)
    assert first is not None
    assert not send(first, signal.SIGTERM)
    assert own_identity() not in marked("PATH", os.environ["PATH"])
    assert os.getppid() not in {process.pid for process in marked("PATH", os.environ["PATH"])}
    assert (await end_tree(attrs.evolve(own_identity(), started=0.0), grace=0)).steps == ()


async def test_orphans_are_reaped_without_stealing_an_exit(tmp_path: Path) -> None:
    """A subreaper reaps the orphans of a tree it ended; the exit code of its own child still arrives."""
    code = (
        "import asyncio, os, sys\n"
        "from pathlib import Path\n"
        "from beadwork.processes import *\n"
        "def own():\n"
        "    return [row for row in table().values() if row.parent == os.getpid()]\n"
        "async def main():\n"
        "    assert become_subreaper()\n"
        "    child = await start_child(['sh', '-c', 'sleep 1000 & sleep 1000 & echo ready; wait'],\n"
        "        cwd=Path('/'), environment={'PATH': os.environ['PATH']})\n"
        "    await child.stdout.readline()\n"
        "    ended = await end_tree(identity(child.pid), grace=0, interrupts=False)\n"
        "    print(ended.steps, await child.wait(), own())\n"
        "asyncio.run(main())\n"
    )
    child = await start_child(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        environment={"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    out, err = await asyncio.gather(child.stdout.read(), child.stderr.read())
    assert (out, err) == (b"('terminate',) -15 []\n", b"")
    await child.wait()


async def test_a_child_hears_an_interrupt_that_we_ignore(tokens: list[str]) -> None:
    """A worker started in a shell's background ignores interrupts; what it starts does not."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        started = await start("zombies")
        tokens.append(started.token)
        assert (await end_tree(started.identity, grace=30)).steps == ("interrupt",)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
    await started.child.wait()


async def test_the_exit_is_told_while_the_pipes_are_held() -> None:
    """`wait` returns at the exit, not when a grandchild lets go of the pipes."""
    token = new_token()
    argv = [sys.executable, BAD, "holds_the_pipes", token]
    child = await start_child(argv, cwd=Path("/"), environment={"TEST_MARK": token})
    assert await child.wait() == 0
    await eventually("the grandchild runs", lambda: carrying(token))
    await sweep("TEST_MARK", token, terminate_grace=0)
    assert carrying(token) == []
