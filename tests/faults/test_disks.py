"""Disks that are full, and folders that nobody may write, in the middle of a run.

Each test has mounts of its own: the state folder is a small tmpfs that the test fills up and empties.
"""

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from beadwork.executions import Phase, Reason, State, StoreError, Verb
from beadwork.workflows import Refused
from faults.errands import CLOSED, END, MOMENTS, ask, held
from faults.ground import DONE, WORK, Ground, ground_in

pytestmark = [pytest.mark.fault, pytest.mark.own_mounts]

COMPLETED = (State.COMPLETED, Reason.VERIFIED)


def small_disk(folder: Path, megabytes: int = 4) -> None:
    """Make the state folder of the ground that will be in `folder` a disk of its own."""
    state = folder / "state"
    state.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=700", "tmpfs", state], check=True)


def fill_up(ground: Ground) -> Path:
    """Take all the room that is left; give the file that takes it."""
    filler = ground.made.state / "filler"
    with filler.open("ab", buffering=0) as file:
        for size in (65536, 4096, 512, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue
    return filler


@contextlib.contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Let nobody open a file of the folder for writing meanwhile; those that are open stay so."""
    subprocess.run(["mount", "--bind", folder, folder], check=True)
    subprocess.run(["mount", "-o", "remount,bind,ro", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


async def test_the_disk_is_full_while_logging(tmp_path: Path) -> None:
    """The run ends as failed for that, or completed with a hole that is said; its state is written."""
    small_disk(tmp_path)
    with ground_in(tmp_path) as ground:
        run = await ground.work(*ground.stalling(), {"long_line": 900_000}, {"say": "more"}, *WORK)
        await ground.there("agent.there", run)
        filler = fill_up(ground)
        ground.let_go()
        done = await ground.ended(run)
        assert (done.state, done.reason) == (State.FAILED, Reason.STORAGE)
        assert "full" in done.summary
        filler.unlink()
        await ground.aftermath(run, State.FAILED, Reason.STORAGE, log=False, printed=True)


async def test_the_disk_is_full_while_cloning(tmp_path: Path) -> None:
    """No half-made checkout stays, and the next run makes a whole one."""
    small_disk(tmp_path)
    with ground_in(tmp_path) as ground:
        run = await ground.held(Phase.PREPARING)
        filler = fill_up(ground)
        ground.let_go()
        done = await ground.ended(run)
        assert (done.state, done.reason) == (State.FAILED, Reason.STORAGE), ground.report(run)
        assert not ground.state.checkout_of(ground.made.project, "demo-1").exists()
        filler.unlink()
        await ground.aftermath(run, State.FAILED, Reason.STORAGE, log=False, printed=True)
        again = await ground.work(*WORK)
        await ground.aftermath(again, *COMPLETED, bead=DONE, printed=True)


async def _ask_again_and_again(ground: Ground) -> None:
    """Ask for work and cancel it, until the store has no more room."""
    while True:
        view = await ground.application.work(ground.made.project, ground.request("demo-3"))
        assert not isinstance(view, Refused)
        await ground.application.cancel(view.id)


async def test_the_disk_of_the_store_is_full(tmp_path: Path) -> None:
    """A request is refused in one sentence; when there is room again, everything goes on."""
    small_disk(tmp_path)
    with ground_in(tmp_path) as ground:
        run = await ground.held(Phase.AGENT)
        await ground.kill(ground.worker(run))
        filler = fill_up(ground)
        with pytest.raises(StoreError, match="full"):
            await _ask_again_and_again(ground)
        filler.unlink()
        await ground.application.tend()
        for each in ground.store.list(bead="demo-3"):
            await ground.ended(each.id)
        await ground.aftermath(run, State.FAILED, Reason.INTERRUPTED, printed=True)


async def test_an_agent_fills_its_folder(tmp_path: Path) -> None:
    """What it wrote to its own temporary folder is on the same disk: the run says that it is full."""
    small_disk(tmp_path)
    with ground_in(tmp_path) as ground:
        fill = 'cat /dev/zero > "$TMPDIR/fill"'
        run = await ground.work({"run": fill}, *WORK, {"run": 'rm "$TMPDIR/fill"'})
        done = await ground.ended(run)
        assert done.state is State.FAILED
        assert done.reason in {Reason.STORAGE, Reason.NO_COMMIT, Reason.AGENT_FAILED}
        for each in (ground.made.state / "homes").rglob("fill"):
            each.unlink()
        await ground.aftermath(run, State.FAILED, done.reason, log=False, printed=True)


async def test_the_state_folder_becomes_read_only(tmp_path: Path) -> None:
    """The run cannot go on and says so; the next request is refused in one sentence; later all is well."""
    with ground_in(tmp_path) as ground:
        run = await ground.held(Phase.AGENT)
        with read_only(ground.made.state):
            assert "cannot be written" in ground.made.beadwork("work", "demo-3", "--json", code=1)
            ground.let_go()
            done = await ground.until(run, lambda now: not now.active)
        assert (done.state, done.reason) == (State.FAILED, Reason.STORAGE), ground.report(run)
        for each in (ground.made.state / "logs").rglob("*.reserve"):
            each.unlink()  # the worker could not; retention does, with its log
        await ground.aftermath(run, State.FAILED, Reason.STORAGE, printed=True)
        again = await ground.work(*WORK)
        await ground.aftermath(again, *COMPLETED, bead=DONE, printed=True)


async def test_the_state_folder_is_read_only_when_a_worker_is_lost(tmp_path: Path) -> None:
    """Nobody can write how the run ended, and that is said; who comes later does."""
    with ground_in(tmp_path) as ground:
        run = await ground.held(Phase.AGENT)
        await ground.kill(ground.worker(run))
        with read_only(ground.made.state):
            assert "cannot be" in ground.made.beadwork("runs", "--json", code=None)
        await ground.aftermath(run, State.FAILED, Reason.INTERRUPTED, printed=True)


@pytest.mark.parametrize("moment", ["preparing", "gates"])
async def test_the_disk_is_full_while_gates_run(tmp_path: Path, moment: str) -> None:
    """While their checkout is made, or while one speaks: nothing is known of it; with room they pass."""
    small_disk(tmp_path)
    with ground_in(tmp_path) as ground:
        run = await held(ground, MOMENTS[f"gates: {moment}"], then="seq 100000; true")
        filler = fill_up(ground)
        ground.let_go()
        done = await ground.ended(run)
        assert (done.state, done.reason) == (State.FAILED, Reason.STORAGE), ground.report(run)
        assert "ry again" in done.summary
        filler.unlink()
        await ground.aftermath(run, State.FAILED, Reason.STORAGE, told=0, log=False, printed=True)
        again = await ask(ground, Verb.GATES)
        done = await ground.aftermath(again, *END[Verb.GATES], told=0, printed=True)
        (result,) = done.results["gates"]["results"]  # type: ignore[index]
        assert not result["known"]


async def test_the_state_folder_becomes_read_only_while_gates_run(tmp_path: Path) -> None:
    """The bead is not closed: what came of its gates cannot be kept. Later it is."""
    with ground_in(tmp_path) as ground:
        run = await held(ground, MOMENTS["close: gates"])
        with read_only(ground.made.state):
            ground.let_go()
            done = await ground.until(run, lambda now: not now.active)
        assert (done.state, done.reason) == (State.FAILED, Reason.STORAGE), ground.report(run)
        for each in (ground.made.state / "logs").rglob("*.reserve"):
            each.unlink()  # the worker could not; retention does, with its log
        await ground.aftermath(run, State.FAILED, Reason.STORAGE, told=0, printed=True)
        again = await ask(ground, Verb.CLOSE)
        await ground.aftermath(again, *END[Verb.CLOSE], bead=CLOSED, printed=True)
