"""Work and its gates, by a whole user: what fails goes back to the agent, and what passes counts as done."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import psutil
import pytest

import trial
from bead_places import edge, record
from beadwork.executions import Execution, Reason, State
from eventually import eventually
from repositories import git, picture
from working import WORK, Working, accepted, working

Maker = Callable[..., Working]
MENDED = "grep -q mended new.txt || { echo 'it is not mended'; exit 3; }"
FIRST: tuple[Mapping[str, object], ...] = (
    {"write": "new.txt", "text": "new\n"},
    {"spend": 0.5},
    {"commit": "From the agent"},
    {"done": "Worked."},
    {"exit": 0},
)
"""A first turn; what comes after it in a script is the next one."""
MENDS: tuple[Mapping[str, object], ...] = (
    {"write": "new.txt", "text": "mended\n"},
    {"spend": 0.25},
    {"commit": "Mended"},
    {"done": "Mended."},
    {"exit": 0},
)


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Maker]:
    """A factory of users whose gate wants a file to say that it is mended."""
    yield from working(tmp_path, monkeypatch)


def gated(make: Maker, *beads: Mapping[str, object], gate: str = MENDED, **settings: object) -> Working:
    """Make a user with a gate."""
    return make(*beads, **{"gates.commands": [gate], **settings})


async def worked(user: Working, *steps: Mapping[str, object]) -> Execution:
    """Ask for work on demo-1, and give the run when it has ended and its bead was told."""
    run = await user.work(*steps)
    await user.application.wait_for_end(run)
    return user.store.get(run)


def given(run: Execution, name: str) -> Mapping[str, Any]:
    """Give one of the results of a run."""
    return cast("Mapping[str, Any]", run.results[name])


def on_branch(user: Working, path: str) -> str:
    """Give a file as the bead's branch has it."""
    return user.made.repository.git("show", f"bead/demo-1:{path}")


def turns(user: Working, run: str) -> list[str]:
    """Give what the agent was told in each further turn."""
    return [text for text in user.texts(run) if text.startswith("Resumed with: ")]


async def test_work_whose_gate_passes_is_done_and_says_so(make: Maker) -> None:
    """The gate runs on what was brought back; its report is on the run, a line of it on the bead."""
    user = gated(make, gate="grep -q new new.txt")
    run = await worked(user, *WORK)
    assert (run.state, run.reason, run.summary) == (State.COMPLETED, Reason.VERIFIED, "Worked.")
    report = given(run, "gates")
    assert (report["standing"], report["commit"]) == ("passed", run.head)
    assert "- gate: grep -q new new.txt: passed" in user.comments()[0]
    assert user.bead()["labels"] == ["work-done"]
    assert [each.get("phase") for each in user.of_kind(run.id, "state")][:5] == [
        "preparing",
        "agent",
        "verifying",
        "gates",
        "recording",
    ]


async def test_a_gate_that_fails_goes_back_to_the_agent_which_mends_it(make: Maker) -> None:
    """In the same session, with the end of the output fenced; both turns count and cost."""
    user = gated(make)
    run = await worked(user, *FIRST, *MENDS)
    assert (run.state, run.summary) == (State.COMPLETED, "Mended."), run.summary
    assert run.cost_usd == 0.75
    assert (given(run, "gates")["standing"], given(run, "gates")["commit"]) == ("passed", run.head)
    (told,) = turns(user, run.id)
    assert "these commands fail" in told
    assert "\nit is not mended\ndata-" in told
    assert "goes back to the agent" in user.notes(run.id)
    assert user.comments()[0].count("passed") == 1
    assert "Mended\n" in user.comments()[0]
    assert "From the agent\n" in user.comments()[0]
    assert on_branch(user, "new.txt") == "mended"


async def test_a_gate_that_goes_on_failing_fails_the_run_and_a_retry_hears_of_it(make: Maker) -> None:
    """Its commits stay; bead and summary say which gate and how it ends, and no path of this machine."""
    user = gated(make)
    before = picture(user.made.project, without_objects=True)
    run = await worked(user, *FIRST, {"done": "It is fine."}, {"exit": 0}, *MENDS)
    assert (run.state, run.reason) == (State.FAILED, Reason.GATES_FAILED)
    assert len(turns(user, run.id)) == 1
    failed = given(run, "gates")["results"][0]
    assert not failed["known"], "it was run once more"
    assert f"gate: {MENDED} failed (exit code 3)." in run.summary
    assert "“it is not mended”" in run.summary
    assert "1 commit of it: see bead/demo-1." in run.summary
    (comment,) = user.comments()
    assert "    it is not mended" in comment
    assert failed["output"] not in comment + run.summary
    bead = user.bead()
    assert (bead["status"], bead["assignee"], bead.get("labels", [])) == ("in_progress", "Ada", [])
    assert on_branch(user, "new.txt") == "new"
    after = picture(user.made.project, without_objects=True)
    changed = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    assert all(name.startswith((".beads", ".git/refs/heads/bead")) for name in changed), changed

    again = accepted(await user.application.retry(run.id))
    await user.application.wait_for_end(again.id)
    done = user.store.get(again.id)
    assert (done.state, done.summary) == (State.COMPLETED, "Mended."), done.summary
    (told,) = turns(user, again.id)
    assert "\nit is not mended\ndata-" in told


async def test_without_a_gate_work_is_done_and_nothing_is_called_passed(make: Maker) -> None:
    """No checkout is made for it, and no phase entered; log, run and bead say that there was none."""
    user = make()
    run = await worked(user, *WORK)
    assert (run.state, run.summary) == (State.COMPLETED, "Worked.")
    assert given(run, "gates")["standing"] == "none"
    assert "No gate was found, so none was passed." in user.notes(run.id)
    assert user.comments()[0].endswith("No gate was found, so none was passed.")
    assert "gates" not in [each.get("phase") for each in user.of_kind(run.id, "state")]


async def test_settings_say_whether_gates_run_and_how_often_they_go_back(make: Maker) -> None:
    """Not at all; or never back."""
    user = make(**{"gates.commands": [MENDED], "gates.retries": 0})
    run = await worked(user, *FIRST, *MENDS)
    assert (run.reason, turns(user, run.id)) == (Reason.GATES_FAILED, [])
    user.settings(**{"gates.commands": [MENDED], "gates.after_work": False})
    run = await worked(user, {"write": "more.txt"}, {"commit": "More"}, {"done": "More."})
    assert run.state is State.COMPLETED
    assert "gates" not in run.results
    assert "ates" not in user.comments()[-1]


async def test_what_may_cost_no_more_does_not_go_back(make: Maker) -> None:
    """The run fails by its gates, which is what is wrong."""
    user = gated(make, run_budget=0.5)
    run = await worked(user, *FIRST, *MENDS)
    assert (run.reason, turns(user, run.id)) == (Reason.GATES_FAILED, [])
    assert "does not go back to the agent. It has cost $0.50" in user.notes(run.id)


WAITS = "echo waits; until test -e '{go}'; do sleep 0.05; done; "


async def in_gates(user: Working, *steps: Mapping[str, object]) -> str:
    """Begin work, and wait until its gate runs."""
    run = await user.work(*steps)

    def waits() -> bool:
        return any(
            "waits" in str(each.get("text")) for each in user.of_kind(run, "gate") if "state" not in each
        )

    await eventually("the gate", waits, within=trial.DEADLINE)
    assert user.store.get(run).phase == "gates"
    return run


def waiting(make: Maker, then: str = "true", **settings: object) -> tuple[Working, Path]:
    """Make a user whose gate waits for a file, and then does `then`; give the file."""
    user = make()
    go = user.made.folder / "go"
    user.settings(**{"gates.commands": [WAITS.format(go=go) + then], **settings})
    return user, go


async def test_work_that_is_cancelled_in_its_gates_leaves_its_commits_and_no_process(make: Maker) -> None:
    """Who ended it has the word; the bead is told, and stays claimed for the commits that are there."""
    user, _ = waiting(make)
    run = await in_gates(user, *WORK)
    accepted(await user.application.cancel(run))
    await user.application.wait_for_end(run)
    ended = user.store.get(run)
    assert (ended.state, ended.told) == (State.CANCELLED, True)
    assert "1 commit of it: see bead/demo-1." in ended.summary
    assert not user.made.processes(run)
    assert on_branch(user, "new.txt") == "new"
    assert "labels" not in user.bead()


async def test_work_that_is_paused_in_its_gates_goes_on_with_them(make: Maker) -> None:
    """Its agent has done its work, so it is not begun again."""
    user, go = waiting(make)
    run = await in_gates(user, *WORK)
    accepted(await user.application.pause(run))
    await user.state(run, State.PAUSED)
    accepted(await user.application.resume(run))
    go.touch()
    await user.application.wait_for_end(run)
    ended = user.store.get(run)
    assert (ended.state, ended.summary) == (State.COMPLETED, "Worked.")
    assert turns(user, run) == []
    assert "had done its work before the run rested" in user.notes(run)


async def test_what_a_person_says_meanwhile_is_heard_after_a_pause_in_the_gates(make: Maker) -> None:
    """Then there is something to do for the agent, which goes on in its session."""
    user, go = waiting(make)
    run = await in_gates(user, *WORK, {"exit": 0}, {"done": "And more."})
    accepted(await user.application.pause(run))
    await user.state(run, State.PAUSED)
    accepted(await user.application.tell(run, "One thing more."))
    await user.application.resume(run)
    go.touch()
    await user.application.wait_for_end(run)
    assert user.store.get(run).summary == "And more."
    assert turns(user, run) == ["Resumed with: One thing more."]


async def test_a_worker_that_is_killed_in_the_gates_is_interrupted(make: Maker) -> None:
    """Nothing of the gate is left, the commits are there, and the bead hears of it."""
    user, _ = waiting(make)
    run = await in_gates(user, *WORK)
    worker = psutil.Process(user.made.worker(run))
    worker.kill()
    psutil.wait_procs([worker], timeout=trial.DEADLINE)
    await user.application.tend()
    ended = user.store.get(run)
    assert (ended.state, ended.reason, ended.told) == (State.FAILED, Reason.INTERRUPTED, True)
    assert not user.made.processes(run)
    assert on_branch(user, "new.txt") == "new"
    assert len(user.comments()) == 1


async def test_an_agent_without_its_session_begins_anew_and_is_told_what_fails(make: Maker) -> None:
    """It gets the whole prompt, and after it what its gates say."""
    user, go = waiting(make, "echo 'it is not mended'; false")
    run = await in_gates(user, {"keep_prompt": "prompt.txt"}, {"commit": "Prompt"}, {"done": "Worked."})
    for kept in (user.made.state / "homes").rglob(".scripted-agent.json"):
        kept.unlink()
    go.touch()
    await user.application.wait_for_end(run)
    assert user.store.get(run).reason is Reason.GATES_FAILED
    prompt = on_branch(user, "prompt.txt")
    assert "memory of it is lost" in prompt
    assert "\nit is not mended\ndata-" in prompt


# When it is done


def closings(user: Working) -> list[Execution]:
    """Give the runs that close, which were asked for."""
    return [each for each in user.store.list() if each.order.verb == "close"]


async def test_a_bead_that_is_to_be_closed_by_itself_is(make: Maker) -> None:
    """As if a person had said so, once its work was told; the label is gone then."""
    user = gated(make, gate="true", **{"work.when_done": "close", "close.require_review": False})
    run = await worked(user, *WORK)
    assert run.state is State.COMPLETED
    await eventually("closed", lambda: user.bead()["status"] == "closed", within=trial.DEADLINE)
    await eventually("settled", lambda: settled(user, run.id), within=trial.DEADLINE)
    assert len(closings(user)) == 1
    assert user.bead().get("labels", []) == []
    assert len(user.comments()) == 2


def settled(user: Working, run: str) -> bool:
    """Whether nothing more is to be done for the wish of a run."""
    return "settled" in cast("Mapping[str, Any]", user.store.get(run).results["whenDone"])


async def test_a_bead_that_cannot_be_closed_by_itself_is_told_why_once(make: Maker) -> None:
    """Its work is done all the same, and it has the label."""
    child = record("demo-2", dependencies=[{**edge("demo-2", "demo-1"), "type": "parent-child"}])
    user = gated(make, record("demo-1"), child, gate="true", **{"work.when_done": "close"})
    run = await worked(user, *WORK)
    assert run.state is State.COMPLETED
    await eventually("settled", lambda: settled(user, run.id), within=trial.DEADLINE)
    assert user.bead()["labels"] == ["work-done"]
    _, why = user.comments()
    assert why.startswith("Not closed by itself")
    assert "demo-2" in why
    assert closings(user) == []
    await user.application.tend()
    assert len(user.comments()) == 2


async def test_a_wish_that_a_killed_worker_left_is_seen_to_once(make: Maker) -> None:
    """By whoever comes by, also by several at once; of a closing that was ordered they order no second."""
    user = gated(make, gate="true", **{"close.require_review": False})
    run = await worked(user, *WORK)
    await eventually("its worker is gone", lambda: not user.made.processes(run.id), within=trial.DEADLINE)
    user.store.mark_given(run.id, whenDone={"wish": "close"})
    await asyncio.gather(*(user.application.tend() for _ in range(3)))
    (closing,) = closings(user)
    user.store.mark_given(run.id, whenDone={"wish": "close"})  # killed before it noted that
    await user.application.wait_for_end(closing.id)
    await user.application.tend()
    assert [each.id for each in closings(user)] == [closing.id]
    await eventually("settled", lambda: settled(user, run.id), within=trial.DEADLINE)
    assert user.bead()["status"] == "closed"


async def test_a_status_of_ones_own_is_set_where_there_is_one(make: Maker) -> None:
    """One that there is not, or that bd has itself, is said, and the label is set."""
    user = make(record("demo-1"), record("demo-3"), record("demo-4", status="to-review"))
    user.settings(**{"work.when_done": "to-review"})
    assert (await worked(user, *WORK)).state is State.COMPLETED
    bead = user.bead()
    assert (bead["status"], bead["assignee"], bead.get("labels", [])) == ("to-review", "Ada", [])
    user.settings(**{"work.when_done": "closed"})
    run = await user.work(*WORK, bead="demo-3")
    await user.application.wait_for_end(run)
    assert (user.bead("demo-3")["status"], user.bead("demo-3")["labels"]) == ("in_progress", ["work-done"])
    assert "no status of your own called `closed`" in user.store.get(run).summary
    assert "no status of your own called `closed`" in user.comments("demo-3")[0]


# Published


async def test_work_is_published_where_that_is_wanted_and_the_remote_has_it(make: Maker) -> None:
    """It is asked; without a forge there is no pull request, which is said."""
    user = gated(make, gate="true", **{"work.publish": True})
    origin = user.made.folder / "origin.git"
    git(user.made.folder, "init", "--quiet", "--bare", str(origin))
    user.made.repository.git("remote", "add", "origin", str(origin))
    run = await worked(user, *WORK)
    assert run.state is State.COMPLETED, run.summary
    assert git(origin, "rev-parse", "refs/heads/bead/demo-1") == run.head == given(run, "publish")["commit"]
    assert run.summary.startswith("Worked. Published bead/demo-1")


async def test_work_that_cannot_be_published_is_not_done(make: Maker) -> None:
    """The commits are there, the remote is named, and a person can publish by hand."""
    user = gated(make, gate="true", **{"work.publish": True})
    user.made.repository.git("remote", "add", "origin", str(user.made.folder / "gone.git"))
    run = await worked(user, *WORK)
    assert (run.state, run.reason) == (State.FAILED, Reason.REMOTE)
    assert run.summary.startswith("The work is done, but not published: ")
    assert "gone.git" in run.summary
    assert on_branch(user, "new.txt") == "new"
    assert "labels" not in user.bead()
    assert given(run, "gates")["standing"] == "passed"
