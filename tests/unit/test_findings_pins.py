"""Pins follow edits: a pin is on its text or stale, and never on something else."""

import re
from collections.abc import Sequence

from hypothesis import assume, given
from hypothesis import strategies as st

from beadwork.findings.pins import Anchor, Pin, anchor_in, follow, place
from beadwork.findings.text import Edit, Text, lines_of

SOURCE = "def add(a, b):\n    total = a - b\n    return total\n\n\nprint(add(1, 2))\n"

PIECES = st.sampled_from(
    ["", "\n", "\r", "\r\n", " ", "\t", "a", "b", "return", "}", "ä", "𝄞", "    total = a - b\n", "x\ny\n"]
)
TEXTS = st.lists(PIECES, max_size=14).map("".join)
POSITIONS = st.tuples(st.integers(0, 9), st.integers(0, 9))
EDITS = st.builds(
    lambda one, other, text: Edit(min(one, other), max(one, other), text), POSITIONS, POSITIONS, TEXTS
)


def offset_of(text: str, position: tuple[int, int]) -> int:
    """Give the index into `text` of a position, found the slow and obvious way."""
    starts = [0, *(found.end() for found in re.finditer(r"\r\n|\n|\r", text))]
    line, character = position
    if line >= len(starts):
        return len(text)
    end = starts[line]
    while end < len(text) and text[end] not in "\r\n":
        end += 1
    at, units = starts[line], 0
    while at < end and units < character:
        units += len(text[at].encode("utf-16-le")) // 2
        at += 1
    return at


def position_of(text: str, offset: int) -> tuple[int, int]:
    """Give the position of an index into `text`, found the slow and obvious way."""
    starts = [0, *(found.end() for found in re.finditer(r"\r\n|\n|\r", text))]
    line = max(number for number, start in enumerate(starts) if start <= offset)
    return line, len(text[starts[line] : offset].encode("utf-16-le")) // 2


def edited(text: str, edit: Edit) -> str:
    """Give `text` after an edit, by cutting one string."""
    return text[: offset_of(text, edit.start)] + edit.text + text[offset_of(text, edit.end) :]


def pinned(lines: Sequence[str], line: int, end: int | None = None) -> tuple[Anchor, Pin]:
    """Pin a line (1-based) of a text."""
    anchor = anchor_in(lines, "a.py", line, end or line)
    assert anchor is not None
    return anchor, place("key", anchor, lines)


@given(TEXTS, st.lists(EDITS, max_size=6))
def test_lines_are_those_of_the_text_after_any_edits(before: str, edits: list[Edit]) -> None:
    """What is kept in place line by line is what the protocol says, also where line ends meet."""
    text, whole = Text(before), before
    for edit in edits:
        text.apply(edit)
        whole = edited(whole, edit)
        assert text.whole == whole
        assert text.lines == lines_of(whole)


@given(TEXTS, st.integers(1, 8), st.integers(0, 2), st.lists(EDITS, max_size=8))
def test_a_pin_is_on_its_text_or_stale_whatever_is_typed(
    before: str, line: int, more: int, edits: list[Edit]
) -> None:
    """The text under a pin that is not stale is the one it was made for, white space aside."""
    text = Text(before)
    anchor = anchor_in(text.lines, "a.py", line, line + more)
    if anchor is None:
        return
    meant = "".join("".join(text.lines[line - 1 : line + more]).split())
    pins: tuple[Pin, ...] = (place("key", anchor, text.lines),)
    for edit in edits:
        pins = follow(pins, text.lines, text.apply(edit))
        again = place("key", anchor, text.lines, near=pins[0].at)
        for pin in (pins[0], again):
            under = "".join("".join(text.lines[pin.at : pin.last + 1]).split())
            assert pin.stale or under == meant


@given(TEXTS, st.integers(1, 8), EDITS)
def test_an_edit_that_is_taken_back_brings_the_pin_back(before: str, line: int, edit: Edit) -> None:
    """What one edit made stale is on its text again when the text is as it was."""
    text = Text(before)
    anchor = anchor_in(text.lines, "a.py", line, line)
    if anchor is None:
        return
    start, end = offset_of(before, edit.start), offset_of(before, edit.end)
    pins = follow((place("key", anchor, text.lines),), text.lines, text.apply(edit))
    back = Edit(
        position_of(text.whole, start), position_of(text.whole, start + len(edit.text)), before[start:end]
    )
    assume(edited(text.whole, back) == before)  # no position lies between the halves of a line's end
    pins = follow(pins, text.lines, text.apply(back))
    assert text.whole == before
    assert not pins[0].stale
    meant = lines_of(before)[line - 1].split()
    assert lines_of(before)[pins[0].at].split() == meant


def test_a_line_inserted_above_moves_the_pin_down() -> None:
    """The finding stays on its line."""
    text = Text(SOURCE)
    _, pin = pinned(text.lines, 2)
    (moved,) = follow([pin], text.lines, text.apply(Edit((0, 0), (0, 0), "import os\n")))
    assert (moved.at, moved.stale) == (2, False)


def test_typing_in_the_line_makes_it_stale_and_undo_brings_it_back() -> None:
    """Never guessed: while the text is another one, the pin says that it does not know."""
    text = Text(SOURCE)
    _, pin = pinned(text.lines, 2)
    (typed,) = follow([pin], text.lines, text.apply(Edit((1, 14), (1, 15), "+")))
    assert typed.stale
    (back,) = follow([typed], text.lines, text.apply(Edit((1, 14), (1, 15), "-")))
    assert (back.at, back.stale) == (1, False)


def test_indenting_is_no_change_of_the_text() -> None:
    """White space is left out of the comparison, so a formatter does not lose findings."""
    text = Text(SOURCE)
    _, pin = pinned(text.lines, 2)
    (indented,) = follow([pin], text.lines, text.apply(Edit((1, 0), (1, 4), "\t\t")))
    assert (indented.at, indented.stale) == (1, False)


def test_deleted_lines_make_it_stale_and_undo_brings_it_back() -> None:
    """Also when lines above came and went in between."""
    text = Text(SOURCE)
    _, pin = pinned(text.lines, 2, 3)
    (gone,) = follow([pin], text.lines, text.apply(Edit((0, 14), (2, 16), "")))
    assert gone.stale
    (shifted,) = follow([gone], text.lines, text.apply(Edit((0, 0), (0, 0), "# one\n# two\n")))
    (back,) = follow(
        [shifted], text.lines, text.apply(Edit((2, 14), (2, 14), "\n    total = a - b\n    return total"))
    )
    assert (back.at, back.stale) == (3, False)


def test_a_file_changed_unseen_is_searched_for_the_one_place() -> None:
    """A pull moved the function down: the pin goes with it."""
    anchor, _ = pinned(lines_of(SOURCE), 2)
    moved = place("key", anchor, lines_of("# new\n" * 40 + SOURCE))
    assert (moved.at, moved.stale) == (41, False)


def test_of_equal_lines_the_one_with_its_surroundings_is_taken() -> None:
    """Its own neighbours tell it from a copy."""
    copy = "def sub(a, b):\n    total = a - b\n    print(total)\n"
    anchor, _ = pinned(lines_of(SOURCE), 2)
    found = place("key", anchor, lines_of(copy + SOURCE))
    assert (found.at, found.stale) == (4, False)


def test_of_two_places_that_fit_alike_none_is_taken() -> None:
    """It would be a guess."""
    anchor, _ = pinned(["x = 1\n"], 1)
    assert place("key", anchor, lines_of("a\nb\nc\nd\nx = 1\ne\nf\ng\nh\nx = 1\ni\nj\nk\n")).stale


def test_lines_without_any_text_cannot_be_pinned() -> None:
    """There is nothing to know them by."""
    assert anchor_in(lines_of("\n\n\n"), "a.py", 1, 2) is None
    assert anchor_in(lines_of("a\n"), "a.py", 2, 2) is None
