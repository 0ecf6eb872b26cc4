"""Reviews by a real worker, with the scripted agent: from the order to findings that are kept and told."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

import trial
from bead_places import record
from beadwork.checkouts import NothingToReview, Subject
from beadwork.state_folder import StateFolder
from beadwork.workflows import Application, Refused, ReviewRequest, RunView, WorkRequest, build
from repositories import picture

CODE = "def add(a, b):\n    total = a - b\n    return total\n"
FOUND: Mapping[str, object] = {
    "title": "It subtracts",
    "description": "The sum is a difference.",
    "priority": 1,
    "type": "bug",
    "file": "app.py",
    "line": 2,
    "category": "correctness",
    "failure_scenario": "add(1, 2) is -1",
}


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[trial.Trial]:
    """A user with three beads, and work on a branch for the first."""
    made = trial.with_file(tmp_path, record("demo-1"), record("demo-2"), record("demo-3"))
    made.settings(agent="scripted", runner="plain", actor="Ada")
    for name, value in made.environment.items():
        monkeypatch.setenv(name, value)
    made.repository.git("add", "--all")
    made.repository.git("commit", "--quiet", "-m", "beads")
    made.repository.git("checkout", "--quiet", "-b", "bead/demo-1")
    made.repository.commit("Add", **{"app.py": CODE})
    made.repository.git("checkout", "--quiet", "main")
    yield made
    made.end_all()


@pytest.fixture
def application(made: trial.Trial) -> Iterator[Application]:
    """Beadwork in this process, for that user."""
    application = build(StateFolder(made.state))
    yield application
    application.close()


def answer(*findings: Mapping[str, object], **more: object) -> Mapping[str, object]:
    """What a reviewer fills in."""
    return {"findings": findings, "summary": "It is nearly there.", "pr_ready": False, **more}


async def reviewed(
    application: Application, made: trial.Trial, *steps: Mapping[str, object], **more: Any
) -> RunView:
    """Review with these steps, and give the run when it has ended."""
    request = ReviewRequest(**{"bead": "demo-1", "script": made.script(*steps), **more})
    run = await application.review(made.project, request)
    assert isinstance(run, RunView), run
    return await application.wait_for_end(run.id)


def bead_of(made: trial.Trial, bead: str) -> dict[str, Any]:
    """Give a bead as its file has it."""
    lines = (made.project / ".beads" / "issues.jsonl").read_text("utf-8").splitlines()
    return next(dict(each) for each in map(json.loads, lines) if each["id"] == bead)


async def test_a_review_keeps_its_findings_and_tells_the_bead(
    made: trial.Trial, application: Application
) -> None:
    """The comment has the verdict, the summary, the finding and the commit; nothing is claimed or changed."""
    before = picture(made.project)
    run = await reviewed(application, made, {"answer": answer(FOUND)})
    assert (run.state, run.reason, run.verb) == ("completed", "reviewed", "review")
    assert run.summary.startswith("1 finding (1 of priority 1); not ready. It is nearly there.")
    view = await application.reviews.findings(made.project)
    (finding,) = view.findings
    assert (finding.path, finding.line, finding.priority, finding.state) == ("app.py", 2, 1, "open")
    (review,) = view.reviews
    assert (review.head, review.pr_ready) == (made.repository.git("rev-parse", "bead/demo-1"), False)
    bead = bead_of(made, "demo-1")
    (comment,) = bead["comments"]
    for words in ("not ready", "It is nearly there.", "P1 app.py:2: It subtracts", review.head[:10]):
        assert words in comment["text"]
    assert (bead["status"], bead.get("assignee")) == ("open", None)
    assert {key: value for key, value in picture(made.project).items() if ".beads" not in key} == {
        key: value for key, value in before.items() if ".beads" not in key
    }


async def test_a_second_review_makes_no_second_bead(made: trial.Trial, application: Application) -> None:
    """The finding keeps its id and its bead, which says where it came from."""
    await reviewed(application, made, {"answer": answer(FOUND)}, create_beads=True)
    (first,) = (await application.reviews.findings(made.project)).findings
    again = {**FOUND, "title": "it subtracts!"}
    run = await reviewed(application, made, {"answer": answer(again)}, create_beads=True)
    (second,) = (await application.reviews.findings(made.project)).findings
    assert (second.id, second.bead) == (first.id, first.bead)
    assert first.bead in run.summary
    bead = bead_of(made, first.bead)
    assert bead["description"].startswith("app.py:2\n")
    assert bead["labels"] == ["review-finding"]
    assert bead["external_ref"].startswith("review:")
    assert bead["dependencies"][0]["depends_on_id"] == "demo-1"
    assert bead["dependencies"][0]["type"] == "discovered-from"
    assert bead["metadata"]["review_path"] == "app.py"
    lines = (made.project / ".beads" / "issues.jsonl").read_text("utf-8").splitlines()
    assert sum("review-finding" in line for line in lines) == 1


async def test_an_answer_that_cannot_be_read_is_a_failed_review(
    made: trial.Trial, application: Application
) -> None:
    """Never one without findings; its words are in the log, and the last review stays what it was."""
    await reviewed(application, made, {"answer": answer(FOUND)})
    run = await reviewed(application, made, {"answer_text": "I found no issues."})
    assert (run.state, run.reason) == ("failed", "unreadable")
    assert "I found no issues." in Path(run.log).read_text("utf-8")
    assert len((await application.reviews.findings(made.project)).findings) == 1


async def test_an_answer_in_a_text_is_read(made: trial.Trial, application: Application) -> None:
    """Fenced, with prose around it."""
    text = f"I read it all.\n```json\n{json.dumps(answer(FOUND, pr_ready=True))}\n```\nThat is it."
    run = await reviewed(application, made, {"answer_text": text})
    assert run.state == "completed"
    assert "; ready." in run.summary


async def test_a_reviewer_that_changes_the_work_is_not_believed(
    made: trial.Trial, application: Application
) -> None:
    """Without a box nothing keeps it from writing, so what is there afterwards is looked at."""
    run = await reviewed(application, made, {"write": "app.py", "text": "mine\n"}, {"answer": answer(FOUND)})
    assert (run.state, run.reason) == ("failed", "reviewer-wrote")
    assert (await application.reviews.findings(made.project)).findings == ()


@pytest.mark.bubblewrap
async def test_in_the_sandbox_the_checkout_cannot_be_written(
    made: trial.Trial, application: Application
) -> None:
    """The reviewer can read it, search it and run git."""
    run = await reviewed(
        application,
        made,
        {"write": "app.py", "text": "mine\n"},
        {"run": "git log --oneline bead/demo-1 && git diff main HEAD && ! touch new"},
        {"answer": answer(FOUND)},
        runner="sandbox",
    )
    assert (run.state, run.reason) == ("completed", "reviewed"), run.summary


async def test_what_is_not_committed_is_reviewed_without_a_bead(
    made: trial.Trial, application: Application
) -> None:
    """And the branch that is checked out."""
    made.repository.write("app.py", CODE)
    run = await reviewed(application, made, {"answer": answer(FOUND)}, subject=Subject.CHANGES, bead="")
    assert (run.state, run.bead, run.title) == ("completed", "@changes", "What is not committed")
    (finding,) = (await application.reviews.findings(made.project)).findings
    assert finding.subject == "@changes"
    with pytest.raises(NothingToReview):
        await application.review(made.project, ReviewRequest(Subject.BRANCH))


async def test_nothing_to_review_is_said_at_once(made: trial.Trial, application: Application) -> None:
    """A bead without a branch."""
    with pytest.raises(NothingToReview, match="work on the bead first"):
        await application.review(made.project, ReviewRequest(bead="demo-2"))


async def test_a_dismissed_finding_stays_dismissed(made: trial.Trial, application: Application) -> None:
    """Its reason too; it can be taken back."""
    await reviewed(application, made, {"answer": answer(FOUND)})
    (finding,) = (await application.reviews.findings(made.project)).findings
    await application.reviews.dismiss(made.project, finding.id, "It is meant so.")
    run = await reviewed(application, made, {"answer": answer(FOUND)})
    assert "1 dismissed before" in run.summary
    assert (await application.reviews.findings(made.project)).findings == ()
    (shown,) = (await application.reviews.findings(made.project, everything=True)).findings
    assert (shown.state, shown.reason) == ("dismissed", "It is meant so.")
    await application.reviews.take_back(made.project, finding.id)
    assert len(await application.reviews.open(made.project)) == 1


async def test_a_finding_goes_when_its_bead_closes_and_comes_back(
    made: trial.Trial, application: Application
) -> None:
    """Closed by whomever; reopening brings it back."""
    await reviewed(application, made, {"answer": answer(FOUND)}, create_beads=True)
    (finding,) = (await application.reviews.findings(made.project)).findings
    file = made.project / ".beads" / "issues.jsonl"
    text = file.read_text("utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    for line in lines:
        if line["id"] == finding.bead:
            line |= {"status": "closed", "closed_at": "2099-01-01T00:00:00Z", "close_reason": "mended"}
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    assert await application.reviews.open(made.project) == []
    file.write_text(text, "utf-8")
    assert len(await application.reviews.open(made.project)) == 1


async def test_large_work_is_read_in_parts_and_put_together(
    made: trial.Trial, application: Application
) -> None:
    """Each part by a reader of its own; what was put together is what counts."""
    made.settings(agent="scripted", runner="plain", actor="Ada", prompt_budget=6000)
    made.repository.git("checkout", "--quiet", "bead/demo-1")
    for name in ("one.py", "two.py", "three.py"):
        made.repository.commit(name, **{name: "".join(f"{name[0]}_{n} = {n}\n" for n in range(350))})
    made.repository.git("checkout", "--quiet", "main")
    run = await reviewed(application, made, {"keep_prompt": "/dev/null"}, {"answer": answer(FOUND)})
    assert run.state == "completed", run.summary
    notes = [event.data.get("text", "") for event in (await application.log(run.id)).events]
    assert any(str(note).startswith("Part 1 of ") for note in notes)
    assert any(str(note).startswith("Putting ") for note in notes)
    assert len((await application.reviews.findings(made.project)).findings) == 1


async def test_findings_are_mended_on_the_branch_of_their_bead(
    made: trial.Trial, application: Application
) -> None:
    """The agent is told the finding with all that was said of it, and what is committed comes back."""
    await reviewed(application, made, {"answer": answer(FOUND)})
    (finding,) = (await application.reviews.findings(made.project)).findings
    told = made.folder / "told"
    script = made.script(
        {"keep_prompt": str(told)},
        {"replace": "app.py", "old": "a - b", "new": "a + b"},
        {"commit": "demo-1: add"},
        {"done": "Mended."},
    )
    run = await application.fix(made.project, [finding.id], WorkRequest("", script=script))
    assert isinstance(run, RunView)
    run = await application.wait_for_end(run.id)
    assert (run.state, run.bead) == ("completed", "demo-1"), run.summary
    for words in ("It subtracts", "The sum is a difference.", "add(1, 2) is -1", "app.py:2"):
        assert words in told.read_text("utf-8")
    assert "a + b" in made.repository.git("show", "bead/demo-1:app.py")


async def test_findings_without_a_bead_are_not_mended(made: trial.Trial, application: Application) -> None:
    """There is no branch of Beadwork's to work on: refused, with what to do."""
    made.repository.write("app.py", CODE)
    await reviewed(application, made, {"answer": answer(FOUND)}, subject=Subject.CHANGES, bead="")
    (finding,) = (await application.reviews.findings(made.project)).findings
    refused = await application.fix(made.project, [finding.id], WorkRequest(""))
    assert isinstance(refused, Refused)
    assert refused.code == "not-one-bead"
