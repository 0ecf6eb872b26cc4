"""Bringing a base into a branch by an agent: a conflict, the work that solves it, and landing after that."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from beadwork.executions import Reason
from beadwork.workflows import LandRequest, RefusalCode, Refused, RunView, WorkRequest
from remote_places import REF, branch
from working import Working, accepted, working

SOLVED = "from both\n"


@pytest.fixture
def at_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Working]]:
    """Give a factory of users at work."""
    yield from working(tmp_path, monkeypatch)


@pytest.fixture
def ada(at_work: Callable[..., Working]) -> Working:
    """A user on another branch, whose base and bead's branch change the same file."""
    user = at_work()
    sample = user.made.repository
    start = sample.git("rev-parse", "main")
    sample.git("update-ref", "refs/heads/main", branch(sample, bead="aside", new="from the base\n"))
    sample.git("update-ref", "-d", "refs/heads/bead/aside")
    sample.git("update-ref", REF, start)
    branch(sample, new="from the bead\n")
    sample.git("switch", "-q", "--detach", start)
    return user


async def resolve(user: Working, *steps: dict[str, object]) -> RunView:
    """Let an agent do `steps` to bring the base in, to its end."""
    asked = WorkRequest("demo-1", script=user.made.script(*steps), force=True)
    run = accepted(await user.application.resolve(user.made.project, asked))
    return await user.application.wait_for_end(run.id)


async def refusal(user: Working, bead: str = "demo-1") -> RefusalCode:
    """Say why there is nothing to resolve."""
    answer = await user.application.resolve(user.made.project, WorkRequest(bead, force=True))
    assert isinstance(answer, Refused), answer
    return answer.code


async def land(user: Working) -> RunView:
    """Land the branch, to its end."""
    run = accepted(await user.application.land(user.made.project, LandRequest("demo-1")))
    return await user.application.wait_for_end(run.id)


async def test_conflict_resolve_land(ada: Working) -> None:
    """The agent is told which commit to merge and where it conflicts; what it brought together lands."""
    sample = ada.made.repository
    base = sample.git("rev-parse", "main")
    assert (await land(ada)).reason == Reason.CONFLICT
    run = await resolve(
        ada,
        {"keep_prompt": "../prompt"},
        {"run": f"git merge {base} || true"},
        {"write": "new", "text": SOLVED},
        {"commit": "demo-1: bring together with main"},
        {"done": "Brought both together."},
    )
    assert (run.state, run.reason) == ("completed", Reason.VERIFIED), run.summary
    assert run.results["resolve"] == {
        "base": base,
        "ref": "main",
        "branch": sample.git("rev-parse", f"{REF}~1"),
        "paths": ["new"],
    }
    assert sample.git("log", "-1", "--format=%P", REF).split()[1] == base
    assert await refusal(ada) is RefusalCode.UP_TO_DATE
    assert (await land(ada)).reason == Reason.LANDED
    assert sample.git("show", "main:new") == SOLVED.strip()
    assert await refusal(ada) is RefusalCode.NO_BRANCH
    assert await refusal(ada, "demo-3") is RefusalCode.NO_BRANCH


async def test_the_prompt_says_what_to_merge(ada: Working) -> None:
    """The commit, by which name it is in the checkout, and the files in conflict."""
    base = ada.made.repository.git("rev-parse", "main")
    run = await resolve(ada, {"run": "git rev-parse local/main"}, {"keep_prompt": "told"}, {"fail": "No."})
    told = (Path(run.checkout) / "told").read_text()
    assert f"`git merge {base}`" in told
    assert f"commit {base}, which is local/main in this checkout. Conflicts are in new." in told


async def test_marks_that_are_left(ada: Working) -> None:
    """A merge that was committed with the marks in it does not count, though it is on the branch."""
    run = await resolve(
        ada,
        {"run": "git merge local/main || true"},
        {"commit": "demo-1: merged"},
        {"done": "Brought together."},
    )
    assert (run.state, run.reason) == ("failed", Reason.CONFLICT)
    assert "Conflict marks are left in new." in run.summary


async def test_the_base_is_not_in_it(ada: Working) -> None:
    """The same files without the merge would conflict again."""
    run = await resolve(
        ada, {"write": "new", "text": SOLVED}, {"commit": "demo-1: as in main"}, {"done": "Brought together."}
    )
    assert (run.state, run.reason) == ("failed", Reason.CONFLICT)
    assert "does not contain main" in run.summary
