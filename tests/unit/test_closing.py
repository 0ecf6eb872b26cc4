"""Closing beads and opening them again: a whole user with real workers, git and gates, beads in a file."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

import trial
from bead_places import edge, record, write_jsonl
from beadwork.beads import WORK_DONE
from beadwork.executions import Execution, Reason, State
from beadwork.findings import Finding, Reported, ReviewRecord
from beadwork.workflows import CloseRequest, GatesRequest, LandRequest, Refused, RunView
from eventually import eventually
from repositories import git, picture
from working import Working, accepted, working

Maker = Callable[..., Working]
HAS_FILE = "test -e new.txt || { echo 'no new.txt here'; exit 3; }"


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Maker]:
    """A factory of users whose gate wants a file `new.txt`."""
    yield from working(tmp_path, monkeypatch)


def gated(make: Maker, *beads: Mapping[str, object], **settings: object) -> Working:
    """Make a user with that gate."""
    return make(*beads, **{"gates.commands": [HAS_FILE], **settings})


def branch(user: Working, bead: str = "demo-1", **files: str) -> str:
    """Commit `files` on a bead's branch without touching the working tree, and give the commit."""
    sample, scratch = user.made.repository, user.made.folder / "scratch"
    index = {"GIT_INDEX_FILE": str(user.made.folder / "scratch-index")}
    ref = f"refs/heads/bead/{bead}"
    parent = sample.git("for-each-ref", "--format=%(objectname)", ref) or sample.git("rev-parse", "main")
    sample.git("read-tree", parent, **index)
    for path, text in (files or {"some.txt": "some\n"}).items():
        scratch.write_text(text, "utf-8")
        blob = sample.git("hash-object", "-w", str(scratch))
        sample.git("update-index", "--add", "--cacheinfo", f"100644,{blob},{path}", **index)
    head = sample.git("commit-tree", "-p", parent, "-m", "by hand", sample.git("write-tree", **index))
    sample.git("update-ref", ref, head)
    return head


async def asked(user: Working, bead: str = "demo-1", **request: Any) -> RunView | Refused:
    """Ask for a bead to be closed."""
    return await user.application.close_bead(user.made.project, CloseRequest(bead, **request))


async def closed(user: Working, bead: str = "demo-1", **request: Any) -> Execution:
    """Ask for a bead to be closed, which must be accepted, and give the run as it ended."""
    run = accepted(await asked(user, bead, **request))
    await user.application.wait_for_end(run.id)
    return user.store.get(run.id)


def refused(answer: object) -> Refused:
    """Give a refusal."""
    assert isinstance(answer, Refused), answer
    return answer


def refusal_in(run: Execution) -> dict[str, Any]:
    """Give why a run came to nothing, as data."""
    assert run.state is State.FAILED, (run.state, run.summary)
    found = run.results["refused"]
    assert isinstance(found, dict)
    return found


def reviewed(user: Working, head: str, *priorities: int) -> None:
    """Keep a review of demo-1 at `head` that found something of each priority."""
    findings = user.application._house.findings
    found = [Reported(Finding(f"Finding {each}", priority=each), None) for each in priorities]
    project = str(user.made.project)
    about = ReviewRecord(f"run-{head}", project, "demo-1", "bead/demo-1", head, head, "Read.", pr_ready=True)
    findings.record(about, found)


async def test_work_is_closed_through_a_failing_then_a_passing_gate_and_opened_again(make: Maker) -> None:
    """What is known to fail is refused at once, with the end of it; nothing else of the repository moves."""
    user = gated(make)
    repository = user.made.repository
    work = ({"write": "other.txt", "text": "o\n"}, {"commit": "From the agent"}, {"done": "Wrote other."})
    user.settings(**{"gates.commands": [HAS_FILE], "gates.after_work": False})
    run = await user.work(*work)
    await user.state(run, State.COMPLETED)
    before = picture(user.made.project / ".git", without_objects=True)

    failed = await closed(user)
    assert failed.reason is Reason.GATES_FAILED
    found = refusal_in(failed)
    (obstacle,) = found["obstacles"]
    assert (found["code"], found["canForce"]) == ("gates-failed", True)
    assert "no new.txt here" in obstacle["output"]
    assert "no new.txt here" in Path(obstacle["file"]).read_text("utf-8")
    assert "exit code 3" in found["message"]
    assert user.bead()["status"] != "closed"

    at_once = refused(await asked(user))
    assert at_once.obstacles[0].output == obstacle["output"]
    assert picture(user.made.project / ".git", without_objects=True) == before

    checkout = user.made.state / "checkouts"
    head = branch(user, **{"new.txt": "new\n"})
    done = await closed(user, reason="It is written")
    assert (done.state, done.reason) == (State.COMPLETED, Reason.CLOSED), done.summary
    assert (done.head, done.branch, done.told) == (head, "bead/demo-1", True)
    bead = user.bead()
    assert (bead["status"], bead["close_reason"], bead.get("labels", [])) == ("closed", "It is written", [])
    comment = user.comments()[-1]
    assert comment.startswith(f"Closed by Ada (run {done.id[:8]}): It is written")
    assert f"bead/demo-1 at {head[:10]}" in comment
    assert "passed" in comment
    assert "by force" not in comment
    assert not [path for path in checkout.glob("*/*") if path.name != ".making"]
    assert repository.git("rev-parse", "bead/demo-1") == head

    again = refused(await asked(user))
    assert (again.code, again.can_force) == ("closed", False)
    assert await user.application.finishing.reopen(user.made.project, "demo-1") is None
    assert user.bead()["status"] == "open"
    assert user.bead()["labels"] == [WORK_DONE]
    open_already = await user.application.finishing.reopen(user.made.project, "demo-1")
    assert refused(open_already).code == "not-closed"


async def test_everything_that_stands_in_the_way_is_said_at_once_and_overruled_by_force(make: Maker) -> None:
    """In one refusal; and what was overruled stands in the order, the summary and on the bead."""
    child = record("demo-4", dependencies=[edge("demo-4", "demo-1", "parent-child")])
    parent = record("demo-1", issue_type="epic", dependencies=[edge("demo-1", "demo-2")])
    user = gated(make, parent, record("demo-2"), child, **{"close.require_review": True})
    git(user.made.folder, "init", "--quiet", "--bare", "origin.git")
    user.made.repository.git("remote", "add", "origin", str(user.made.folder / "origin.git"))
    branch(user)
    gates = await user.application.gates(user.made.project, GatesRequest("demo-1"))
    await user.application.wait_for_end(accepted(gates).id)
    reviewed(user, "b" * 40, 1, 3)

    found = refused(await asked(user))
    codes = [obstacle.code.value for obstacle in found.obstacles]
    assert codes == [
        "gates-failed",
        "blocked",
        "open-children",
        "not-reviewed",
        "open-findings",
        "not-published",
    ]
    assert found.blocked_by == ("demo-2", "demo-4")
    assert found.can_force
    run = await closed(user, force=True)
    assert (run.state, run.reason) == (State.COMPLETED, Reason.CLOSED), run.summary
    assert list(run.order.overruled) == [obstacle.message for obstacle in found.obstacles]
    assert user.bead()["status"] == "closed"
    comment = user.comments()[-1]
    assert "by force, over:" in comment
    for obstacle in found.obstacles:
        assert obstacle.message in comment
        assert obstacle.message in run.summary
    assert run.results["close"]["overruled"] == list(run.order.overruled)  # type: ignore[index]


async def test_gates_that_are_skipped_are_said_to_be(make: Maker) -> None:
    """They are not run, known or not; and that is told on the bead."""
    user = gated(make)
    branch(user)
    run = await closed(user, skip_gates=True)
    assert run.state is State.COMPLETED, run.summary
    assert "gates" not in run.results
    assert "Its gates were skipped." in run.summary
    assert "The gates were skipped." in user.comments()[-1]


async def test_a_bead_without_a_branch_closes(make: Maker) -> None:
    """In the twinkling of an eye, also outside of any work: no commit has to be looked at."""
    user = gated(make, record("demo-1", labels=[WORK_DONE, "mine"]), **{"close.require_review": True})
    run = await closed(user)
    assert run.state is State.COMPLETED, run.summary
    assert (user.bead()["status"], user.bead()["labels"]) == ("closed", ["mine"])
    assert user.bead()["close_reason"] == "Closed by hand."
    assert "no branch" in user.comments()[-1]
    assert await user.application.finishing.reopen(user.made.project, "demo-1") is None
    assert user.bead()["labels"] == ["mine"]  # no work was verified


async def test_beads_outside_of_any_repository_close(make: Maker) -> None:
    """There is nothing to look at but the bead."""
    user = gated(make)
    shutil.rmtree(user.made.project / ".git")
    run = await closed(user, reason="Sold")
    assert run.state is State.COMPLETED, run.summary
    assert user.bead()["close_reason"] == "Sold"


async def test_what_only_the_base_or_the_remote_has_not_keeps_it_open(make: Maker) -> None:
    """The remote is asked, by name; what has landed here needs no remote."""
    user = make(**{"gates.commands": ["true"]})
    origin = user.made.folder / "origin.git"
    repository = user.made.repository
    git(user.made.folder, "init", "--quiet", "--bare", "origin.git")
    repository.git("remote", "add", "origin", str(origin))
    head = branch(user)
    assert refused(await asked(user)).code == "not-published"

    repository.git("push", "--quiet", "origin", "bead/demo-1")
    git(origin, "update-ref", "-d", "refs/heads/bead/demo-1")
    run = await closed(user)  # as far as is known here it is there
    assert refusal_in(run)["code"] == "not-published"
    assert user.bead()["status"] == "open"

    origin.rename(user.made.folder / "gone.git")
    run = await closed(user)
    assert "could not be found out" in refusal_in(run)["message"]
    (user.made.folder / "gone.git").rename(origin)

    repository.git("update-ref", "refs/heads/main", head)  # landed by hand
    run = await closed(user)
    assert run.state is State.COMPLETED, run.summary
    assert "main has it" in user.comments()[-1]


async def test_the_remote_is_asked_once_and_what_it_has_is_told(make: Maker) -> None:
    """Whether it has the branch, not whether we remember so: a slow one is not waited for twice."""
    user = make(**{"gates.commands": ["true"]})
    repository, asked_at = user.made.repository, user.made.folder / "asked"
    git(user.made.folder, "init", "--quiet", "--bare", "origin.git")
    repository.git("remote", "add", "origin", str(user.made.folder / "origin.git"))
    branch(user)
    repository.git("push", "--quiet", "origin", "bead/demo-1")
    counting = user.made.folder / "counting"
    counting.write_text(f"#!/bin/sh\necho once >> '{asked_at}'\nexec git upload-pack \"$@\"\n", "utf-8")
    counting.chmod(0o700)
    repository.git("config", "remote.origin.uploadpack", str(counting))
    run = await closed(user)
    assert run.state is State.COMPLETED, run.summary
    assert asked_at.read_text("utf-8") == "once\n"
    assert "origin has it" in user.comments()[-1]


async def test_a_cancelled_closing_leaves_the_bead_as_it_was(make: Maker) -> None:
    """In the middle of its gates, which are gone then."""
    started = "started"
    user = make(**{"gates.commands": [f"echo {started}; sleep 600"]})
    branch(user)
    before = user.bead()
    run = accepted(await asked(user))
    await eventually("the gate runs", lambda: started in said_by_gates(user, run.id), within=trial.DEADLINE)
    await user.application.cancel(run.id)
    ended = await user.application.wait_for_end(run.id)
    assert (ended.state, ended.reason) == ("cancelled", "cancelled")
    assert user.bead() == before
    assert not user.made.processes(run.id)
    assert not user.store.get(run.id).live


def said_by_gates(user: Working, run: str) -> str:
    """Give what the gates of a run said so far."""
    return "".join(str(data.get("text", "")) for data in user.of_kind(run, "gate"))


async def test_the_bead_is_looked_at_again_when_its_gates_have_run(make: Maker) -> None:
    """What came between is refused as data; what somebody else closed is closed once."""
    user = make()
    go = user.made.folder / "go"
    user.settings(**{"gates.commands": [f"echo waits; until test -e '{go}'; do sleep 0.05; done"]})
    branch(user, "demo-1")
    branch(user, "demo-3")
    first = accepted(await asked(user))
    second = accepted(await asked(user, "demo-3"))
    for run in (first, second):
        await eventually("gates", lambda run=run: "waits" in said_by_gates(user, run.id))  # type: ignore[misc]
    blocked = record("demo-3", dependencies=[edge("demo-3", "demo-2")])
    write_jsonl(user.made.project, [record("demo-1", status="closed"), record("demo-2"), blocked])
    go.touch()
    for run in (first, second):
        await user.application.wait_for_end(run.id)
    assert refusal_in(user.store.get(first.id))["code"] == "closed"
    assert user.comments("demo-1") == []
    found = refusal_in(user.store.get(second.id))
    assert (found["code"], found["blockedBy"], found["canForce"]) == ("blocked", ["demo-2"], True)
    assert user.bead("demo-3")["status"] == "open"


async def test_gates_run_on_the_commit_that_is_closed(make: Maker) -> None:
    """Where the branch went on while they ran, they run again."""
    user = make()
    go = user.made.folder / "go"
    user.settings(**{"gates.commands": [f"echo waits; until test -e '{go}'; do sleep 0.05; done"]})
    branch(user)
    run = accepted(await asked(user))
    await eventually("gates", lambda: "waits" in said_by_gates(user, run.id))
    head = branch(user, **{"more.txt": "more\n"})
    go.touch()
    await user.application.wait_for_end(run.id)
    done = user.store.get(run.id)
    assert done.state is State.COMPLETED, done.summary
    assert (done.head, done.results["gates"]["commit"]) == (head, head)  # type: ignore[index]


async def test_a_checkout_with_what_is_nowhere_else_is_kept(make: Maker) -> None:
    """The bead is closed all the same, and it is said where the checkout is kept for."""
    user = make(**{"gates.commands": ["true"], "gates.after_work": False})
    left = ({"write": "left.txt", "text": "not committed\n"}, {"done": "Worked."})
    run = await user.work({"write": "new.txt", "text": "n\n"}, {"commit": "work"}, *left)
    await user.state(run, State.COMPLETED)
    done = await closed(user)
    assert done.state is State.COMPLETED, done.summary
    assert "was kept: it has changes that are not committed: left.txt" in done.summary
    names = {path.name for path in (user.made.state / "checkouts").glob("*/*") if path.name != ".making"}
    assert names == {"demo-1"}
    assert user.bead()["close_reason"] == "Worked."


async def test_a_bead_that_is_being_worked_on_is_not_closed(make: Maker) -> None:
    """Not by force either: the run is what has to end first."""
    user = gated(make)
    run = await user.work({"say": "here"}, {"stall": True})
    await user.said(run, "here")
    found = refused(await asked(user, force=True))
    assert (found.code, found.can_force) == ("already-active", False)
    assert run[:8] in found.message
    await user.application.cancel(run)
    await user.application.wait_for_end(run)


async def test_what_has_landed_is_closed_without_another_run_of_its_gates(make: Maker) -> None:
    """They passed on what the base became, which is more than the branch alone; so it is told."""
    user = make()
    ran = user.made.folder / "ran"
    user.settings(**{"gates.commands": [f"echo once >> '{ran}'"]})
    head = branch(user)
    base = user.made.repository.git("commit-tree", "-p", "main", "-m", "on", "main^{tree}")
    user.made.repository.git("update-ref", "refs/heads/main", base)
    user.made.repository.git("switch", "--quiet", "--create", "elsewhere")
    landing = accepted(await user.application.land(user.made.project, LandRequest("demo-1", how="merge")))
    ended = await user.application.wait_for_end(landing.id)
    assert ended.state == "completed", ended.summary
    landed = user.made.repository.git("rev-parse", "main")
    assert landed not in {head, base}
    before = ran.read_text("utf-8")
    run = await closed(user)
    assert run.state is State.COMPLETED, run.summary
    assert ran.read_text("utf-8") == before
    assert f"landed on main as {landed[:10]}" in user.comments()[-1]
    assert run.results["gates"]["standing"] == "passed"  # type: ignore[index]


async def test_force_goes_over_gates_that_cannot_even_be_run(make: Maker) -> None:
    """Without it the run says what is broken, and the bead stays open; with it that is told on the bead."""
    user = gated(make)
    branch(user)
    (user.made.state / "checkouts").write_text("in the way", "utf-8")
    run = await closed(user)
    assert run.state is State.FAILED
    assert user.bead()["status"] == "open"
    run = await closed(user, force=True)
    assert run.state is State.COMPLETED, run.summary
    assert "Its gates could not be run:" in user.comments()[-1]
