"""A review for real: Claude Code reads a branch, and bd holds what it found. Only the model is played."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

import trial
from bead_places import BdPlace
from beadwork.checkouts import review_name
from beadwork.findings import SCHEMA
from beadwork.state_folder import StateFolder
from eventually import eventually
from loopback_api import LoopbackApi, bash, reply, structured, text
from repositories import picture

pytestmark = [pytest.mark.bd, pytest.mark.claude, pytest.mark.bubblewrap]

Api = Callable[..., LoopbackApi]
Made = tuple[trial.Trial, BdPlace, str]
Maker = Callable[[LoopbackApi, str], Made]

CODE = "def add(a, b):\n    total = a - b\n    return total\n"
SUBTRACTS = {
    "title": "It subtracts",
    "description": "The sum is a difference.",
    "priority": 1,
    "type": "bug",
    "file": "app.py",
    "line": 2,
    "end_line": 3,
    "category": "correctness",
    "failure_scenario": "add(1, 2) is -1",
}
UNTESTED = {"title": "No test", "description": "Nothing holds it.", "priority": 3, "type": "task"}


@pytest.fixture
def make(tmp_path: Path, bd_program: Path, claude_program: Path) -> Iterator[Maker]:
    """A factory of trials with work on the branch of a bead; what still runs at the end is ended."""
    made: list[trial.Trial] = []

    def maker(api: LoopbackApi, runner: str) -> Made:
        new, place = trial.with_bd(tmp_path, bd_program, claude_program.parent, **api.environment)
        made.append(new)
        new.settings(agent="claude", runner=runner, actor="Ada", cancel_grace=1.0, allow=["Bash"])
        bead = str(json.loads(place.bd("create", "--title=Add numbers", "-t", "task", "--json"))["id"])
        new.repository.git("checkout", "--quiet", "-b", f"bead/{bead}")
        new.repository.commit("Add", **{"app.py": CODE})
        new.repository.git("checkout", "--quiet", "main")
        return new, place, bead

    yield maker
    for each in made:
        each.end_all()


async def ended(made: trial.Trial, run: str) -> dict[str, Any]:
    """Wait until a run has ended, and give it."""
    shown: dict[str, Any] = {}

    def over() -> bool:
        shown.update(made.run(run))
        return shown["state"] not in {"queued", "running"}

    await eventually("its end", over, within=trial.DEADLINE)
    return shown


@pytest.mark.parametrize("runner", ["sandbox", "plain"])
async def test_a_branch_is_reviewed_and_its_findings_are_beads(
    make: Maker, loopback_api: Api, runner: str
) -> None:
    """The reader has our form and no tool that writes; bd shows the beads with place and provenance."""
    tries = "git diff main...HEAD --stat" + (
        "; ! touch new; ! echo x >> app.py" if runner == "sandbox" else ""
    )
    answer = structured(findings=[SUBTRACTS, UNTESTED], summary="Nearly there.", pr_ready=False)
    api = loopback_api(reply(text("I read it."), bash(tries)), reply(answer))
    made, place, bead = make(api, runner)
    before = outside_beads(picture(made.project, without_objects=True))
    run = await ended(made, made.json("review", bead, "--create-beads")["run"]["id"])
    assert (run["state"], run["reason"]) == ("completed", "reviewed"), run["summary"]
    assert outside_beads(picture(made.project, without_objects=True)) == before
    assert not made.processes(run["id"])
    checkout = StateFolder(made.state).checkout_of(made.project, review_name(bead))
    assert run["checkout"] == str(checkout)
    assert (checkout / "app.py").read_text("utf-8") == CODE
    assert not (checkout / "new").exists()
    first = api.turns_asked[0]
    assert "     2 +     total = a - b" in first.user_text()
    tools = {tool["name"]: tool for tool in first.body["tools"]}
    assert not {"Edit", "Write", "NotebookEdit"} & set(tools)
    assert tools["StructuredOutput"]["input_schema"]["properties"] == SCHEMA["properties"]

    head = made.repository.git("rev-parse", f"bead/{bead}")
    reviewed = json.loads(place.bd("show", bead, "--json"))[0]
    assert (reviewed["status"], reviewed.get("assignee") or "") == ("open", "")
    (comment,) = json.loads(place.bd("comments", bead, "--json"))
    for words in ("not ready", "2 findings", "Nearly there.", "P1 app.py:2-3: It subtracts", head[:10]):
        assert words in comment["text"]
    found = {each["title"]: each for each in json.loads(place.bd("list", "--label=review-finding", "--json"))}
    assert set(found) == {"It subtracts", "No test"}
    shown = json.loads(place.bd("show", found["It subtracts"]["id"], "--json"))[0]
    assert (shown["issue_type"], shown["priority"], shown["labels"]) == ("bug", 1, ["review-finding"])
    assert shown["description"].splitlines()[0] == "app.py:2-3"
    assert "add(1, 2) is -1" in shown["description"]
    assert shown["external_ref"].startswith("review:")
    metadata = shown["metadata"] if isinstance(shown["metadata"], dict) else json.loads(shown["metadata"])
    assert {
        name: metadata[name] for name in ("review_path", "review_line", "review_end", "review_commit")
    } == {
        "review_path": "app.py",
        "review_line": 2,
        "review_end": 3,
        "review_commit": head,
    }
    assert [(edge["id"], edge["dependency_type"]) for edge in shown["dependencies"]] == [
        (bead, "discovered-from")
    ]


async def test_a_second_review_makes_no_second_bead(make: Maker, loopback_api: Api) -> None:
    """Closing the bead settles the finding; a review that says it again afterwards shows it again."""
    answer = reply(structured(findings=[SUBTRACTS], summary="Nearly.", pr_ready=False))
    api = loopback_api(answer, answer, answer)
    made, place, bead = make(api, "plain")
    for _ in range(2):
        run = await ended(made, made.json("review", bead, "--create-beads")["run"]["id"])
        assert run["state"] == "completed", run["summary"]
    (made_of_it,) = place.ids("list", "--label=review-finding")
    place.bd("close", made_of_it)
    assert findings(made) == []
    run = await ended(made, made.json("review", bead)["run"]["id"])
    assert run["state"] == "completed", run["summary"]
    (again,) = findings(made)
    assert again["bead"] == made_of_it


async def test_a_reader_that_writes_all_the_same_is_not_believed(make: Maker, loopback_api: Api) -> None:
    """Without a box a command can change the checkout: that is seen afterwards."""
    answer = structured(findings=[], summary="All is well.", pr_ready=True)
    api = loopback_api(reply(bash("echo mine > app.py")), reply(answer))
    made, place, bead = make(api, "plain")
    run = await ended(made, made.json("review", bead)["run"]["id"])
    assert (run["state"], run["reason"]) == ("failed", "reviewer-wrote")
    assert json.loads(place.bd("comments", bead, "--json")) in ([], None)


async def test_prose_instead_of_the_form_is_a_failed_review(make: Maker, loopback_api: Api) -> None:
    """Its words are at hand; that there are no issues is not made of it."""
    api = loopback_api(*(reply(text("I found no issues.")) for _ in range(8)))
    made, _, bead = make(api, "plain")
    run = await ended(made, made.json("review", bead)["run"]["id"])
    assert run["state"] == "failed", run["summary"]
    assert "no findings" not in run["summary"]
    assert "I found no issues." in Path(run["log"]).read_text("utf-8")


def findings(made: trial.Trial) -> list[dict[str, Any]]:
    """Give the findings that count."""
    return list(made.json("findings")["findings"])


def outside_beads(before: Mapping[str, str]) -> Mapping[str, str]:
    """Give a picture of a folder without its beads."""
    return {path: what for path, what in before.items() if ".beads" not in path}
