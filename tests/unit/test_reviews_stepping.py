"""Reviews that rest, fail, are tried again and ended: nothing is claimed, no bead is told what is not so."""

import json
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs
import pytest

from beadwork.beads import Group
from beadwork.checkouts import Subject, review_name
from beadwork.executions import Execution, Reason, State
from beadwork.state_folder import StateFolder
from beadwork.workflows import Refused, ReviewRequest
from beadwork.workflows.house import furnish
from beadwork.workflows.keeping.retention import keep_house
from beadwork.workflows.people.announcing import announcement_of
from eventually import eventually
from working import WORK, Working, accepted, working

CODE = "def add(a, b):\n    total = a - b\n    return total\n"
FOUND: Mapping[str, object] = {
    "title": "It subtracts",
    "description": "The sum is a difference.",
    "priority": 1,
    "type": "bug",
    "file": "app.py",
    "line": 2,
}
ANSWER = {"answer": {"findings": [FOUND], "summary": "Nearly.", "pr_ready": False}}
COLOUR = {"question": "Which colour?", "choices": ["red", "blue"]}
Maker = Callable[..., "Reviewing"]


@attrs.frozen
class Reviewing:
    """A user whose first bead has work on its branch."""

    place: Working

    async def review(self, *steps: Mapping[str, object], **more: Any) -> str:
        """Ask for a review by an agent that does `steps`; give the run's id."""
        request = ReviewRequest(**{"bead": "demo-1", "script": self.place.made.script(*steps), **more})
        return accepted(await self.place.application.review(self.place.made.project, request)).id

    async def reviewed(self, *steps: Mapping[str, object], **more: Any) -> Execution:
        """Review, and give the run when it has ended."""
        run = await self.review(*steps, **more)
        await self.place.application.wait_for_end(run)
        return self.place.store.get(run)

    async def group(self, bead: str = "demo-1") -> Group:
        """Give the group that a person sees the bead in."""
        listing = await self.place.application.listing(self.place.made.project)
        return next(group.group for group in listing.groups if bead in {each.id for each in group.beads})

    def untouched(self) -> bool:
        """Whether the bead is as it was: not claimed, and told nothing."""
        bead = self.place.bead()
        return (bead["status"], bead.get("assignee"), self.place.comments()) == ("open", None, [])

    async def found(self) -> list[str]:
        """Give the ids of the findings that count."""
        view = await self.place.application.reviews.findings(self.place.made.project)
        return [each.id for each in view.findings]

    def change(self, bead: str, **fields: object) -> None:
        """Change a bead in its file, as somebody else does."""
        beads = [{**each, **fields} if each["id"] == bead else each for each in self.place.beads()]
        file = self.place.made.project / ".beads" / "issues.jsonl"
        file.write_text("".join(json.dumps(each) + "\n" for each in beads), "utf-8")


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Maker]:
    """A factory of users with something to review."""
    for place in working(tmp_path, monkeypatch):

        def maker(place: Callable[..., Working] = place, **settings: object) -> Reviewing:
            made = place(**settings)
            repository = made.made.repository
            repository.git("add", "--all")
            repository.git("commit", "--quiet", "-m", "beads")
            repository.git("checkout", "--quiet", "-b", "bead/demo-1")
            repository.commit("Add", **{"app.py": CODE})
            repository.git("checkout", "--quiet", "main")
            return Reviewing(made)

        yield maker


async def test_a_question_of_a_reviewer_is_answered_and_the_review_goes_on(make: Maker) -> None:
    """Live; while it is asked, the bead needs a person."""
    made = make()
    run = await made.review(COLOUR, ANSWER)
    await made.place.asks(run)
    assert await made.group() is Group.NEEDS_YOU
    await made.place.answer(run, "blue")
    done = await made.place.state(run, State.COMPLETED)
    assert "The answer was: blue" in made.place.texts(run)
    assert done.reason is Reason.REVIEWED
    assert await made.group() is Group.READY


async def test_a_question_that_nobody_answers_in_time_is_answered_later(make: Maker) -> None:
    """The reader's session goes on with the answer; the bead is told the review alone."""
    made = make(answer_patience=0.2)
    run = await made.review(COLOUR, ANSWER)
    resting = await made.place.state(run, State.NEEDS_INPUT, live=False)
    assert f"`beadwork answer {run[:8]}`" in resting.summary
    await made.place.application.tend()
    assert made.untouched()
    await made.place.answer(run, "blue")
    done = await made.place.state(run, State.COMPLETED)
    assert done.session == resting.session
    assert len(made.place.comments()) == 1


async def test_a_paused_review_goes_on_in_its_session(make: Maker) -> None:
    """And a cancelled one is cancelled, whatever its reader had answered before."""
    made = make()
    run = await made.review({"say": "here"}, {"stall": True}, ANSWER)
    await made.place.said(run, "here")
    assert await made.group() is Group.RUNNING
    accepted(await made.place.application.pause(run))
    paused = await made.place.state(run, State.PAUSED)
    assert f"`beadwork resume {run[:8]}`" in paused.summary
    assert not made.place.made.processes(run)
    accepted(await made.place.application.resume(run))
    done = await made.place.state(run, State.COMPLETED)
    assert (done.session, done.log) == (paused.session, paused.log)
    run = await made.review({"say": "here"}, {"stall": True})
    await made.place.said(run, "here")
    accepted(await made.place.application.cancel(run))
    await eventually("it is over", lambda: made.place.store.get(run).state is State.CANCELLED)
    assert not made.place.made.processes(run)
    assert len(made.place.comments()) == 1


async def test_a_reviewer_that_is_killed_with_its_worker_leaves_nothing(make: Maker) -> None:
    """Interrupted; the bead has nothing to do with it, and a retry of it is a review."""
    made = make()
    run = await made.review({"say": "here"}, {"stall": True}, ANSWER)
    await made.place.said(run, "here")
    os.kill(made.place.made.worker(run), signal.SIGKILL)
    await eventually("nothing of it runs", lambda: not made.place.made.processes(run))
    await made.place.application.tend()
    ended = made.place.store.get(run)
    assert (ended.state, ended.reason) == (State.FAILED, Reason.INTERRUPTED)
    await made.place.application.tend()
    assert made.untouched()
    assert made.place.store.get(run).told
    assert await made.group() is Group.READY
    again = accepted(await made.place.application.retry(run))
    assert (again.verb, again.retry_of) == ("review", run)
    done = await made.place.state(again.id, State.COMPLETED)
    assert done.session == ended.session


async def test_a_review_of_what_is_not_committed_is_tried_again_too(make: Maker) -> None:
    """There is no bead to ask, and nothing to be claimed."""
    made = make()
    made.place.made.repository.write("app.py", CODE)
    failed = await made.reviewed(
        {"fail_until": 2, "fail": "No luck."}, ANSWER, subject=Subject.CHANGES, bead=""
    )
    assert (failed.state, failed.reason) == (State.FAILED, Reason.AGENT_FAILED)
    again = accepted(await made.place.application.retry(failed.id))
    assert (await made.place.state(again.id, State.COMPLETED)).order.bead == "@changes"


async def test_a_bead_that_could_not_be_told_of_its_review_is_told_later(make: Maker) -> None:
    """Once, with what was kept; who tends next does it."""
    made = make()
    run = await made.review(COLOUR, ANSWER)
    await made.place.asks(run)
    beads = made.place.made.project / ".beads"
    beads.rename(made.place.made.folder / "beads")
    await made.place.answer(run, "blue")
    done = await made.place.state(run, State.COMPLETED)
    assert "could not be told yet" in done.summary
    (made.place.made.folder / "beads").rename(beads)
    await made.place.application.tend()
    await made.place.application.tend()
    (comment,) = made.place.comments()
    assert "P1 app.py:2: It subtracts" in comment
    assert made.place.store.get(run).told


async def test_a_bead_that_is_deleted_meanwhile_is_not_told(make: Maker) -> None:
    """The findings are kept all the same."""
    made = make()
    run = await made.review(COLOUR, ANSWER)
    await made.place.asks(run)
    file = made.place.made.project / ".beads" / "issues.jsonl"
    file.write_text("".join(f"{json.dumps(each)}\n" for each in made.place.beads()[1:]), "utf-8")
    await made.place.answer(run, "blue")
    done = await made.place.state(run, State.COMPLETED)
    assert "not there any more" in done.summary
    assert len(await made.found()) == 1


async def test_findings_are_kept_in_a_store_that_is_damaged_meanwhile(make: Maker) -> None:
    """It is begun anew, which the log says; a server that has the old one open sees the new one."""
    made = make()
    await made.reviewed(ANSWER)
    assert len(await made.found()) == 1
    run = await made.review(COLOUR, ANSWER)
    await made.place.asks(run)
    file = StateFolder(made.place.made.state).findings
    content = file.read_bytes()
    file.write_bytes(content[:100] + bytes(len(content) - 100))
    for journal in ("-wal", "-shm"):
        Path(f"{file}{journal}").unlink(missing_ok=True)
    await made.place.answer(run, "blue")
    done = await made.place.state(run, State.COMPLETED)
    assert done.reason is Reason.REVIEWED
    assert len(await made.found()) == 1


async def test_what_was_blocked_goes_on_when_it_was_reviewed_meanwhile(make: Maker) -> None:
    """The review is no newer run of the work."""
    made = make(requeue_unblocked=True)
    work = await made.place.work({"blocked": "The mail key is missing."})
    await eventually("it is blocked", lambda: made.place.store.get(work).state is State.BLOCKED)
    await made.reviewed({"fail": "No luck."})
    blocker = made.place.store.get(work).blocked_by
    made.change(blocker, status="closed", closed_at="2099-01-01T00:00:00Z")
    await made.place.application.tend()
    assert made.place.store.get(work).retried_by


async def test_what_passes_is_tried_again_by_itself(make: Maker) -> None:
    """As with work."""
    made = make(retry_delay=0.02)
    failed = await made.reviewed({"fail_until": 2, "fail": "Overloaded.", "passing": True}, ANSWER)
    assert failed.reason is Reason.PASSING
    assert "It is tried again by itself" in failed.summary
    await made.place.state(failed.retried_by, State.COMPLETED)
    assert len(made.place.comments()) == 1


async def test_a_reviewer_that_says_it_is_blocked_has_failed(make: Maker) -> None:
    """No bead is made of it, and none waits for it; one that asks by its result waits for an answer."""
    made = make()
    blocked = await made.reviewed({"blocked": "The tests cannot run."})
    assert (blocked.state, blocked.reason) == (State.FAILED, Reason.AGENT_FAILED)
    assert "The tests cannot run." in blocked.summary
    assert len(made.place.beads()) == 3
    asking = await made.reviewed({"ask": "Which branch?"})
    assert (asking.state, asking.ask is not None) == (State.NEEDS_INPUT, True)
    assert asking.ask is not None
    assert asking.ask.text == "Which branch?"
    assert made.untouched()


async def test_the_budget_of_a_review_is_that_of_all_its_readers(make: Maker) -> None:
    """The second reader has what the first one left; when nothing is, no further one begins."""
    made = make(prompt_budget=6000, run_budget=1.0)
    repository = made.place.made.repository
    repository.git("checkout", "--quiet", "bead/demo-1")
    for name in ("one.py", "two.py", "three.py"):
        repository.commit(name, **{name: "".join(f"{name[0]}_{n} = {n}\n" for n in range(350))})
    repository.git("checkout", "--quiet", "main")
    ended = await made.reviewed({"spend": 0.6}, ANSWER)
    assert (ended.state, ended.reason) == (State.FAILED, Reason.BUDGET)
    assert ended.cost_usd == pytest.approx(1.2)
    assert made.untouched()
    made.place.settings(prompt_budget=6000, run_budget=9.0)
    done = await made.reviewed({"spend": 0.5}, ANSWER)
    assert done.state is State.COMPLETED
    assert done.cost_usd is not None
    assert done.cost_usd >= 1.5
    assert len(await made.found()) == 1


async def test_a_review_of_several_readers_that_is_stopped_in_the_middle(make: Maker) -> None:
    """Paused, it begins anew, and no reader is told of a memory it never had; cancelled, it is cancelled."""
    made = make(prompt_budget=6000)
    repository = made.place.made.repository
    repository.git("checkout", "--quiet", "bead/demo-1")
    for name in ("one.py", "two.py"):
        repository.commit(name, **{name: "".join(f"{name[0]}_{n} = {n}\n" for n in range(350))})
    repository.git("checkout", "--quiet", "main")
    count, told = made.place.made.folder / "count", made.place.made.folder / "told"
    second_sleeps = f"echo x >> '{count}'; [ $(wc -l < '{count}') = 2 ] && exec sleep 600; true"
    steps = ({"run": second_sleeps}, {"keep_prompt": str(told)}, ANSWER)
    run = await made.review(*steps)
    await eventually("the second reads", lambda: count.exists() and len(count.read_text()) == 4)
    accepted(await made.place.application.pause(run))
    paused = await made.place.state(run, State.PAUSED)
    accepted(await made.place.application.resume(run))
    await made.place.state(run, State.COMPLETED)
    assert "Part 1 of 2" in made.place.notes(run).split(f"Reviewing {paused.branch}")[-1]
    assert "whose memory of it is lost" not in told.read_text("utf-8")
    count.unlink()
    run = await made.review(*steps)
    await eventually("the second reads", lambda: count.exists() and len(count.read_text()) == 4)
    accepted(await made.place.application.cancel(run))
    await eventually("it is over", lambda: made.place.store.get(run).state is State.CANCELLED)
    assert len(made.place.comments()) == 1
    assert len(await made.found()) == 1


async def test_what_no_reader_saw_whole_is_said_to_the_bead(make: Maker) -> None:
    """A file that is too long for any prompt, and one that is no text."""
    made = make(prompt_budget=6000)
    repository = made.place.made.repository
    repository.git("checkout", "--quiet", "bead/demo-1")
    repository.write("picture.png", bytes(range(256)))
    repository.commit("long", **{"long.py": "".join(f"name_{n} = {n}\n" for n in range(3000))})
    repository.git("checkout", "--quiet", "main")
    done = await made.reviewed(ANSWER)
    assert done.state is State.COMPLETED, done.summary
    (comment,) = made.place.comments()
    assert "Not looked at in full, for want of room in a prompt: long.py." in comment
    assert "Not looked at: picture.png (binary" in comment


async def test_a_secret_in_a_finding_is_masked(make: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the store, the comment and the bead that is made of it."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-very-secret-0123456789")
    made = make()
    told = {**FOUND, "title": "The key sk-ant-very-secret-0123456789 is in it", "description": "\u202esk-ant"}
    answer = {"findings": [told], "summary": "See sk-ant-very-secret-0123456789.", "pr_ready": True}
    done = await made.reviewed({"answer": answer}, create_beads=True)
    assert done.state is State.COMPLETED, done.summary
    everything = json.dumps(made.place.beads()) + done.summary + Path(done.log).read_text("utf-8")
    assert "very-secret" not in everything
    view = await made.place.application.reviews.findings(made.place.made.project)
    assert "very-secret" not in repr(view)
    assert "\u202e" not in view.findings[0].description


async def told_to_agents(made: Reviewing) -> list[str]:
    """Give the findings that the next agent of the bead is told of."""
    project = made.place.made.project
    house = furnish(StateFolder(made.place.made.state))
    beads = (await (await house.open_tracker(project)).list()).beads
    told = house.open_findings(str(project), "demo-1", beads)
    house.close()
    return list(told)


async def test_only_what_counts_becomes_beads_and_a_closed_one_is_opened_again(make: Maker) -> None:
    """What a person dismissed is not made a bead; what a later review says again is shown again."""
    made = make()
    reviews, project = made.place.application.reviews, made.place.made.project
    await made.reviewed(ANSWER)
    (finding,) = await made.found()
    await reviews.dismiss(project, finding, "Meant so.")
    await made.reviewed(ANSWER, create_beads=True)
    assert len(made.place.beads()) == 3
    await reviews.take_back(project, finding)
    (first,) = await reviews.make_beads(project, [finding])
    for closed in ("2099-01-01T01:00:00+02:00", "2099-01-01 00:00:00.123456789Z", ""):
        made.change(first.bead, status="closed", closed_at=closed)
        assert await made.found() == []
    assert await told_to_agents(made) == []
    made.change(first.bead, status="closed", closed_at="2020-01-01T00:00:00-11:00")
    assert await made.found() == [finding]
    assert await told_to_agents(made) == ["P1 app.py:2 It subtracts"]
    (second,) = await reviews.make_beads(project, [finding])
    assert (second.bead, second.new, made.place.bead(first.bead)["status"]) == (first.bead, False, "open")


async def test_a_review_hides_nothing_of_how_the_work_stands(make: Maker) -> None:
    """Neither a completed one that the work failed, nor a failed one that it was done."""
    made = make()
    work = await made.place.work({"fail": "No luck."})
    await eventually("it failed", lambda: made.place.store.get(work).state is State.FAILED)
    assert await made.group() is Group.NEEDS_YOU
    await made.reviewed(ANSWER)
    assert await made.group() is Group.NEEDS_YOU
    page = await made.place.application.page(made.place.made.project, "demo-1")
    assert page.bead.run is not None
    assert (page.bead.run.id, len(page.runs)) == (work, 2)
    done = await made.place.work(*WORK)
    await made.place.state(done, State.COMPLETED)
    await made.reviewed({"fail": "No luck."})
    assert await made.group() is Group.DONE
    review = made.place.store.list(bead="demo-1", limit=1)[0]
    assert announcement_of(review).title == "The review of demo-1 failed"


async def test_where_beads_cannot_be_changed_a_review_is_still_of_use(make: Maker) -> None:
    """Its findings are kept; the bead is not told, and that is said; to make beads is refused in words."""
    made = make()
    made.place.settings(bd="/nowhere/bd")
    (made.place.made.project / ".beads/embeddeddolt/demo/.dolt/noms").mkdir(parents=True)
    refused = await made.place.application.review(
        made.place.made.project,
        ReviewRequest(bead="demo-1", create_beads=True, script=made.place.made.script(ANSWER)),
    )
    assert isinstance(refused, Refused)
    assert refused.code == "read-only"
    assert "no beads can be made of findings" in refused.message
    done = await made.reviewed(ANSWER)
    assert done.state is State.COMPLETED, done.summary
    assert "The bead was not told" in done.summary
    assert done.told
    assert len(await made.found()) == 1


async def test_the_checkouts_of_reviews_go_with_their_bead_or_when_they_are_old(make: Maker) -> None:
    """They have nothing of their own; the work's own checkout is another."""
    made = make(keep_days=30)
    made.place.made.repository.write("app.py", CODE)
    first = await made.reviewed(ANSWER)
    second = await made.reviewed(ANSWER, subject=Subject.CHANGES, bead="")
    state = StateFolder(made.place.made.state)
    folders = [
        state.checkout_of(made.place.made.project, review_name(name)) for name in ("demo-1", "@changes")
    ]
    assert [folder.exists() for folder in folders] == [True, True]
    assert [(await made.place.application.run(run.id)).checkout for run in (first, second)] == [
        *map(str, folders)
    ]
    house = furnish(state)
    await keep_house(house, force=True)
    assert [folder.exists() for folder in folders] == [True, True]
    made.change("demo-1", status="closed", closed_at="2099-01-01T00:00:00Z")
    await keep_house(house, force=True)
    assert [folder.exists() for folder in folders] == [False, True]
    await keep_house(house, now=(second.ended_at or 0) + 31 * 86400, force=True)
    assert [folder.exists() for folder in folders] == [False, False]
    house.close()
