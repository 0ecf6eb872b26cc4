"""What a run stands on goes away, is ruined, locked or changed in the middle of it."""

import contextlib
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from beadwork.executions import Phase, Reason, State, StoreError
from beadwork.workflows import build
from eventually import eventually
from faults.ground import CLAIMED, DONE, OPEN, WORK, Ground, ground_in

pytestmark = pytest.mark.fault

COMPLETED = (State.COMPLETED, Reason.VERIFIED)
INTERRUPTED = (State.FAILED, Reason.INTERRUPTED)


# The log


async def test_the_log_is_deleted(ground: Ground) -> None:
    """The run ends as it would have; what was written of it is gone with the file."""
    run = await ground.held(Phase.AGENT)
    log = Path(ground.get(run).log)
    log.unlink()
    ground.let_go()
    await ground.aftermath(run, *COMPLETED, bead=DONE, log=False)
    assert (await ground.application.log(run)).events == ()


async def test_the_folder_of_logs_is_removed(ground: Ground) -> None:
    """The run ends as it would have."""
    run = await ground.held(Phase.AGENT)
    shutil.rmtree(Path(ground.get(run).log).parent)
    ground.let_go()
    await ground.aftermath(run, *COMPLETED, bead=DONE, log=False)


async def test_the_folder_of_logs_is_removed_and_the_worker_killed(ground: Ground) -> None:
    """Recovery writes a log that says how it ended."""
    run = await ground.held(Phase.AGENT)
    shutil.rmtree(ground.made.state / "logs")
    await ground.kill(ground.worker(run))
    await ground.aftermath(run, *INTERRUPTED)


async def test_the_last_line_of_the_log_was_cut_when_the_worker_was_killed(ground: Ground) -> None:
    """The cut line is kept, said to be cut, and the numbers go on after it."""
    run = await ground.held(Phase.AGENT)
    await ground.kill(ground.worker(run))
    log = Path(ground.get(run).log)
    log.write_bytes(log.read_bytes() + b'{"seq":99,"at":')
    await ground.aftermath(run, *INTERRUPTED, log=False)
    events = (await ground.application.log(run)).events
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert "was cut" in ground.made.beadwork("log", run)


# The checkout


async def test_the_checkout_is_deleted(ground: Ground) -> None:
    """Nothing can be verified, so nothing is done; the bead is given back."""
    run = await ground.held(Phase.AGENT)
    shutil.rmtree(ground.state.checkout_of(ground.made.project, "demo-1"))
    ground.let_go()
    await ground.aftermath(run, State.FAILED, Reason.CHECKOUT)


async def test_the_git_folder_of_the_checkout_is_ruined(ground: Ground) -> None:
    """Nothing can be verified, so nothing is done."""
    run = await ground.held(Phase.VERIFYING)
    git = ground.state.checkout_of(ground.made.project, "demo-1") / ".git"
    shutil.rmtree(git)
    git.write_text("ruined")
    ground.let_go()
    done = await ground.ended(run)
    assert done.state in {State.COMPLETED, State.FAILED}
    await ground.aftermath(run, done.state, done.reason, bead=DONE if done.state is State.COMPLETED else OPEN)


async def test_the_agent_ruins_the_git_folder(ground: Ground) -> None:
    """Its commits cannot be read, so nothing is done; the next run says so too, and throws nothing away."""
    run = await ground.work(*WORK[:2], {"run": "rm -rf .git && echo ruined > .git"}, WORK[2])
    await ground.aftermath(run, State.FAILED, Reason.CHECKOUT)
    again = await ground.work(*WORK)
    await ground.aftermath(again, State.FAILED, Reason.CHECKOUT, says="look into it by hand")


# The user's repository


async def test_the_repository_is_moved_away(ground: Ground) -> None:
    """The work stays in its checkout; who comes when it is there again tells the bead, and brings it back."""
    run = await ground.held(Phase.AGENT)
    project, away = ground.made.project, ground.made.folder / "away"
    project.rename(away)
    ground.let_go()
    done = await ground.ended(run)
    assert (done.state, done.reason, done.told) == (State.FAILED, Reason.CHECKOUT, False)
    assert "only in its checkout" in done.summary
    away.rename(project)
    await ground.aftermath(run, State.FAILED, Reason.CHECKOUT, bead=CLAIMED, printed=True)
    assert ground.made.repository.git("show", "bead/demo-1:new.txt") == "new"


async def test_the_base_is_moved(ground: Ground) -> None:
    """The work stands on the commit that it began from, and comes back on its own branch."""
    run = await ground.held(Phase.AGENT)
    base = ground.get(run).base
    ground.made.repository.commit("meanwhile", other="moved on\n")
    ground.look_again()
    ground.let_go()
    await ground.aftermath(run, *COMPLETED, bead=DONE)
    assert ground.made.repository.git("rev-parse", "bead/demo-1^") == base


async def test_the_base_is_pushed_over(ground: Ground) -> None:
    """Also where the commit that it began from is on no branch any more, and pruned."""
    run = await ground.held(Phase.AGENT)
    base = ground.get(run).base
    repository = ground.made.repository
    repository.git("checkout", "--quiet", "--orphan", "other")
    repository.commit("another beginning", readme="other\n")
    repository.git("branch", "--force", "main", "HEAD")
    repository.git("checkout", "--quiet", "main")
    repository.git("branch", "--delete", "--force", "other")
    repository.git("reflog", "expire", "--expire=now", "--all")
    repository.git("gc", "--quiet", "--prune=now")
    ground.look_again()
    ground.let_go()
    await ground.aftermath(run, *COMPLETED, bead=DONE)
    assert repository.git("rev-parse", "bead/demo-1^") == base


@pytest.mark.parametrize("dirty", [False, True])
async def test_the_user_checks_out_the_branch_of_the_bead(ground: Ground, dirty: bool) -> None:
    """A branch that is in use is not written; the work stays in its checkout, and that is said."""
    run = await ground.held(Phase.AGENT)
    repository = ground.made.repository
    repository.git("checkout", "--quiet", "-b", "bead/demo-1")
    if dirty:
        repository.write("other", "not committed\n")
        repository.git("add", "other")
    ground.look_again()
    tree = repository.git("rev-parse", "bead/demo-1")
    ground.let_go()
    await ground.aftermath(run, State.FAILED, Reason.CHECKOUT, bead=CLAIMED, says="only in its checkout")
    assert repository.git("rev-parse", "bead/demo-1") == tree


async def test_somebody_commits_on_the_branch_of_the_bead(ground: Ground) -> None:
    """It is fast-forwarded only: what somebody else wrote stays, and the work stays in its checkout."""
    run = await ground.held(Phase.AGENT)
    repository = ground.made.repository
    repository.git("checkout", "--quiet", "-b", "bead/demo-1")
    repository.write("mine.txt", "mine\n")
    repository.git("add", "mine.txt")
    repository.git("commit", "--quiet", "--message", "mine")
    mine = repository.git("rev-parse", "HEAD")
    repository.git("checkout", "--quiet", "main")
    ground.look_again()
    ground.let_go()
    await ground.aftermath(run, State.FAILED, Reason.CHECKOUT, bead=CLAIMED, says="went on")
    assert repository.git("rev-parse", "bead/demo-1") == mine


async def test_a_ref_is_locked(ground: Ground) -> None:
    """Another git that died held the branch: said with git's words, the work kept in the checkout."""
    run = await ground.held(Phase.AGENT)
    lock = ground.made.project / ".git/refs/heads/bead/demo-1.lock"
    lock.parent.mkdir()
    lock.touch()
    ground.look_again()
    ground.let_go()
    await ground.aftermath(run, State.FAILED, Reason.CHECKOUT, bead=CLAIMED, says="demo-1.lock")


# Settings


async def test_the_settings_are_broken(ground: Ground) -> None:
    """A run that has begun goes on with those it read; the next request says what is wrong, and where."""
    run = await ground.held(Phase.AGENT)
    file = ground.made.folder / "config" / "beadwork" / "config.toml"
    good = file.read_text()
    file.write_text("slots = = 3\n")
    ground.let_go()
    done = await ground.ended(run)
    assert (done.state, done.reason) == COMPLETED
    said = ground.made.beadwork("work", "demo-3", "--json", code=1)
    assert "config.toml" in said
    assert "not valid TOML" in said
    await eventually("its worker's end", lambda: not ground.left())
    file.write_text(good)
    await ground.aftermath(run, *COMPLETED, bead=DONE, printed=True)


# The store


async def test_the_store_is_locked_for_a_while(ground: Ground) -> None:
    """Everybody waits for it, and nothing is lost."""
    run = await ground.held(Phase.AGENT)
    agent = ground.agent(run)
    with locked(ground.state.database):
        ground.let_go()
        await eventually("the agent's end", lambda: not Path(f"/proc/{agent.pid}").exists())
    await ground.aftermath(run, *COMPLETED, bead=DONE)


async def test_the_store_is_locked_for_too_long(tmp_path: Path) -> None:
    """The run fails for that, or is recovered when the store is free: it does not stay running."""
    with ground_in(tmp_path, worker="impatient") as ground:
        run = await ground.held(Phase.AGENT)
        worker = ground.worker(run)
        with locked(ground.state.database):
            ground.let_go()
            await eventually("the worker's end", lambda: not Path(f"/proc/{worker.pid}/exe").exists())
        done = await ground.ended(run)
        assert done.state in {State.FAILED, State.COMPLETED}
        bead = DONE if done.state is State.COMPLETED else CLAIMED
        await ground.aftermath(run, done.state, done.reason, bead=bead, printed=True)


async def test_the_store_is_damaged(ground: Ground) -> None:
    """It is moved aside and made anew from the logs, which is said; the run that went on is known again."""
    run = await ground.held(Phase.AGENT)
    await ground.kill(ground.worker(run))
    ground.application.close()
    ground.store.close()
    for file in ground.made.state.glob("beadwork.sqlite3*"):
        file.write_bytes(b"this is no database" * 1000)
    ground.come_back()
    await ground.aftermath(run, *INTERRUPTED)
    assert [each for each in ground.made.state.iterdir() if "damaged" in each.name]


async def test_the_store_is_damaged_under_a_worker(ground: Ground) -> None:
    """It cannot write how it ended; from the logs the store is made anew, with this run in it."""
    run = await ground.held(Phase.AGENT)
    ground.application.close()
    ground.store.close()
    for file in ground.made.state.glob("beadwork.sqlite3*"):
        file.write_bytes(b"this is no database" * 1000)
    ground.let_go()
    await eventually("its worker's end", lambda: not ground.left())
    ground.come_back()
    done = await ground.ended(run)
    bead = DONE if done.state is State.COMPLETED else CLAIMED
    await ground.aftermath(run, done.state, done.reason, bead=bead, printed=True)


async def test_the_store_is_of_a_newer_version(ground: Ground) -> None:
    """It is left alone, and a person told to update."""
    run = await ground.work(*WORK)
    await ground.aftermath(run, *COMPLETED, bead=DONE)
    ground.application.close()
    ground.store.close()
    database = sqlite3.connect(ground.state.database)
    database.execute("PRAGMA user_version = 99")
    database.close()
    content = ground.state.database.read_bytes()
    with pytest.raises(StoreError, match="newer"):
        build(ground.state)
    assert ground.state.database.read_bytes() == content
    assert "newer Beadwork" in ground.made.beadwork("runs", "--json", code=1)


@contextlib.contextmanager
def locked(database: Path) -> Iterator[None]:
    """Hold the write lock of the store meanwhile."""
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")
        connection.close()
