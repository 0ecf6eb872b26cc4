"""`list` and `show`: what a person sees, and what a script reads."""

import json

import pytest
from click.testing import CliRunner, Result

from application_double import Rehearsal, a_bead, a_run, a_running
from beadwork.beads import Group, Trouble
from beadwork.cli import program
from beadwork.workflows import Failure


def ask(held: Rehearsal, *words: str) -> Result:
    """Use the command line with a double of the application."""
    return CliRunner().invoke(program, words, obj=held.application)


@pytest.fixture
def held() -> Rehearsal:
    """Beads in several groups."""
    return Rehearsal(
        beads=[
            a_bead(),
            a_bead(
                id="demo-2", title="Stuck", group=Group.BLOCKED, blocked_by=("demo-1", "demo-7", "demo-8")
            ),
            a_bead(id="demo-3", title="Going", group=Group.RUNNING, run=a_running(bead="demo-3")),
            a_bead(id="demo-4", title="Over", group=Group.CLOSED, status="closed"),
        ],
    )


def test_list_by_group(held: Rehearsal) -> None:
    """Each bead stands under its group with what matters there; nothing is cut in a pipe."""
    result = ask(held, "list")
    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert lines[0] == "demo · embedded · 4 beads"
    assert lines.index("Running (1)") < lines.index("Ready (1)") < lines.index("Blocked (1)")
    assert "  demo-1  P2  task  Größe prüfen 検査" in lines
    assert "  demo-2  P2  task  Stuck  by demo-1, demo-7 +1" in lines
    assert "  demo-3  P2  task  Going  running: agent" in lines


def test_closed_beads_are_counted(held: Rehearsal) -> None:
    """Closed beads are one line that says how to see them; a search or the group shows them."""
    assert "Over" not in ask(held, "list").stdout
    assert "Closed (1: list --group closed)" in ask(held, "list").stdout
    assert "demo-4" in ask(held, "list", "--group", "closed").stdout
    assert "demo-4" in ask(held, "list", "--search", "Over").stdout


def test_a_search_that_finds_nothing(held: Rehearsal) -> None:
    """It does not say that there are no beads."""
    for words in (["--search", "nothing like it"], ["--group", "needs-you"]):
        assert ask(held, "list", *words).stdout.endswith("\nNo bead is among these.\n")


def test_list_as_json(held: Rehearsal) -> None:
    """`--json` gives the project of the protocol, with all groups, also empty ones."""
    result = ask(held, "list", "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    (project,) = json.loads(result.stdout)["projects"]
    assert [group["group"] for group in project["groups"]] == [group.value for group in Group]
    (bead,) = next(group["beads"] for group in project["groups"] if group["group"] == "blocked")
    assert bead["blockedBy"] == ["demo-1", "demo-7", "demo-8"]


def test_one_group_as_json(held: Rehearsal) -> None:
    """`--group` leaves the other groups out of the object too."""
    (project,) = json.loads(ask(held, "list", "--json", "-g", "ready", "-g", "needs-you").stdout)["projects"]
    assert [group["group"] for group in project["groups"]] == ["needs_you", "ready"]


def test_titles_cannot_steer_the_terminal() -> None:
    """Escape sequences, controls and turned reading order in a title are not passed on."""
    title = "\x1b]0;owned\x07\x1b[31mred\x1b[0m\u202e evil\x9b2J\nnext"
    result = ask(Rehearsal(beads=[a_bead(title=title)]), "list")
    assert "  demo-1  P2  task  red evil2J next" in result.stdout.splitlines()


def test_an_unreadable_project() -> None:
    """Beads that cannot be read are an error with the tracker's code and words."""
    held = Rehearsal(failure=Failure("tracker-garbled", "bd was not understood.", "half JSON"))
    result = ask(held, "list")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "error: bd was not understood.\n  half JSON\n"
    result = ask(held, "list", "--json")
    error = {"code": "tracker-garbled", "message": "bd was not understood.", "detail": "half JSON"}
    assert (result.exit_code, json.loads(result.stdout)) == (1, {"error": error})
    assert result.stderr == ""


def test_troubles_are_told_beside_the_list() -> None:
    """Broken lines of a file are named on stderr, the first five of them; the list is whole."""
    held = Rehearsal(troubles=tuple(Trouble("it is not JSON", line) for line in range(3, 10)))
    result = ask(held, "list")
    assert result.exit_code == 0
    assert "demo-1" in result.stdout
    assert "warning: line 3: it is not JSON" in result.stderr
    assert "line 8" not in result.stderr
    assert "2 more" in result.stderr


def test_a_bead_that_is_reviewed() -> None:
    """The list says so, for a review is no work."""
    bead = a_bead(group=Group.RUNNING, run=a_running(verb="review"))
    assert "  review running: agent\n" in ask(Rehearsal(beads=[bead]), "list").stdout


def test_show_a_bead() -> None:
    """The page has texts, connections, comments and runs; empty texts have no heading."""
    result = ask(Rehearsal(runs_there=[a_run()]), "show", "demo-1")
    assert (result.exit_code, result.stderr) == (0, "")
    for part in [
        "What it is about.",
        "Tests pass.",
        "demo-0",
        "(no such bead here)",
        "Looks good.",
        "1a2b3c4d",
    ]:
        assert part in result.stdout
    assert "Design" not in result.stdout


def test_show_as_json() -> None:
    """`--json` gives the page of the protocol."""
    page = json.loads(ask(Rehearsal(runs_there=[a_run()]), "show", "demo-1", "--json").stdout)["page"]
    assert page["bead"]["title"] == "Größe prüfen 検査"
    assert page["dependsOn"][0]["id"] == "demo-0"
    assert page["runs"][0]["costUsd"] == pytest.approx(0.12)


def test_show_a_bead_that_is_not_there() -> None:
    """An unknown id is one sentence and exit code 1."""
    result = ask(Rehearsal(), "show", "../etc; rm")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "error: There is no bead ../etc; rm here.\n"


def test_what_went_wrong_before_is_told() -> None:
    """Sentences of the recovery at the start of a command are warnings."""
    result = ask(Rehearsal(tended=("Run 99 lost its worker.",)), "list")
    assert result.exit_code == 0
    assert result.stderr == "warning: Run 99 lost its worker.\n"


def test_the_application_is_let_go() -> None:
    """The store is let go after every command, also after an error."""
    for held, code in [(Rehearsal(), 0), (Rehearsal(has_beads=False), 1)]:
        assert ask(held, "list").exit_code == code
        assert held.closed == 1
