"""Runs of the gates by a real worker, from the order to what is said of it; nothing is left or changed."""

import shlex
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import psutil
import pytest

import trial
from beadwork.executions import State
from beadwork.gates import Standing
from beadwork.workflows import Refused, RunView
from beadwork.workflows.gating.hearing import MOST_TEXT
from beadwork.workflows.gating.known import known_report
from beadwork.workflows.requests import GatesRequest
from beadwork.workflows.working.telling_agent import Desk
from eventually import eventually
from repositories import picture
from working import Working, accepted
from working import working as users_at_work

BEAD = GatesRequest("demo-1")


@pytest.fixture
def working(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Working]]:
    """Give users with beads and settings."""
    yield from users_at_work(tmp_path, monkeypatch)


def branch(place: Working, **files: str) -> str:
    """Commit files on the branch of demo-1, and give the commit; main stays checked out."""
    repository = place.made.repository
    repository.commit("beads")
    repository.git("checkout", "--quiet", "-B", "bead/demo-1")
    commit = repository.commit("On the branch", **files)
    repository.git("checkout", "--quiet", "main")
    return commit


async def gated(place: Working, request: GatesRequest = BEAD) -> RunView:
    """Run the gates, and give the run when it has ended; nothing of the repository may change."""
    before = picture(place.made.project)
    run = accepted(await place.application.gates(place.made.project, request))
    ended = await place.application.wait_for_end(run.id)
    assert picture(place.made.project) == before
    assert not place.made.processes(run.id)
    return ended


def report_of(run: RunView) -> Mapping[str, Any]:
    """Give what the run says of the gates."""
    return cast("Mapping[str, Any]", run.results["gates"])


def states(run: RunView) -> list[tuple[str, str, bool]]:
    """Give line, state and whether it is known of each gate."""
    return [(each["line"], each["state"], each["known"]) for each in report_of(run)["results"]]


def desk_of(place: Working) -> Desk:
    """Give what it takes to look at the project; no bead is asked for."""
    house = place.application._house
    return house.desk_for(
        place.made.project, house.settings_for(place.made.project).settings, cast("Any", None)
    )


MAKEFILE = "lint:\n\t@echo looked >> seen\ntest:\n\t@echo tested; cat word\n"


async def test_gates_of_a_branch_pass_and_are_known_from_then_on(working: Callable[..., Working]) -> None:
    """The log has their output and the phase; a second run starts none of them; `anew` does."""
    place = working()
    commit = branch(place, Makefile=MAKEFILE, word="the word\n")
    assert await known_report(desk_of(place), "demo-1", commit) is None
    run = await gated(place)
    assert (run.state, run.reason, run.head) == ("completed", "gates-passed", commit)
    assert run.summary == "Both gates passed."
    assert states(run) == [("make lint", "passed", False), ("make test", "passed", False)]
    assert (report_of(run)["commit"], report_of(run)["standing"]) == (commit, "passed")
    events = place.of_kind(run.id, "gate")
    assert "the word" in "".join(each["text"] for each in events if "state" not in each)
    assert [each["state"] for each in events if "state" in each] == ["started", "passed"] * 2
    assert "gates" in [each.get("phase") for each in place.of_kind(run.id, "state")]
    known = await known_report(desk_of(place), "demo-1", commit)
    assert known is not None
    assert known.standing is Standing.PASSED
    again = await gated(place)
    assert again.summary == "Both gates passed (known from before)."
    assert [known for _, _, known in states(again)] == [True, True]
    assert not [each for each in place.of_kind(again.id, "gate") if each.get("state") == "started"]
    anew = await gated(place, GatesRequest("demo-1", anew=True))
    assert [known for _, _, known in states(anew)] == [False, False]
    assert place.comments() == []


async def test_a_gate_that_fails_is_told_with_the_end_of_its_output(working: Callable[..., Working]) -> None:
    """What it said is in a file, too; the other gates run all the same; that it failed is known."""
    place = working()
    commit = branch(place, Makefile="lint:\n\t@echo first; echo at the end; exit 3\ntest:\n\t@true\n")
    run = await gated(place)
    assert (run.state, run.reason) == ("failed", "gates-failed")
    assert [state for _, state, _ in states(run)] == ["failed", "passed"]
    refused = cast("Mapping[str, Any]", run.results["refused"])
    (obstacle,) = refused["obstacles"]
    assert obstacle["code"] == "gates-failed"
    assert "at the end" in obstacle["output"]
    assert "first" in Path(obstacle["file"]).read_text("utf-8")
    assert run.summary.startswith("lint: make lint failed (exit code 2).")
    again = await gated(place)
    assert "(known from before)" in again.summary
    known = await known_report(desk_of(place), "demo-1", commit)
    assert known is not None
    assert known.standing is Standing.FAILED


async def test_a_gate_that_says_much_has_its_beginning_in_the_log(working: Callable[..., Working]) -> None:
    """What is too much for the log is in the file alone, and the log says so once."""
    place = working(**{"gates.commands": ["yes so much | head -c 1000000; echo; echo the end"]})
    branch(place, word="the word\n")
    run = await gated(place)
    said = "".join(each["text"] for each in place.of_kind(run.id, "gate") if "state" not in each)
    output = Path(report_of(run)["results"][0]["output"])
    assert output.stat().st_size > 1_000_000
    assert output.read_text("utf-8").endswith("the end\n")
    assert len(said) < MOST_TEXT + 1000
    assert said.count(f"is only in {output}") == 1


async def test_a_program_that_is_missing_says_nothing_of_the_commit(working: Callable[..., Working]) -> None:
    """So it is tried again the next time, when it may have been installed."""
    place = working(**{"gates.commands": ["no-such-program-at-all"]})
    branch(place, word="the word\n")
    for _ in range(2):
        run = await gated(place)
        assert states(run) == [("no-such-program-at-all", "failed", False)]
        assert "gates.setup" in run.summary


async def test_no_gate_is_not_called_passed(working: Callable[..., Working]) -> None:
    """Nothing is made and nothing is run."""
    place = working()
    branch(place, README="Nothing to test.\n")
    run = await gated(place)
    assert (run.state, run.reason) == ("completed", "no-gates")
    assert run.summary == "No gate was found, so none was passed."
    assert report_of(run)["standing"] == "none"
    assert not Path(run.checkout).exists()


async def test_a_gate_does_not_fool_the_next_run(working: Callable[..., Working]) -> None:
    """Tracked files that it changed are as in the commit again; what git ignores is still there."""
    place = working(**{"gates.commands": ["echo more >> word; test $(wc -l < word) = 2; echo x >> built"]})
    branch(place, word="the word\n", **{".gitignore": "built\n"})
    once_more = GatesRequest("demo-1", anew=True)
    for number in range(2):
        run = await gated(place, once_more)
        assert run.reason == "gates-passed"
        assert len((Path(run.checkout) / "built").read_text("utf-8").splitlines()) == number + 1


async def test_a_setup_that_fails_fails_and_the_gates_do_not_run(working: Callable[..., Working]) -> None:
    """It is not known from then on: what it needs may be there the next time."""
    allowed = "test -e " + shlex.quote(str(Path("/nowhere") / "at all"))
    place = working(**{"gates.commands": ["echo ran > ran"], "gates.setup": [allowed]})
    commit = branch(place, word="the word\n")
    run = await gated(place)
    assert run.reason == "gates-failed"
    assert states(run) == [(allowed, "failed", False)]
    assert not (Path(run.checkout) / "ran").exists()
    assert await known_report(desk_of(place), "demo-1", commit) is None


async def test_pip_changes_no_python_of_the_users(working: Callable[..., Working]) -> None:
    """Without a box, too: a bead's gates have one of their own, beside their checkout."""
    place = working(**{"gates.commands": ["python -c 'import sys; print(sys.prefix)'"]})
    branch(place, **{"requirements.txt": "# nothing\n", "test_x.py": "import unittest\n"})
    run = await gated(place)
    assert run.reason == "gates-passed", run.summary
    results = report_of(run)["results"]
    assert [result["line"] for result in results][1:-1] == ["pip install -r requirements.txt"]
    assert Path(results[-1]["tail"]).is_relative_to(place.made.state / "homes")


LEAVES_A_SERVER = "sleep 1000 & echo up; touch up; sleep 1000"


async def begun(place: Working) -> str:
    """Begin gates that do not end, and wait until they run."""
    run = accepted(await place.application.gates(place.made.project, BEAD))
    await eventually("the gate", (Path(run.checkout) / "up").exists, within=trial.DEADLINE)
    assert place.store.get(run.id).phase == "gates"
    return run.id


async def is_over(place: Working, run: str) -> None:
    """Nothing of the run is left, its bead was told nothing, and its gates can be run again."""
    await eventually("its processes to be gone", lambda: not place.made.processes(run), within=trial.DEADLINE)
    assert place.comments() == []
    assert place.bead()["status"] == "open"
    place.settings(**{"gates.commands": ["true"]})
    assert (await gated(place)).reason == "gates-passed"


async def test_gates_that_are_cancelled_leave_nothing(working: Callable[..., Working]) -> None:
    """Not the gate, nor the server that it started, nor a result."""
    place = working(**{"gates.commands": [LEAVES_A_SERVER]})
    commit = branch(place, word="the word\n")
    run = await begun(place)
    accepted(await place.application.cancel(run))
    assert (await place.application.wait_for_end(run)).state == "cancelled"
    assert await known_report(desk_of(place), "demo-1", commit) is None
    await is_over(place, run)


async def test_a_worker_that_is_killed_in_the_gates_leaves_nothing(working: Callable[..., Working]) -> None:
    """The run is interrupted; no bead is told of it, for it claimed none."""
    place = working(**{"gates.commands": [LEAVES_A_SERVER]})
    branch(place, word="the word\n")
    run = await begun(place)
    worker = psutil.Process(place.made.worker(run))
    worker.kill()
    psutil.wait_procs([worker], timeout=trial.DEADLINE)
    await place.application.tend()
    ended = place.store.get(run)
    assert (ended.state, ended.reason, ended.told) == (State.FAILED, "interrupted", True)
    await is_over(place, run)


async def test_gates_here_take_the_users_tree_as_it_is(working: Callable[..., Working]) -> None:
    """What is not committed counts, nothing is set up, and nothing is known of it afterwards."""
    place = working(runner="auto")
    branch(place, Makefile="test:\n\tfalse\n")
    place.made.repository.write("Makefile", "install:\n\tnpm ci\ntest:\n\tgrep mine word\n")
    place.made.repository.write("word", "mine, not committed\n")
    for _ in range(2):
        run = await gated(place, GatesRequest("", here=True))
        assert (run.state, run.reason, run.bead) == ("completed", "gates-passed", "@here")
        assert states(run) == [("make test", "passed", False)]
        assert report_of(run)["commit"] == ""
        assert run.checkout == str(place.made.project)
    assert not (place.made.state / "checkouts").exists()


@pytest.mark.bubblewrap
async def test_in_the_sandbox_a_gate_reaches_no_more_than_its_checkout(
    working: Callable[..., Working],
) -> None:
    """It can write there; the user's repository is not to be seen, and the agent's home neither."""
    place = working(runner="sandbox")
    repository = shlex.quote(str(place.made.project))
    place.settings(runner="sandbox", **{"gates.commands": [f"touch mine && ! touch {repository}/mine"]})
    branch(place, word="the word\n")
    run = await gated(place)
    assert run.reason == "gates-passed", run.summary
    assert run.runner.startswith("sandbox")


async def test_what_cannot_be_is_refused_at_once(working: Callable[..., Working]) -> None:
    """A bead without a branch has nothing to run gates on, and says what to do."""
    place = working()
    refused = await place.application.gates(place.made.project, BEAD)
    assert isinstance(refused, Refused)
    assert refused.code == "no-branch"
    assert "work on it first" in refused.message
