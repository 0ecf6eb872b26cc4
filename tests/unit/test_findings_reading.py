"""Reading a review out of an agent's answer: what a reader would expect of each, and nothing invented."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beadwork.findings import Finding, FindingType, Place, Review, Tree, Unreadable, read_review

if TYPE_CHECKING:
    from collections.abc import Callable

TREE = Tree(
    lines={
        "src/app.py": 40,
        "src/store.py": 12,
        "docs/a b.md": 3,
        "lib/deep/only.c": 9,
        "empty.txt": 0,
        "a/x": 2,
    },
    roots=(Path("/srv/checkout"), Path("/home/ada/project")),
    renamed={"src/old.py": "src/app.py"},
    deleted=frozenset({"src/gone.py"}),
)


def one(**changes: Any) -> dict[str, Any]:
    """Give a finding as a good reviewer writes it, with `changes`; None takes a field away."""
    usual: dict[str, Any] = {
        "title": "The total is wrong",
        "description": "It subtracts.",
        "priority": 1,
        "type": "bug",
        "file": "src/app.py",
        "line": 7,
    }
    return {key: value for key, value in {**usual, **changes}.items() if value is not None}


def review(*findings: Any, **changes: Any) -> dict[str, Any]:
    """Give a review with these findings."""
    return {"findings": list(findings), "summary": "Fine work.", "pr_ready": True, **changes}


def said(value: object) -> str:
    """Give `value` as JSON."""
    return json.dumps(value, ensure_ascii=False)


def fenced(text: str, word: str = "json", mark: str = "```") -> str:
    """Give `text` in a fence."""
    return f"{mark}{word}\n{text}\n{mark}\n"


def titles(answer: str, structured: object = None) -> list[str]:
    """Give the titles of the findings in an answer, or what stands for unreadable."""
    read = read_review(structured, answer, TREE)
    return [finding.title for finding in read.findings] if isinstance(read, Review) else ["UNREADABLE"]


GOOD = said(review(one()))
FOUND = ["The total is wrong"]
NONE: list[str] = []
UNREADABLE = ["UNREADABLE"]

ANSWERS = {
    "the JSON alone": (GOOD, FOUND),
    "spread over lines": (json.dumps(review(one()), indent=4), FOUND),
    "in a fence": (fenced(GOOD), FOUND),
    "in a fence without a word": (fenced(GOOD, ""), FOUND),
    "in a fence of tildes": (fenced(GOOD, mark="~~~"), FOUND),
    "in a fence of four": (fenced(GOOD, mark="````"), FOUND),
    "in a quoted fence": (f"> ```json\n{GOOD}\n> ```\n", FOUND),
    "fenced twice, the last counts": (
        fenced(said(review(one(title="Draft")))) + "Better:\n" + fenced(GOOD),
        FOUND,
    ),
    "in a fence that is never closed": (f"```json\n{GOOD}\n", FOUND),
    "with prose before and after": (f"I read it all.\n\n{GOOD}\n\nThat is it.", FOUND),
    "with braces in the prose before": (f"The set {{a, b}} and `f() {{ return }}` are fine. {GOOD}", FOUND),
    "with braces in the prose after": (f"{GOOD}\nNote the literal {{}} and [x].", FOUND),
    "with an empty object after": (f"{GOOD}\nResult: {{}}", FOUND),
    "with other JSON after": (f"{GOOD}\nUsage: {said({'tokens': [1, 2]})}", FOUND),
    "a fenced example before it": (fenced(said({"example": 1})) + GOOD, FOUND),
    "code with braces in a fence": (fenced("int main() { return 0; }", "c") + GOOD, FOUND),
    "cut off in a finding": (GOOD[: GOOD.index("subtracts")], UNREADABLE),
    "cut off before the last brace": (GOOD[:-1], UNREADABLE),
    "cut off in a fence after a whole one": (fenced(GOOD) + "```json\n" + GOOD[:30], FOUND),
    "a list of findings in a fence": (fenced(said([one()])), FOUND),
    "a list that is not of findings": (fenced(said([1, 2])), UNREADABLE),
    "an empty list": ("[]", UNREADABLE),
    "an empty object": ("{}", UNREADABLE),
    "nothing": ("", UNREADABLE),
    "prose alone": ("I found no issues, everything looks good.", UNREADABLE),
    "no findings, said so": (said(review()), NONE),
    "findings that is no list": (said(review() | {"findings": "none"}), UNREADABLE),
    "findings of a wrong type": (said(review("one", 2, None)), UNREADABLE),
    "one of them of a wrong type": (said(review(one(), "two")), FOUND),
    "one without a word": (said(review(one(), {"priority": 1})), FOUND),
    "without a title": (said(review(one(title=None))), ["It subtracts."]),
    "a title of several lines": (said(review(one(title="The total\n  is wrong"))), FOUND),
    "the same twice": (said(review(one(), one())), FOUND),
    "the same in other case": (said(review(one(), one(title="the TOTAL is wrong."))), FOUND),
    "two on one line": (said(review(one(), one(title="Another"))), ["The total is wrong", "Another"]),
    "not JSON, Python": ("{'findings': [], 'summary': ''}", UNREADABLE),
    "JSON with a comment": ('{"findings": [] /* none */, "summary": ""}', UNREADABLE),
    "half a surrogate pair": (GOOD.replace("wrong", "\\ud800wrong"), ["The total is \ufffdwrong"]),
    "deeply nested nonsense before": ("[" * 5000 + GOOD, FOUND),
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_the_findings_of_an_answer(answer: str) -> None:
    """What a person would read out of it."""
    text, expected = ANSWERS[answer]
    assert titles(text) == expected


PLACES: dict[str, tuple[dict[str, Any], Place | None, str]] = {
    "as it should be": ({}, Place("src/app.py", 7, 7), ""),
    "a range": ({"end_line": 9}, Place("src/app.py", 7, 9), ""),
    "a range the wrong way round": ({"end_line": 2}, Place("src/app.py", 7, 7), ""),
    "a range past the end": ({"end_line": 99}, Place("src/app.py", 7, 40), ""),
    "line 0": ({"line": 0}, Place("src/app.py", 1, 1), "line 0 is not there"),
    "a negative line": ({"line": -3}, Place("src/app.py", 1, 1), "line -3 is not there"),
    "a line past the end": ({"line": 41}, Place("src/app.py", 40, 40), "line 41 is not there (of 40)"),
    "a line as text": ({"line": "7"}, Place("src/app.py", 7, 7), ""),
    "a range as text": ({"line": "L7-L9"}, Place("src/app.py", 7, 9), ""),
    "a range as a list": ({"line": [7, 9]}, Place("src/app.py", 7, 9), ""),
    "a line as a float": ({"line": 7.0}, Place("src/app.py", 7, 7), ""),
    "a line in words": ({"line": "seven"}, Place("src/app.py"), "as a whole"),
    "a line that is true": ({"line": True}, Place("src/app.py"), "as a whole"),
    "no line": ({"line": None}, Place("src/app.py"), ""),
    "the line in the path": ({"file": "src/app.py:7", "line": None}, Place("src/app.py", 7, 7), ""),
    "an empty file": ({"file": "empty.txt", "line": 1}, Place("empty.txt", 1, 1), ""),
    "an absolute path in the checkout": (
        {"file": "/srv/checkout/src/app.py"},
        Place("src/app.py", 7, 7),
        "",
    ),
    "an absolute path of the user": ({"file": "/home/ada/project/src/app.py"}, Place("src/app.py", 7, 7), ""),
    "an absolute path elsewhere": ({"file": "/etc/passwd"}, None, "outside of the repository"),
    "a path that leads out": ({"file": "../../etc/passwd"}, None, "outside of the repository"),
    "a path that leads out and in": ({"file": "src/../src/app.py"}, Place("src/app.py", 7, 7), ""),
    "a Windows path": ({"file": "src\\app.py"}, Place("src/app.py", 7, 7), ""),
    "a Windows path with a drive": ({"file": "C:\\src\\app.py"}, None, "outside of the repository"),
    "a path of a diff": ({"file": "b/src/app.py"}, Place("src/app.py", 7, 7), ""),
    "a folder that is called a": ({"file": "a/x", "line": 2}, Place("a/x", 2, 2), ""),
    "a path in backticks": ({"file": "`src/app.py`"}, Place("src/app.py", 7, 7), ""),
    "a path with a blank": ({"file": "docs/a b.md", "line": 3}, Place("docs/a b.md", 3, 3), ""),
    "a path from a folder": ({"file": "deep/only.c"}, Place("lib/deep/only.c", 7, 7), "is taken as"),
    "a file that is not there": ({"file": "src/nowhere.py"}, None, "no file"),
    "a deleted file": ({"file": "src/gone.py"}, Place("src/gone.py"), "deleted"),
    "a renamed file": ({"file": "src/old.py"}, Place("src/app.py", 7, 7), "is now src/app.py"),
    "no file": ({"file": None}, None, ""),
    "a file of a wrong type": ({"file": ["src/app.py"]}, None, "is named by"),
    "the repository itself": ({"file": "."}, None, "outside of the repository"),
}


@pytest.mark.parametrize("case", PLACES)
def test_the_place_of_a_finding(case: str) -> None:
    """Inside the repository, on lines that are there; what is not as it was named is noted."""
    changes, place, note = PLACES[case]
    read = read_review(review(one(**changes)), "", TREE)
    assert isinstance(read, Review)
    (finding,) = read.findings
    assert finding.place == place
    assert note in " ".join(read.notes)
    assert bool(note) == bool(read.notes)


@pytest.mark.parametrize(
    ("field", "value", "expected", "noted"),
    [
        ("priority", 0, 0, False),
        ("priority", 4, 4, False),
        ("priority", 5, 2, True),
        ("priority", -1, 2, True),
        ("priority", "P1", 1, False),
        ("priority", "critical", 0, False),
        ("priority", " High ", 1, False),
        ("priority", "nit", 4, False),
        ("priority", 3.0, 3, False),
        ("priority", True, 2, True),
        ("priority", "whatever", 2, True),
        ("type", "feature", FindingType.FEATURE, False),
        ("type", "Enhancement", FindingType.FEATURE, False),
        ("type", "chore", FindingType.TASK, False),
        ("type", "mystery", FindingType.BUG, True),
        ("type", 7, FindingType.BUG, True),
    ],
)
def test_what_is_not_in_the_schema_is_mapped_with_a_note(
    field: str, value: object, expected: object, *, noted: bool
) -> None:
    """What is meant is taken; what is not known is the middle, and said to be."""
    read = read_review(review(one(**{field: value})), "", TREE)
    assert isinstance(read, Review)
    assert getattr(read.findings[0], field) == expected
    assert bool(read.notes) == noted


def test_the_typed_form_comes_before_what_is_in_the_text() -> None:
    """It was asked for, and nothing has to be searched."""
    assert titles(GOOD, review(one(title="Typed"))) == ["Typed"]


def test_a_typed_form_that_does_not_fit_gives_way_to_the_text() -> None:
    """An agent can fill in a form wrongly and still say what it means."""
    assert titles(GOOD, {"findings": "see below"}) == FOUND


def test_an_unsaid_verdict_is_not_ready() -> None:
    """Nothing that was not said lets work through."""
    read = read_review(review() | {"pr_ready": "yes"}, "", TREE)
    assert isinstance(read, Review)
    assert not read.pr_ready
    assert "counts as not ready" in read.notes[0]


def test_two_thousand_findings_are_all_kept() -> None:
    """There is no limit that would hide some."""
    many = review(*(one(title=f"Finding {number}", line=number % 40 + 1) for number in range(2000)))
    assert len(titles("Here it is:\n" + fenced(json.dumps(many, indent=2)))) == 2000


def test_further_places_are_kept() -> None:
    """Those that are in the repository."""
    also = [{"file": "src/store.py", "line": 3}, {"file": "../x"}, "src/app.py"]
    read = read_review(review(one(also=also)), "", TREE)
    assert isinstance(read, Review)
    assert read.findings[0].also == (Place("src/store.py", 3, 3),)


def test_the_key_of_a_finding_is_that_of_its_file_and_words() -> None:
    """A second review that says the same of another line means the same finding."""
    first = Finding("The total is wrong.", place=Place("src/app.py", 7, 7))
    assert first.key == attrs.evolve(first, title="the total: is wrong", place=Place("src/app.py", 9, 9)).key
    assert first.key != attrs.evolve(first, place=Place("src/store.py", 7, 7)).key


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["findings", "title", "description", "file", "line", "end_line", "priority", "also", "x"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(JSON, st.text(max_size=60), st.text(max_size=60))
def test_no_answer_crashes_the_reader_or_makes_it_invent(value: Any, before: str, after: str) -> None:
    """Every finding that comes out was an object with words of its own that went in."""
    asked: list[Callable[[], Review | Unreadable]] = [
        lambda: read_review(value, before, TREE),
        lambda: read_review(None, before + json.dumps(value) + after, TREE),
    ]
    for ask in asked:
        read = ask()
        if isinstance(read, Unreadable):
            continue
        for finding in read.findings:
            assert finding.title
            assert finding.place is None or finding.place.path in {*TREE.lines, *TREE.deleted}
            assert finding.place is None or finding.place.line is None or finding.place.line >= 1


@given(st.text(alphabet='{}[]",:`\\ntruefals0123"findings', max_size=200))
def test_no_text_crashes_the_reader(text: str) -> None:
    """Braces and quotes in any order are read to the end."""
    read_review(None, text, TREE)
