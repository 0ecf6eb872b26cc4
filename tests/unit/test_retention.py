"""What is kept of runs, logs and checkouts, and what goes: never what is nowhere else, or still needed."""

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import filelock
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bead_places import record, write_jsonl
from beadwork.checkouts import gates_name
from beadwork.executions import FINAL, HERE, Execution, Order, Reason, State, Verb
from beadwork.settings import Settings
from beadwork.state_folder import StateFolder
from beadwork.workflows.house import House, furnish
from beadwork.workflows.keeping import small_logs
from beadwork.workflows.keeping.retained_runs import what_goes
from beadwork.workflows.keeping.retention import keep_house
from beadwork.workflows.views import RunView
from repositories import Sample, repository

DAY = 86400.0
NOW = time.time()
MEGABYTE = 1024 * 1024


@attrs.frozen
class Home:
    """A user with a house, and a project in it."""

    house: House
    project: Sample
    folder: Path

    def settings(self, **values: int) -> None:
        """Write the user's settings."""
        file = self.folder / "config" / "beadwork" / "config.toml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("".join(f"{name} = {value}\n" for name, value in values.items()), "utf-8")

    def run(
        self, bead: str, days: float, *, state: State = State.COMPLETED, size: int = 10, **fields: Any
    ) -> Execution:
        """Put a run in that ended `days` ago, with its logs."""
        count = len(self.house.store.list(limit=10_000))
        folder = self.house.state.logs_of(self.project.top, bead)
        log = folder / f"{count:04d}-work.jsonl"
        folder.mkdir(parents=True, exist_ok=True)
        log.write_bytes(b"x" * size)
        log.with_suffix(".log").write_bytes(b"x")
        ended = NOW - days * DAY
        for path in (log, log.with_suffix(".log")):
            os.utime(path, (ended, ended))
        run = Execution(
            f"{count:08d}-run",
            Order(str(self.project.top), bead, bead),
            state,
            queued_at=ended - 60,
            ended_at=ended if state in FINAL else None,
            reason=Reason.VERIFIED,
            log=str(log),
            told=True,
        )
        self.house.store.insert(attrs.evolve(run, **fields))
        return self.house.store.get(run.id)

    def there(self) -> set[str]:
        """Give the runs that are in the store, by the beginning of their ids."""
        return {run.id for run in self.house.store.list(limit=10_000)}

    async def keep(self) -> str:
        """Keep house, whenever it was done before; give what was said."""
        return "\n".join(await keep_house(self.house, now=NOW, force=True))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    """Give a user whose project has demo-1 (open) and demo-2 (closed)."""
    for name, value in {
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "HOME": str(tmp_path),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "PATH": "/usr/local/bin:/usr/bin:/bin",
    }.items():
        monkeypatch.setenv(name, value)
    project = repository(tmp_path / "project")
    write_jsonl(project.top, [record("demo-1"), record("demo-2", status="closed")])
    house = furnish(StateFolder(tmp_path / "state"))
    yield Home(house, project, tmp_path)
    house.store.close()


async def test_old_runs_go_with_their_logs_and_empty_folders(home: Home) -> None:
    """A closed bead keeps nothing that is older than the days that are set."""
    old, recent = home.run("demo-2", 91), home.run("demo-1", 3)
    said = await home.keep()
    assert home.there() == {recent.id}
    assert not Path(old.log).parent.exists()
    assert Path(recent.log).exists()
    assert "Removed 1 old run" in said


async def test_an_open_bead_keeps_its_newest_run_whatever_its_age(home: Home) -> None:
    """What is known of it is told to its next agent."""
    older, newest = home.run("demo-1", 500), home.run("demo-1", 400)
    await home.keep()
    assert home.there() == {newest.id}
    assert not Path(older.log).exists()
    assert Path(newest.log).with_suffix(".log").exists()


async def test_of_each_bead_the_newest_are_kept(home: Home) -> None:
    """But none goes that the budget of the day counts."""
    home.settings(keep_runs=2)
    first, *others = [home.run("demo-1", days) for days in (5, 4, 3)]
    fresh = [home.run("demo-2", 0.1) for _ in range(4)]
    await home.keep()
    assert home.there() == {run.id for run in (*others, *fresh)}
    assert not Path(first.log).exists()


async def test_the_oldest_logs_go_when_all_take_too_much(home: Home) -> None:
    """A run of today keeps its row, for its cost counts; only its log goes."""
    home.settings(keep_megabytes=1)
    old = home.run("demo-2", 10, size=MEGABYTE)
    today = home.run("demo-2", 0.5, size=MEGABYTE)
    newest = home.run("demo-2", 0.1, size=MEGABYTE // 2)
    await home.keep()
    assert home.there() == {today.id, newest.id}
    assert not Path(old.log).exists()
    assert not Path(today.log).exists()
    assert Path(newest.log).exists()


@pytest.mark.parametrize("state", ["queued", "needs_input", "paused"])
async def test_what_has_not_ended_stays(home: Home, state: str) -> None:
    """However old, large or many."""
    home.settings(keep_days=1, keep_runs=1, keep_megabytes=1)
    run = home.run("demo-2", 1000, state=State(state), size=2 * MEGABYTE)
    await home.keep()
    assert home.there() == {run.id}
    assert Path(run.log).exists()


async def test_nothing_goes_when_nothing_is_set(home: Home) -> None:
    """0 is for ever."""
    home.settings(keep_days=0, keep_runs=0, keep_megabytes=0)
    runs = [home.run("demo-2", days, size=MEGABYTE) for days in (5000, 4000)]
    assert await home.keep() == ""
    assert home.there() == {run.id for run in runs}


async def test_a_run_whose_retry_link_leads_nowhere_is_shown(home: Home) -> None:
    """The first attempt may be gone before the second."""
    first = home.run("demo-1", 200, state=State.FAILED)
    second = home.run("demo-1", 1, retry_of=first.id, attempt=2)
    await home.keep()
    assert home.there() == {second.id}
    assert RunView.of(home.house.store.get(second.id), "").retry_of == first.id


async def test_a_run_whose_files_went_before_its_row_goes_too(home: Home) -> None:
    """As after a process that was ended half-way; the next one goes on where it stopped."""
    for path in (half := Path(home.run("demo-2", 200).log), half.with_suffix(".log")):
        path.unlink()
    half.parent.rmdir()
    assert "Removed 1 old run" in await home.keep()
    assert home.there() == set()


async def test_old_logs_that_no_run_has_go(home: Home) -> None:
    """A process that was ended half-way leaves one; fresh ones may be of a run that just begins."""
    run = home.run("demo-1", 1)
    orphans = [Path(run.log).with_name(name) for name in ("a.jsonl", "a.log", "b.jsonl", "notes.txt")]
    for path in orphans:
        path.touch()
        os.utime(path, (NOW - 100 * DAY, NOW - 100 * DAY))
    orphans[2].touch()
    await home.keep()
    assert [path.exists() for path in orphans] == [False, False, True, True]


async def test_a_log_elsewhere_is_not_ours_to_remove(home: Home) -> None:
    """A row is data: a path in it that leads out of the folder of logs is not followed."""
    precious = home.folder / "precious.jsonl"
    precious.touch()
    inside = home.house.state.run_logs / "x" / ".." / ".." / ".." / "precious.jsonl"
    home.run("demo-2", 200, log=str(precious))
    home.run("demo-2", 201, log=str(inside))
    await home.keep()
    assert precious.exists()
    assert home.there() == set()


async def test_it_is_done_once_a_day_by_one_of_many(home: Home) -> None:
    """Whoever comes by; not when another is at it; again when a clock was set back, but not by a little."""
    home.run("demo-2", 200)
    said = await asyncio.gather(*(keep_house(home.house, now=NOW) for _ in range(4)))
    assert sum(bool(each) for each in said) == 1
    home.run("demo-2", 200)
    assert await keep_house(home.house, now=NOW + DAY / 2) == ()
    assert await keep_house(home.house, now=NOW - 10) == ()
    assert await keep_house(home.house, now=NOW - DAY) != ()
    home.run("demo-2", 200)
    with filelock.FileLock(home.house.state.locks / "retention.lock"):
        assert await keep_house(home.house, now=NOW + 3 * DAY) == ()
    assert await keep_house(home.house, now=NOW + 3 * DAY) != ()


async def test_small_logs_are_put_aside_when_they_are_large(home: Home) -> None:
    """Workers, defects and notifications."""
    for path in (home.house.state.worker_output, home.house.state.defects, home.house.state.notifications):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * small_logs.MOST)
        await home.keep()
        assert not path.exists()
        assert path.with_name(f"{path.name}.old").exists()


async def worked(home: Home, bead: str, *, back: bool = True) -> Sample:
    """Make the checkout of a bead with a commit in it, as an agent would, and bring it back or not."""
    checkout = await home.house.checkouts.prepare(home.project.top, bead)
    tree = Sample(checkout.path)
    tree.commit("work", new="new\n")
    if back:
        await home.house.checkouts.bring_back(checkout, await home.house.checkouts.evidence(checkout))
    agent_home = home.house.state.agent_home_of(home.project.top, bead)
    (agent_home / "locked").mkdir(parents=True)
    (agent_home / "locked").chmod(0o500)
    return tree


async def test_the_checkout_of_a_closed_bead_goes_when_its_work_is_back(home: Home) -> None:
    """With the agents' home; that of an open bead stays."""
    home.run("demo-1", 1)
    home.run("demo-2", 1)
    there, gone = await worked(home, "demo-1"), await worked(home, "demo-2")
    said = await home.keep()
    assert there.top.exists()
    assert not gone.top.exists()
    assert not home.house.state.agent_home_of(home.project.top, "demo-2").exists()
    assert "Removed the checkout of demo-2" in said
    assert home.project.git("rev-parse", "bead/demo-2")


async def test_what_gates_left_goes_when_the_bead_is_closed_or_the_run_is_old(home: Home) -> None:
    """The checkout and the homes, of the user's own tree too; those of an open bead stay."""
    tops = {}
    for bead, days in (("demo-1", 1.0), ("demo-2", 1.0), (HERE, 100.0)):
        home.run(bead, days, order=Order(str(home.project.top), bead, bead, verb=Verb.GATES))
        tops[bead] = home.house.state.agent_home_of(home.project.top, gates_name(bead))
        tops[bead].mkdir(parents=True)
    commit = home.project.git("rev-parse", "HEAD")
    stays = await home.house.checkouts.prepare_gates(home.project.top, "demo-1", commit)
    goes = await home.house.checkouts.prepare_gates(home.project.top, "demo-2", commit)
    assert "Removed the checkout for gates of demo-2." in await home.keep()
    assert [top.exists() for top in tops.values()] == [True, False, False]
    assert (stays.path.exists(), goes.path.exists()) == (True, False)


def another_branch(tree: Sample) -> None:
    """Leave a commit beside the bead's branch."""
    tree.git("switch", "-q", "-c", "idea")
    tree.commit("an idea", idea="idea\n")
    tree.git("switch", "-q", "bead/demo-2")


def stash(tree: Sample) -> None:
    """Leave a stash."""
    tree.write("readme", "stashed\n")
    tree.git("stash")


def detached(tree: Sample) -> None:
    """Leave a commit that only HEAD reaches."""
    tree.git("switch", "-q", "--detach")
    tree.commit("on nothing", adrift="adrift\n")


@pytest.mark.parametrize("leave", [another_branch, stash, detached])
async def test_a_checkout_with_work_that_is_nowhere_else_stays(
    home: Home, leave: Callable[[Sample], None]
) -> None:
    """On whatever branch it is; its bead's newest run stays with it, and it is said."""
    run = home.run("demo-2", 1000)
    tree = await worked(home, "demo-2")
    leave(tree)
    said = await home.keep()
    assert tree.top.exists()
    assert "demo-2, which is closed, was kept: it has commits that are not in your repository" in said
    assert home.there() == {run.id}


async def test_a_checkout_whose_branch_never_came_back_stays(home: Home) -> None:
    """As after a run that failed on the way."""
    home.run("demo-2", 1000)
    tree = await worked(home, "demo-2", back=False)
    await home.keep()
    assert tree.top.exists()


async def test_changes_that_are_not_committed_stay_until_they_are_old(home: Home) -> None:
    """By the file that was changed last, in a folder that git does not know too."""
    home.run("demo-2", 1)
    tree = await worked(home, "demo-2")
    (tree.top / "folder" / "deep").mkdir(parents=True)
    note = tree.write("folder/deep/note", "a thought\n")
    assert "it has changes that are not committed: folder/" in await home.keep()
    for path in (note, note.parent, note.parent.parent):
        os.utime(path, (NOW - 100 * DAY, NOW - 100 * DAY))
    await home.keep()
    assert not tree.top.exists()


async def test_a_tracker_that_does_not_answer_keeps_everything_of_its_project(home: Home) -> None:
    """Nobody knows what is closed then."""
    run = home.run("demo-2", 1000)
    tree = await worked(home, "demo-2")
    (home.project.top / ".beads").rename(home.project.top / "elsewhere")
    await home.keep()
    assert tree.top.exists()
    assert home.there() == {run.id}


async def test_a_project_that_is_gone_keeps_its_checkouts_and_not_its_old_runs(home: Home) -> None:
    """The work may be nowhere else now."""
    home.run("demo-2", 1000)
    tree = await worked(home, "demo-2")
    home.project.top.rename(home.folder / "moved")
    await home.keep()
    assert tree.top.exists()
    assert home.there() == set()


async def test_what_is_broken_is_said(home: Home) -> None:
    """It never fails whoever comes by."""
    home.settings(keep_days=-1)
    assert "could not be removed" in await home.keep()


days = st.floats(0, 200)


@given(
    ended=st.lists(
        st.tuples(st.integers(0, 3), days, st.booleans(), st.integers(0, 3 * MEGABYTE)), max_size=30
    ),
    kept=st.sets(st.integers(0, 3)),
    limits=st.tuples(st.integers(0, 120), st.integers(0, 4), st.integers(0, 6)),
)
def test_whatever_the_limits_the_promises_hold(
    ended: list[tuple[int, float, bool, int]], kept: set[int], limits: tuple[int, int, int]
) -> None:
    """What has not ended and the newest of open beads stay; rows of the last days stay; size is kept to."""
    runs = [
        Execution(
            str(number),
            Order("/p", f"demo-{bead}", ""),
            State.FAILED if over else State.PAUSED,
            queued_at=0.0,
            ended_at=NOW - ago * DAY,
        )
        for number, (bead, ago, over, _) in enumerate(ended)
    ]
    sizes = {str(number): size for number, (*_, size) in enumerate(ended)}
    settings = Settings(keep_days=limits[0], keep_runs=limits[1], keep_megabytes=limits[2])
    gone = what_goes(runs, frozenset(("/p", f"demo-{bead}") for bead in kept), sizes, settings, NOW)
    logs, rows = {run.id for run in gone.logs}, {run.id for run in gone.rows}
    newest = {next((run.id for run in runs if run.order.bead == f"demo-{bead}"), "") for bead in kept}
    free = {run.id for run in runs if run.state in FINAL} - newest
    assert rows <= logs <= free
    assert all((run.ended_at or 0) < NOW - 2 * DAY for run in gone.rows)
    left = sum(size for run, size in sizes.items() if run not in logs)
    if settings.keep_megabytes and left > settings.keep_megabytes * MEGABYTE:
        assert {run for run in free if sizes[run]} <= logs
