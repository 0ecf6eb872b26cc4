"""The place that a bead is about, as it stands in the bead's description."""

import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from beadwork.workflows.editing.errors import UnfitText
from beadwork.workflows.editing.places import LONGEST_TEXT, MOST_LINES, Place, described

PROJECT = Path("/projects/größe")


def of_text(text: str) -> str:
    """Give the description of a bead about a text in `a.py`."""
    return described("", Place(PROJECT / "a.py", 3, text), [PROJECT])


def test_a_bead_about_no_place_has_its_description_alone() -> None:
    """As it was typed."""
    assert described(" what\n", None, [PROJECT]) == " what\n"


def test_a_file_as_a_whole_has_no_line() -> None:
    """Nor is anything quoted."""
    place = Place(PROJECT / "docs" / ".." / "src" / "a b.py")
    assert described("What.\n", place, [PROJECT]) == "What.\n\nIn `src/a b.py`."


def test_a_text_that_is_in_no_file_is_quoted_alone() -> None:
    """As of a document that was never saved."""
    assert described("What.", Place(None, 3, "x"), [PROJECT]) == "What.\n\n```\nx\n```"


def test_the_file_is_named_as_seen_from_where_it_is(tmp_path: Path) -> None:
    """In a worktree that the beads of a project serve, from the worktree; links are followed."""
    worktree, link = tmp_path / "tree", tmp_path / "link"
    worktree.mkdir()
    link.symlink_to(worktree)
    for file in (worktree / "a.py", link / "a.py"):
        assert described("", Place(file), [PROJECT, worktree]) == "In `a.py`."
    with pytest.raises(UnfitText) as caught:
        described("", Place(tmp_path / "a.py"), [PROJECT, worktree])
    assert str(tmp_path / "a.py") in str(caught.value)


def test_a_name_that_no_file_has_is_no_mistake_of_ours(tmp_path: Path) -> None:
    """It is named as it can be where it would be in the project, and refused in a sentence elsewhere."""
    (tmp_path / "round").symlink_to("round")
    for name in ("a\0b", "a\ud800b", "x" * 300, "round"):
        told = described("", Place(tmp_path / name), [tmp_path])
        told.encode("utf-8")
        assert "\0" not in told
        with pytest.raises(UnfitText) as caught:
            described("", Place(tmp_path / name), [PROJECT])
        str(caught.value).encode("utf-8")


def test_what_is_long_is_cut_and_that_is_said() -> None:
    """In lines as in characters."""
    for text in ("x\n" * (MOST_LINES + 1) + "y", "x" * (LONGEST_TEXT + 1)):
        told = of_text(text)
        assert told.endswith("(There is more of it.)")
        assert len(told) < LONGEST_TEXT + 200
    assert "more of it" not in of_text("x\n" * MOST_LINES)


@given(st.text(max_size=60))
@example("```\n````\nx")
@example("\ud800\0\r\n")
@example("~~~")
def test_nothing_in_a_text_ends_its_block(text: str) -> None:
    """The fence is longer than any in it, and what stands between is the text, in lines."""
    told = of_text(text)
    told.encode("utf-8")
    assert "\0" not in told
    if told == "In `a.py:3`.":
        assert not text.strip()
        return
    head, fence, *lines, end = told.split("\n")[0:1] + told.split("\n")[2:]
    assert head == "In `a.py:3`:"
    assert re.fullmatch("`{3,}", fence)
    assert end == fence
    assert not any(line.strip().startswith(fence) for line in lines)
    kept = text.replace("\r\n", "\n").replace("\r", "\n").split()
    assert len(" ".join(lines).split()) == len(kept)


@given(st.text(alphabet="a`/. \n\t\u202eß", min_size=1, max_size=12))
def test_whatever_a_file_is_called_its_name_is_one_line(name: str) -> None:
    """Backticks in it do not end the code that it is shown as."""
    file = PROJECT / f"x{name}".replace("/..", "").replace("/.", "/")
    told = described("", Place(file, 1), [PROJECT])
    assert len(told.split("\n")) == 1
    mark = re.match("In (`+)", told)
    assert mark is not None
    assert told.count(mark[1]) >= 2
    assert told.endswith(f"{mark[1]}.")
