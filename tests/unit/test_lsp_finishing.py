"""What an editor says of work that is done, and what it offers where something stands in the way."""

from pathlib import Path

import attrs
import pytest

from application_double import Rehearsal, a_run, a_running, an_event
from beadwork.lsp.arguments import read
from beadwork.lsp.editor import Level
from beadwork.lsp.endings import ending, named
from beadwork.lsp.errors import InvalidArguments
from beadwork.lsp.finishing_answers import text_of, ways_to_land
from beadwork.lsp.finishing_arguments import HOW, SINCE, LandBranch, PublishBranch
from beadwork.lsp.progress import doing, last_line
from beadwork.lsp.refusals import in_words, output_of
from beadwork.settings import Settings
from beadwork.workflows import (
    ChangedFileView,
    ChangesView,
    LandRequest,
    Obstacle,
    RefusalCode,
    Refused,
    Since,
    WorkRequest,
    as_json,
    refused_in,
)

FAILING = Obstacle(
    RefusalCode.GATES_FAILED,
    "test: make test failed (exit code 1).",
    output="1 failed",
    file="/logs/test.txt",
)
CHILDREN = Obstacle(RefusalCode.OPEN_CHILDREN, "demo-2 below it is open.", beads=("demo-2",))
IN_USE = Obstacle(RefusalCode.TREE_IN_USE, "main is checked out in /projects/demo.")
PROJECT = Path("/projects/demo")


def refused(*obstacles: Obstacle, can_force: bool = True) -> Refused:
    """Give a refusal for all of `obstacles`."""
    return Refused(obstacles[0].code, "Not yet.", can_force=can_force, obstacles=obstacles)


def test_all_that_stands_in_the_way_is_said_with_the_file_that_has_more() -> None:
    """Once each, also where the refusal names it itself."""
    assert in_words(refused(FAILING, CHILDREN)).splitlines() == [
        "Not yet.",
        "- test: make test failed (exit code 1).",
        "  All of the output: /logs/test.txt",
        "- demo-2 below it is open.",
    ]
    assert output_of(refused(CHILDREN, FAILING)) == "/logs/test.txt"
    assert output_of(refused(CHILDREN)) == ""
    conflict = Obstacle(RefusalCode.CONFLICT, "Both change lines.", paths=("a.txt", "größer.txt"))
    assert in_words(refused(conflict)).splitlines()[1:] == ["- Both change lines.", "  a.txt, größer.txt"]
    alone = Refused(CHILDREN.code, CHILDREN.message, obstacles=(CHILDREN,))
    assert in_words(alone) == CHILDREN.message


def test_a_run_that_something_stood_in_the_way_of_says_what() -> None:
    """It is read from what the run gives, and no error of anybody's."""
    run = a_run(
        verb="close",
        state="failed",
        reason="refused",
        results={"refused": as_json(refused(FAILING, CHILDREN))},
    )
    assert refused_in(run) == refused(FAILING, CHILDREN)
    level, text = ending(run)
    assert level is Level.WARNING
    assert text.startswith("Closing demo-1 Größe prüfen 検査: Not yet.\n- test: make test failed")


@pytest.mark.parametrize(
    "given",
    [
        None,
        "no",
        {},
        {"code": "of a newer version", "message": "No."},
        {"code": ["blocked"], "message": "No."},
    ],
)
def test_a_refusal_that_is_not_understood_is_none(given: object) -> None:
    """The run still ended as it did, and its summary says why."""
    assert refused_in(a_run(results={"refused": given})) is None


def test_each_errand_is_called_by_what_it_does() -> None:
    """A person sees several of one bead one after the other."""
    verbs = ("work", "review", "gates", "publish", "land", "close")
    assert [named(a_run(verb=verb, title="T")) for verb in verbs] == [
        "demo-1 T",
        "Review of demo-1 T",
        "Gates of demo-1 T",
        "Publishing demo-1 T",
        "Landing demo-1 T",
        "Closing demo-1 T",
    ]


def test_a_progress_shows_the_gate_that_runs_and_its_last_line() -> None:
    """From its start on, before it says anything."""
    gate = "test: make test"
    events = [an_event(1, "note", text="Two gates."), an_event(2, "gate", gate=gate, state="started")]
    assert last_line(events) == gate
    events.append(an_event(3, "gate", gate=gate, text="collecting\n12 passed\n"))
    running = a_running(verb="gates", phase="gates")
    assert doing(running, last_line(events)) == "gates: test: make test: 12 passed"
    events.append(an_event(4, "gate", gate=gate, state="passed", text="test: make test passed (3 s)."))
    assert last_line(events) == "test: make test passed (3 s)."


async def test_a_working_tree_is_brought_along_by_itself_after_failing_gates_were_overruled() -> None:
    """Neither is part of the other, and all else stays as it was asked for."""
    held = Rehearsal(answer=refused(IN_USE))
    request = LandRequest("demo-1", "squash", push=True)
    ways = ways_to_land(held.application(), PROJECT, request)
    (way,) = ways(refused(FAILING, IN_USE))
    assert way.title == "Land anyway"
    answer = await way.step()
    assert isinstance(answer, Refused)
    (onward,) = way.ways(answer)
    assert onward.title == "Bring my working tree along"
    await onward.step()
    forced = attrs.evolve(request, force=True)
    assert held.said == [("land", forced), ("land", attrs.evolve(forced, update_tree=True))]


async def test_a_conflict_is_for_an_agent_and_nothing_else() -> None:
    """Nobody can overrule it; and what cannot be overruled has no way on."""
    held = Rehearsal()
    ways = ways_to_land(held.application(), PROJECT, LandRequest("demo-1"))
    (way,) = ways(Refused(RefusalCode.CONFLICT, "Both change lines."))
    assert way.title == "Resolve with agent"
    await way.step()
    assert held.said == [("resolve", WorkRequest("demo-1"))]
    assert ways(Refused(RefusalCode.TREE_DIRTY, "It has changes.")) == ()


def test_an_argument_that_is_one_of_few_words_is_checked() -> None:
    """The words are those of the room that takes them; a third answer is none."""
    assert set(SINCE) == set(Since)
    assert set(HOW) == set(attrs.fields(Settings).land_how.metadata["choices"])
    words = r"`how` of `beadwork\.land` is 'rebase', but must be one of `fast-forward`, `merge`, `squash`\."
    with pytest.raises(InvalidArguments, match=words):
        read("beadwork.land", LandBranch, [{"id": "demo-1", "how": "rebase"}])
    drafts = [
        read("beadwork.publish", PublishBranch, [{"id": "demo-1", "draft": d}]) for d in (True, False, None)
    ]
    assert [each.draft for each in drafts] == [True, False, None]
    with pytest.raises(InvalidArguments, match="must be true or false, but is a number"):
        read("beadwork.publish", PublishBranch, [{"id": "demo-1", "draft": 1}])


def test_what_changed_is_a_message_of_some_lines() -> None:
    """However many files there are."""
    file = ChangedFileView("a.txt", "added", "a.txt", 1, 0)
    view = ChangesView("/p", "demo-1", "bead/demo-1", "base", "a" * 40, "main", "b" * 40, (file,))
    assert text_of(view) == "bead/demo-1 changes 1 file since main:\na.txt (added)"
    assert text_of(attrs.evolve(view, files=())) == "bead/demo-1 changes nothing since main."
    assert text_of(attrs.evolve(view, files=(file,) * 30)).splitlines()[-1] == "and 10 more"
