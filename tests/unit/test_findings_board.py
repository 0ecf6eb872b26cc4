"""The findings of a project on the texts of its files, and the same for other tools."""

from typing import Any

import attrs
import pytest

from beadwork.findings import (
    Edit,
    Finding,
    FindingState,
    KeptFinding,
    Pinboard,
    Place,
    anchor_in,
    lines_of,
    sarif,
)

SOURCE = "def add(a, b):\n    total = a - b\n    return total\n"


def kept(name: str, line: int | None = 2, path: str = "app.py", text: str = SOURCE) -> KeptFinding:
    """A finding on a line of a text."""
    place = Place(path, line, line)
    anchor = anchor_in(lines_of(text), path, line, line) if line else None
    return KeptFinding(name, "/p", "demo-1", "run-1", Finding(f"Title of {name}", place=place), anchor)


def lines(board: Pinboard, path: str = "app.py") -> list[tuple[str, int, bool]]:
    """What is shown of a file: id, line, stale."""
    return [(each.kept.id, each.first, each.stale) for each in board.shown(path)]


@pytest.fixture
def board() -> Pinboard:
    """Two findings of one file, one of it as a whole."""
    board = Pinboard()
    board.replace([kept("f-1", 2), kept("f-2", 3), kept("f-3", None)])
    return board


def test_nothing_is_shown_before_the_text_is_known(board: Pinboard) -> None:
    """And then every finding on its line."""
    assert board.paths == {"app.py"}
    assert lines(board) == []
    assert board.read("app.py", SOURCE)
    assert lines(board) == [("f-3", 0, False), ("f-1", 1, False), ("f-2", 2, False)]


def test_edits_move_them_and_saving_finds_them_again(board: Pinboard) -> None:
    """What is typed in the line makes one stale; the other goes on."""
    board.read("app.py", SOURCE)
    assert board.edit("app.py", [Edit((0, 0), (0, 0), "import os\n")])
    assert board.edit("app.py", [Edit((2, 14), (2, 15), "+")])
    assert lines(board) == [("f-3", 0, False), ("f-1", 2, True), ("f-2", 3, False)]
    assert board.read("app.py", "# top\n\n" + SOURCE)
    assert lines(board) == [("f-3", 0, False), ("f-1", 3, False), ("f-2", 4, False)]


def test_an_edit_that_moves_nothing_is_no_change(board: Pinboard) -> None:
    """Nothing has to be sent again."""
    board.read("app.py", SOURCE)
    assert not board.edit("app.py", [Edit((3, 0), (3, 0), "# end\n")])


def test_a_finding_of_another_branch_is_not_shown_in_this_text(board: Pinboard) -> None:
    """It is homeless here: its own checkout shows it."""
    board.read("app.py", "something else\n")
    assert lines(board) == [("f-3", 0, False)]
    assert [each.id for each in board.homeless("app.py")] == ["f-1", "f-2"]
    board.read("app.py", None)
    assert len(board.homeless("app.py")) == 3
    board.read("app.py", SOURCE)
    assert board.homeless("app.py") == ()


def test_a_new_review_changes_only_the_files_it_is_about(board: Pinboard) -> None:
    """A finding that stays keeps its line, also where it was moved by edits."""
    board.read("app.py", SOURCE)
    board.edit("app.py", [Edit((0, 0), (0, 0), "\n")])
    assert board.replace([kept("f-1", 2), kept("f-2", 3), kept("f-3", None)]) == frozenset()
    assert board.replace([kept("f-1", 2), kept("f-9", 1, "b.py")]) == {"app.py", "b.py"}
    assert lines(board) == [("f-1", 2, False)]
    assert board.replace([]) == {"app.py", "b.py"}
    assert board.paths == frozenset()


def test_ten_thousand_findings_are_quick_to_follow() -> None:
    """Not timed here: only that a keystroke looks at the findings of its own file."""
    board = Pinboard()
    text = "".join(f"value_{number} = {number}\n" for number in range(200))
    board.replace(
        kept(f"f-{file}-{number}", number + 1, f"{file}.py", text)
        for file in range(20)
        for number in range(100)
    )
    for file in range(20):
        board.read(f"{file}.py", text)
    assert board.edit("7.py", [Edit((0, 0), (0, 0), "\n")])
    assert [each.first for each in board.shown("7.py")] == list(range(1, 101))
    assert [each.first for each in board.shown("8.py")] == list(range(100))


def test_sarif_has_the_place_the_level_and_what_was_dismissed() -> None:
    """As the standard names them; a path is escaped."""
    one = kept("f-1", 2, "src/größe ä.py")
    finding = attrs.evolve(one.finding, priority=0, category="correctness", also=(Place("b.py", 4, 6),))
    other = attrs.evolve(kept("f-2"), state=FindingState.DISMISSED, reason="It is a script.")
    log: Any = sarif([attrs.evolve(one, finding=finding), other], "1.2.3")
    assert log["version"] == "2.1.0"
    first, second = log["runs"][0]["results"]
    assert (first["level"], first["ruleId"]) == ("error", "correctness")
    physical = first["locations"][0]["physicalLocation"]
    assert physical["artifactLocation"]["uri"] == "src/gr%C3%B6%C3%9Fe%20%C3%A4.py"
    assert physical["region"] == {"startLine": 2, "endLine": 2}
    assert first["relatedLocations"][0]["physicalLocation"]["region"] == {"startLine": 4, "endLine": 6}
    assert second["suppressions"] == [{"kind": "external", "justification": "It is a script."}]
