"""Runs that lost their worker, and beads that were out of reach: whoever comes next puts it right."""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs
import filelock
import pytest

import trial
from bead_places import record
from beadwork.executions import Phase, Reason, State, alive, recover
from beadwork.processes import alive as running
from beadwork.processes import end_tree, identity
from beadwork.state_folder import StateFolder
from beadwork.workflows import Application, Refused, WorkRequest, build
from eventually import eventually

Maker = Callable[..., trial.Trial]


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Maker]:
    """A factory of trials in whose environment this process is too; what still runs at the end is ended."""
    made: list[trial.Trial] = []

    def maker(*beads: Mapping[str, object], **settings: object) -> trial.Trial:
        made.append(new := trial.with_file(tmp_path, *beads))
        new.settings(**{"agent": "scripted", "runner": "plain", "actor": "Ada", **settings})
        for name, value in new.environment.items():
            monkeypatch.setenv(name, value)
        return new

    yield maker
    for each in made:
        each.end_all()


def bead_of(made: trial.Trial, bead: str) -> dict[str, Any]:
    """Give a bead as its file has it, without a command that would tend anything."""
    lines = (made.project / ".beads" / "issues.jsonl").read_text("utf-8").splitlines()
    return next(dict(each) for each in map(json.loads, lines) if each["id"] == bead)


def comments_of(made: trial.Trial, bead: str) -> list[str]:
    """Give the comments of a bead."""
    return [str(comment["text"]) for comment in bead_of(made, bead).get("comments", [])]


async def lost(made: trial.Trial, *before: Mapping[str, object]) -> str:
    """Start work on demo-1, and kill its worker when the agent has done the steps `before`."""
    there = made.folder / "there"
    script = made.script(*before, {"run": f"touch '{there}'"}, {"stall": True})
    run = str(made.json("work", "demo-1", "--script", script)["run"]["id"])
    await eventually("the agent is that far", there.exists, within=trial.DEADLINE)
    os.kill(made.worker(run), signal.SIGKILL)
    await eventually("all of the run is gone", lambda: not made.processes(run), within=trial.DEADLINE)
    there.unlink()
    return run


async def test_a_worker_that_has_done_its_work_looks_after_one_that_was_lost(make: Maker) -> None:
    """No server and no command comes by: the lost run ends, its bead is told, its slot is free again."""
    made = make(*(record(f"demo-{number}") for number in (1, 3, 4)), slots=2)
    gate = made.folder / "gate"
    works = ({"write": "new.txt", "text": "new"}, {"commit": "work"}, {"done": "Worked."})
    other = made.script({"stall": True, "until": str(gate)}, *works)
    made.json("work", "demo-3", "--script", other)
    run = made.json("work", "demo-1", "--script", made.script({"stall": True}))["run"]["id"]
    store = trial.open_store(made)
    await eventually("two agents", lambda: [each.phase for each in store.live()] == [Phase.AGENT] * 2)
    os.kill(made.worker(run), signal.SIGKILL)
    last = store.add(attrs.evolve(store.get(run).order, bead="demo-4", script=made.script(*works)))
    gate.touch()
    await eventually("the lost one ended", lambda: store.get(run).told, within=trial.DEADLINE)
    assert (store.get(run).state, store.get(run).reason) == (State.FAILED, Reason.INTERRUPTED)
    await eventually("the next one ended", lambda: not store.get(last.id).active, within=trial.DEADLINE)
    assert store.get(last.id).state is State.COMPLETED
    store.close()


async def test_a_server_that_could_not_tell_a_bead_tells_it_when_it_is_there_again(make: Maker) -> None:
    """The try that failed holds nothing up: neither its own process nor another is kept from the next."""
    made = make()
    run = await lost(made)
    beads = made.project / ".beads"
    beads.rename(made.folder / "beads")
    application = build(StateFolder(made.state))
    said = await application.tend()
    assert any("could not be told" in sentence for sentence in said), said
    (made.folder / "beads").rename(beads)
    assert list(await application.tend()) == []
    application.close()
    assert bead_of(made, "demo-1")["status"] == "open"
    assert [run[:8] in text for text in comments_of(made, "demo-1")] == [True]


async def test_what_a_killed_teller_left_is_cleared_away(make: Maker) -> None:
    """Killed after it had told a bead, it leaves the lock file, which would stay for ever."""
    made = make()
    run = await lost(made)
    application = build(StateFolder(made.state))
    await application.tend()
    left = StateFolder(made.state).locks / f"tell-{run}.lock"
    left.touch()
    await application.tend()
    application.close()
    assert not left.exists()


async def test_work_of_a_lost_run_that_cannot_come_back_is_told_all_the_same(make: Maker) -> None:
    """The branch went on elsewhere: the bead hears once where the commits are."""
    made = make()
    await lost(made, {"write": "new.txt", "text": "new"}, {"commit": "From the agent"})
    made.repository.git("branch", "bead/demo-1")
    made.repository.git("checkout", "--quiet", "bead/demo-1")
    made.repository.write("mine.txt", "mine\n")
    made.repository.git("add", "mine.txt")
    made.repository.git("commit", "--quiet", "-m", "mine")
    made.repository.git("checkout", "--quiet", "-")
    application = build(StateFolder(made.state))
    await application.tend()
    assert list(await application.tend()) == []
    application.close()
    (text,) = comments_of(made, "demo-1")
    assert "went on" in text
    assert "From the agent" in text


async def test_a_lost_run_whose_checkout_cannot_be_read_is_told_all_the_same(make: Maker) -> None:
    """An agent can have ruined it; that is said to the bead once, not to everybody for ever."""
    made = make()
    run = await lost(made)
    checkout = StateFolder(made.state).checkout_of(made.project, "demo-1")
    shutil.rmtree(checkout / ".git")
    application = build(StateFolder(made.state))
    await application.tend()
    assert list(await application.tend()) == []
    application.close()
    assert [run[:8] in text for text in comments_of(made, "demo-1")] == [True]


async def test_a_lost_run_takes_nothing_from_the_run_after_it(make: Maker) -> None:
    """Its bead is told when nobody works on it: until then the claim is the newer run's."""
    made = make()
    first = await lost(made)
    application = build(StateFolder(made.state))
    store = trial.open_store(made)
    await recover(store, StateFolder(made.state))  # by somebody who ended before the bead was told
    go = made.folder / "go"
    script = made.script({"stall": True, "until": str(go)}, {"fail": "No way."})
    view = await application.work(made.project, WorkRequest("demo-1", script=script))
    assert not isinstance(view, Refused)
    await eventually("the agent works", lambda: store.get(view.id).phase == "agent", within=trial.DEADLINE)
    assert list(await application.tend()) == []
    assert (bead_of(made, "demo-1")["status"], comments_of(made, "demo-1")) == ("in_progress", [])
    go.touch()
    await eventually("its end", lambda: not store.get(view.id).active, within=trial.DEADLINE)
    assert list(await application.tend()) == []
    await eventually("it is told", lambda: store.get(first).told)  # by the worker, or by us
    application.close()
    store.close()
    assert bead_of(made, "demo-1")["status"] == "open"
    assert [text.split("(run ")[1][:8] for text in comments_of(made, "demo-1")] == [view.id[:8], first[:8]]


@pytest.mark.parametrize("found", ["open", "in_progress"])
async def test_a_lost_run_takes_no_claim_from_work_that_was_done_after_it(make: Maker, found: str) -> None:
    """Told late, it says how it ended; the bead stays with who did the work, as the later run left it."""
    made = make()
    first = await lost(made)
    application = build(StateFolder(made.state))
    store = trial.open_store(made)
    await recover(store, StateFolder(made.state))  # by somebody who ended before the bead was told
    _as_if_lost_before_its_checkout(made, first)
    file = made.project / ".beads" / "issues.jsonl"
    if found == "open":  # the tracker had not taken the claim of the first
        lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
        reopened = [{**line, "status": "open", "assignee": ""} for line in lines]
        file.write_text("".join(json.dumps(line) + "\n" for line in reopened), "utf-8")
    script = made.script({"write": "new.txt", "text": "new"}, {"commit": "Done"}, {"done": "Done."})
    view = await application.work(made.project, WorkRequest("demo-1", script=script))
    assert not isinstance(view, Refused)
    await eventually("its end", lambda: not store.get(view.id).active, within=trial.DEADLINE)
    await application.tend()
    await eventually("the first is told", lambda: store.get(first).told)  # by the worker, or by us
    application.close()
    store.close()
    bead = bead_of(made, "demo-1")
    assert (bead["status"], bead["assignee"], bead["labels"]) == ("in_progress", "Ada", ["work-done"])


def _as_if_lost_before_its_checkout(made: trial.Trial, run: str) -> None:
    with contextlib.closing(sqlite3.connect(StateFolder(made.state).database)) as db, db:
        db.execute("UPDATE execution SET base = '', branch = '' WHERE id = ?", (run,))


async def test_a_claim_of_ones_own_outlasts_a_lost_worker(make: Maker) -> None:
    """Who had taken the bead by hand still has it."""
    made = make(record("demo-1", status="in_progress", assignee="Ada"))
    run = await lost(made)
    made.beadwork("list")
    shown = bead_of(made, "demo-1")
    assert (shown["status"], shown["assignee"]) == ("in_progress", "Ada")
    assert [run[:8] in text for text in comments_of(made, "demo-1")] == [True]


async def test_a_folder_for_locks_that_is_none_is_a_sentence(make: Maker) -> None:
    """What cannot be tended is said; a server that tends goes on."""
    made = make()
    await lost(made)
    store = trial.open_store(made)
    state = StateFolder(made.state)
    await recover(store, state)
    store.close()
    shutil.rmtree(state.locks)
    state.locks.touch()
    application: Application = build(state)
    said = await application.tend()
    application.close()
    assert any("could not be told" in sentence for sentence in said), said


CLAUDE = """#!/bin/sh
read -r line
echo "It is $(cat "$CLAUDE_CONFIG_DIR/.credentials.json")"
touch there
while :; do sleep 600; done
"""


async def test_a_lent_login_is_taken_back_when_the_worker_is_killed(make: Maker) -> None:
    """No copy of the user's login stays in a home of an agent; nor is it in the log."""
    made = make()
    claude = made.folder / "claude"
    claude.write_text(CLAUDE, "utf-8")
    claude.chmod(0o755)
    made.settings(agent="claude", runner="plain", actor="Ada", claude=str(claude))
    login = Path(made.environment["HOME"]) / ".claude" / ".credentials.json"
    login.parent.mkdir(parents=True)
    login.write_text(json.dumps({"claudeAiOauth": {"accessToken": "a-very-secret-token", "scopes": []}}))
    run = made.json("work", "demo-1")["run"]["id"]
    there = Path(made.run(run)["checkout"]) / "there"
    await eventually("the agent works", there.exists, within=trial.DEADLINE)
    await eventually("it has spoken", lambda: "Not an event" in Path(made.run(run)["log"]).read_text("utf-8"))
    assert list((made.state / "homes").rglob(".credentials.json"))
    os.kill(made.worker(run), signal.SIGKILL)
    await eventually("all of the run is gone", lambda: not made.processes(run), within=trial.DEADLINE)
    made.beadwork("list")
    assert not list((made.state / "homes").rglob(".credentials.json"))
    for log in (made.state / "logs").rglob("*-work*"):
        assert "a-very-secret-token" not in log.read_text("utf-8"), log


SLOW_BD = """#!/bin/sh
case "$*" in
  *version*) echo '{"version": "1.2.2"}' ;;
  *list*) echo '[{"id": "demo-1", "title": "One", "status": "open", "priority": 1}]' ;;
  *) trap '' TERM; echo $$ > "$HOME/new"; mv "$HOME/new" "$HOME/pid"; while :; do sleep 600; done ;;
esac
"""


async def test_a_bd_that_hangs_does_not_outlive_its_worker_for_long(make: Maker) -> None:
    """Who recovers the run ends it too: it would hold the database for ever."""
    made = make()
    bd = made.folder / "slow-bd"
    bd.write_text(SLOW_BD, "utf-8")
    bd.chmod(0o755)
    (made.project / ".beads/embeddeddolt/demo/.dolt/noms").mkdir(parents=True)
    script = made.script({"done": "Nothing."})
    made.settings(agent="scripted", runner="plain", actor="Ada", bd=str(bd), script=script)
    run = made.json("work", "demo-1")["run"]["id"]
    pid = Path(made.environment["HOME"]) / "pid"
    await eventually("bd hangs", pid.exists, within=trial.DEADLINE)
    hanging = identity(int(pid.read_text("utf-8")))
    assert hanging is not None
    os.kill(made.worker(run), signal.SIGKILL)
    store = trial.open_store(made)
    worker = store.get(run).worker
    assert worker is not None
    await eventually("its worker is gone", lambda: not alive(worker))
    try:
        await recover(store, StateFolder(made.state))
        assert not running(hanging)
    finally:
        store.close()
        await end_tree(hanging, grace=0)


CLAIMING_BD = """#!/bin/sh
bead() { printf '[{"id": "demo-1", "title": "One", "status": "%s", "assignee": "%s", "priority": 1}]' "$@"; }
cd "$HOME" || exit 1
case "$*" in
  *version*) echo '{"version": "1.2.2"}' ;;
  *--claim*) touch claimed; while :; do sleep 600; done ;;
  *--status=open*) rm claimed; bead open "" ;;
  *) if [ -e claimed ]; then bead in_progress Ada; else bead open ""; fi ;;
esac
"""


async def test_a_cancel_while_bd_claims_gives_the_bead_back_before_it_returns(make: Maker) -> None:
    """Nobody knows what bd did when it was ended; the bead is looked at, not left for the next command."""
    made = make()
    bd = made.folder / "claiming-bd"
    bd.write_text(CLAIMING_BD, "utf-8")
    bd.chmod(0o755)
    (made.project / ".beads/embeddeddolt/demo/.dolt/noms").mkdir(parents=True)
    script = made.script({"done": "Nothing."})
    made.settings(agent="scripted", runner="plain", actor="Ada", bd=str(bd), script=script)
    run = made.json("work", "demo-1")["run"]["id"]
    claimed = Path(made.environment["HOME"]) / "claimed"
    await eventually("bd claims", claimed.exists, within=trial.DEADLINE)
    assert made.json("cancel", run)["run"]["state"] == "cancelled"
    assert not claimed.exists()


async def test_workers_that_somebody_else_is_starting_hold_up_nobody(make: Maker) -> None:
    """A queued run is an answer and no error, and the event loop goes on while its start is waited for."""
    made = make()
    state = StateFolder(made.state)
    application = build(state)
    state.locks.mkdir(exist_ok=True)
    script = made.script({"fail": "No way."})
    turned = 0

    async def turn() -> None:
        nonlocal turned
        while True:
            turned += 1
            await asyncio.sleep(0.01)

    with filelock.FileLock(state.locks / "pump.lock"):
        turning = asyncio.create_task(turn())
        work = asyncio.create_task(application.work(made.project, WorkRequest("demo-1", script=script)))
        store = trial.open_store(made)
        await eventually("it is queued", lambda: store.counts() == (0, 1), within=trial.DEADLINE)
        queued_at = turned
        await eventually("the loop turns", lambda: turned > queued_at + 20 or work.done())
        assert not work.done()
    view = await work
    turning.cancel()
    assert not isinstance(view, Refused)
    await eventually("its end", lambda: not store.get(view.id).active, within=trial.DEADLINE)
    store.close()
    application.close()
