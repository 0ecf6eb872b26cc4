"""The page of a bead: complete, readable without eyes, and harmless whatever people wrote."""

import re
from collections.abc import Callable, Sequence
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beadwork.beads import Bead, Comment, Edge, Index, Listing
from beadwork.executions import Ask, AskKind, Choice, Execution, Order, Question, Reason, State, Verb
from beadwork.findings import Finding, FindingState, KeptFinding, ReviewRecord
from beadwork.findings import Place as Location
from beadwork.state_folder import StateFolder
from beadwork.workflows.pages.markdown import LONGEST, markdown
from beadwork.workflows.pages.matter import Matter
from beadwork.workflows.pages.rendering import rendered
from beadwork.workflows.pages.standing import ACTIONS, OF_RUNS
from beadwork.workflows.reviews.showing import findings_view
from beadwork.workflows.showing import bead_page, groups_of_runs

PROTOCOL = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text("utf-8")
SECTION = PROTOCOL.partition("\n## Pages\n")[2].partition("\n## ")[0]
STATE = StateFolder(Path("/state"))
EMPTY = {"br", "hr"}
TAGS = EMPTY | {
    "a",
    "article",
    "blockquote",
    "code",
    "dd",
    "del",
    "div",
    "dl",
    "dt",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
}
TAGS |= {
    "h5",
    "h6",
    "header",
    "li",
    "nav",
    "ol",
    "p",
    "pre",
    "s",
    "section",
    "span",
    "strong",
    "table",
    "tbody",
}
TAGS |= {"td", "th", "thead", "time", "tr", "ul"}
ATTRIBUTES = {"class", "id", "href", "aria-label", "datetime", "scope", "start"}
FIELDS = {"title", "description", "design", "acceptance", "notes", "status", "type", "priority", "assignee"}
FIELDS |= {"labels", "comment", "dependency"}
HOSTILE = (
    '</p><script>alert(1)</script><img src=x onerror="alert(2)"> [a](javascript:alert(3)) [b](command:x)\n'
    "[c](do:land) [d](bead:demo-2) <edit:title> ![e](do:close) [f]: run:x\n\n[f]\n\n[g][h]\n\n"
    "[h]: file:/etc/x\n\x1b[31mred\x1b[0m\x00\u202e\udc80 &#x202e; &lt;b&gt; [i](&#106;avascript:alert(4))\n"
    "[j](  HTTPS://x/ '\"t')\n"
)
PIECES = (
    "[ ]( ) < > ` * # | - do:land bead:demo-2 javascript:x ![ https://x/ \" ' & &#58; demo-2 <script> "
    "onclick= \\ ]: : command:x \u202e \x00 ~~ |-| mailto:a@b"
)
pieces = st.sampled_from([*PIECES.split(" "), "\n", "\n\n", "1. ", "> ", "    ", " href="])
written = st.lists(pieces | st.text(st.characters(exclude_categories=()), max_size=8), max_size=30).map(
    "".join
)


class Page(HTMLParser):
    """What a browser would make of a page: its elements with their attributes, its links, its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.links: list[tuple[str, bool]] = []
        """Where each leads, and whether it stands in what somebody wrote."""
        self.text = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        """Take note of an element."""
        given = {name: value or "" for name, value in attrs}
        self.elements.append((tag, given))
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        """Take note of an element that is empty."""
        assert tag in EMPTY
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        """Check that elements are closed in order."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Take note of text."""
        self.text += data

    def handle_comment(self, data: str) -> None:
        """Nothing is hidden."""
        raise AssertionError(data)

    def handle_decl(self, decl: str) -> None:
        """Nothing is declared."""
        raise AssertionError(decl)

    def hrefs(self) -> list[str]:
        """Give where its links lead."""
        return [given["href"] for _, given in self.elements if "href" in given]

    def headings(self) -> list[int]:
        """Give the levels of its headings."""
        return [int(tag[1]) for tag, _ in self.elements if re.fullmatch(r"h\d", tag)]


def matter(
    *beads: Bead,
    runs: Sequence[Execution] = (),
    reviews: Sequence[ReviewRecord] = (),
    found: Sequence[KeptFinding] = (),
    read_only: str = "",
) -> Matter:
    """Give what the page of the first bead is made of."""
    newest = {"demo-1": runs[0]} if runs else {}
    index = Index(Listing(beads)).with_runs(groups_of_runs(newest))
    page = bead_page(
        beads[0],
        index,
        beads[0].comments,
        runs,
        STATE,
        newest=newest.get("demo-1"),
        read_only=bool(read_only),
    )
    view = findings_view("/p", reviews, found, {bead.id: bead for bead in beads})
    return Matter(page, view, read_only, index.has)


def bead(name: str = "demo-1", **fields: Any) -> Bead:
    """Give a bead."""
    return Bead(
        **{"id": name, "title": f"Title of {name}", "status": "open", "type": "task", "priority": 1, **fields}
    )


def run(state: State = State.COMPLETED, **fields: Any) -> Execution:
    """Give a run of demo-1."""
    order = Order("/p", "demo-1", "Greet", verb=fields.pop("verb", Verb.WORK))
    return Execution("1a2b3c4d-0000", order, state, 1_700_000_000.0, **fields)


def review(**fields: Any) -> ReviewRecord:
    """Give a review of demo-1."""
    made = ReviewRecord(
        "run-9", "/p", "demo-1", "bead/demo-1", "a" * 40, "b" * 40, "Read.", pr_ready=False, at=1.0
    )
    return attrs.evolve(made, **fields)


def finding(name: str, priority: int, **fields: Any) -> KeptFinding:
    """Give a finding of it."""
    of_finding = {key: fields.pop(key) for key in ("place", "failure_scenario", "also") if key in fields}
    said = Finding(f"Finding {name}", "It is *wrong*.", priority, **of_finding)
    return KeptFinding(name, "/p", "demo-1", "run-9", said, None, **fields)


def page_of(made: Matter) -> Page:
    """Give the page as a browser has it."""
    return Page(rendered(made).html)


def check(page: Page) -> None:
    """Check that there is nothing on a page but what docs/protocol.md names."""
    assert {tag for tag, _ in page.elements} <= TAGS
    assert {name for _, given in page.elements for name in given} <= ATTRIBUTES
    for href in page.hrefs():
        kind, _, target = href.partition(":")
        match kind:
            case "http" | "https" | "mailto":
                continue
            case "edit":
                assert target in FIELDS
            case "do":
                assert target in ACTIONS.keys() | OF_RUNS.keys()
            case _:
                assert kind in {"bead", "run", "file"}
    steps = page.headings()
    assert steps[0] == 1
    assert steps.count(1) == 1


def test_the_page_says_what_the_contract_says() -> None:
    """Elements' attributes, kinds of links, fields and actions stand in docs/protocol.md."""
    assert {f"`{name}`" for name in ATTRIBUTES} <= set(re.findall(r"`[\w-]+`", SECTION))
    assert set(re.findall(r"^\| `(\w+):", SECTION, re.MULTILINE)) == {"bead", "run", "file", "edit", "do"}
    row: Callable[[str], set[str]] = lambda kind: set(  # noqa: E731
        re.findall(r"`(\w+)`", re.search(rf"^\| `{kind}:.*$", SECTION, re.MULTILINE)[0])  # type: ignore[index]
    )
    assert row("edit") == FIELDS
    assert row("do") - {"actions"} == set(OF_RUNS)


def test_all_that_is_known_stands_on_the_page() -> None:
    """Each thing under its heading, in order, with links for what can be done."""
    child = bead("demo-3", status="closed", edges=(Edge("demo-1", "parent-child"),))
    made = matter(
        bead(
            description="# Why\n\nSee demo-2 and `demo-2`.",
            acceptance="- [ ] it greets",
            labels=("a", "b"),
            edges=(Edge("demo-2", "blocks"), Edge("gone-9", "related"), Edge("demo-4", "parent-child")),
            comments=(Comment("ada", "I *think*", "2026-01-01T10:00:00Z"),),
        ),
        bead("demo-2"),
        child,
        bead("demo-4", type="epic"),
        runs=[
            run(
                started_at=1_700_000_001.0,
                ended_at=1_700_000_200.0,
                cost_usd=1.5,
                summary="Done.",
                head="b",
                base="a",
            )
        ],
        reviews=[review(pr_ready=True)],
        found=[
            finding("f-2", 3),
            finding("f-1", 0, state=FindingState.DISMISSED, reason="No."),
            finding("f-3", 1, place=Location("a b.py", 3, 4), failure_scenario="x", also=(Location("c.py"),)),
        ],
    )
    page = page_of(made)
    check(page)
    sections = [given["id"] for tag, given in page.elements if tag == "section"]
    assert sections == [
        *("description", "design", "acceptance", "notes", "parent", "children", "dependencies", "review"),
        *("comments", "runs"),
    ]
    assert all(f"`{name}`" in SECTION for name in (*sections, "standing"))
    for words in (
        *(
            "demo-1 Title of demo-1",
            "1 (high)",
            "a, b",
            "Blocked",
            "1 of 1 closed",
            "Waits for",
            "Related to",
        ),
        *("gone-9 (not among these beads)", "Ready for a pull request", "3 findings: 2 open, 1 dismissed."),
        *(
            "Open: 1 of priority 1 (high), 1 of priority 3 (low).",
            "a b.py:3-4",
            "3 min",
            "$1.50",
            "Done.",
            "No.",
        ),
        *("It fails when", "ada, ", "None yet."),
    ):
        assert words in page.text, words
    assert page.text.index("Finding f-3") < page.text.index("Finding f-2") < page.text.index("Finding f-1")
    hrefs = page.hrefs()
    assert {"file:a%20b.py#3", "file:c.py", "run:1a2b3c4d-0000", "run:run-9", "bead:demo-4"} <= set(hrefs)
    assert {"do:work", "do:land", "do:changes"} <= set(hrefs)
    assert {f"edit:{field}" for field in FIELDS} <= set(hrefs)
    assert hrefs.count("bead:demo-2") == 2  # as a dependency, and where it is named, but not in code
    steps = page.headings()
    assert all(after - before <= 1 for before, after in pairwise(steps))
    assert all("scope" in given for tag, given in page.elements if tag == "th")


def test_where_nothing_can_be_changed_nothing_is_offered() -> None:
    """It says why, and leaves out what is empty."""
    page = page_of(matter(bead(description="Text."), read_only="The file cannot be written."))
    check(page)
    assert not [href for href in page.hrefs() if href.startswith(("edit:", "do:"))]
    assert "The file cannot be written." in page.text
    assert "None yet" not in page.text


ASKS = Ask("1", AskKind.QUESTION, (Question("Which *one*?", (Choice("Red", "as blood"), Choice("Blue"))),))
REFUSED = {
    "code": "conflict",
    "message": "It conflicts.",
    "obstacles": [
        {
            "code": "conflict",
            "message": "These change the same lines.",
            "paths": ["a.py"],
            "beads": ["demo-2"],
        },
        {"code": "gates-failed", "message": "make test failed.", "output": "E  <b>1 != 2</b>"},
    ],
}


@pytest.mark.parametrize(
    ("state", "fields", "words", "links"),
    [
        (State.NEEDS_INPUT, {"ask": ASKS}, ["It asks you", "Which one?", "Red: as blood"], ["do:answer"]),
        (
            State.FAILED,
            {
                "ended_at": 1.0,
                "summary": "It did not.",
                "reason": Reason.CONFLICT,
                "results": {"refused": REFUSED},
            },
            ["It needs you", "It did not.", "These change the same lines.", "E  <b>1 != 2</b>"],
            ["do:retry", "file:a.py", "bead:demo-2"],
        ),
        (State.BLOCKED, {"ended_at": 1.0, "blocked_by": "demo-2"}, ["Blocked by"], ["bead:demo-2"]),
        (State.PAUSED, {"ended_at": 1.0}, ["It needs you", "paused"], ["do:resume", "do:cancel"]),
        (State.RUNNING, {}, ["A run goes on"], ["do:cancel", "do:pause"]),
        (State.QUEUED, {}, ["queued"], ["do:first"]),
    ],
)
def test_what_waits_for_a_person_is_said(
    state: State, fields: dict[str, Any], words: list[str], links: list[str]
) -> None:
    """In words, with what can be done about it."""
    page = page_of(matter(bead(), bead("demo-2"), runs=[run(state, **fields)]))
    check(page)
    assert all(each in page.text for each in words)
    assert set(links) <= set(page.hrefs())


def test_what_has_ended_well_says_nothing_of_itself() -> None:
    """Nor does what was a person's own wish."""
    for state in (State.COMPLETED, State.CANCELLED):
        page = page_of(matter(bead(), runs=[run(state, ended_at=1.0)]))
        assert "standing" not in [given.get("id") for _, given in page.elements]


def test_a_closed_bead_waits_for_nobody() -> None:
    """Nor is its last run tried again; it can be opened again."""
    page = page_of(matter(bead(status="closed"), runs=[run(State.FAILED, ended_at=1.0)]))
    check(page)
    assert "standing" not in [given.get("id") for _, given in page.elements]
    assert [href for href in page.hrefs() if href.startswith("do:")] == ["do:reopen"]


@pytest.mark.parametrize(
    ("labels", "state", "fields", "first"),
    [
        (
            ("work-done",),
            State.COMPLETED,
            {"ended_at": 1.0, "base": "a", "head": "b", "session": "s"},
            "review",
        ),
        ((), State.COMPLETED, {"ended_at": 1.0, "session": "s"}, "work"),
        ((), State.RUNNING, {"session": "s"}, "tell"),
        ((), State.PAUSED, {"ended_at": 1.0}, "resume"),
    ],
)
def test_what_is_likeliest_stands_first(
    labels: tuple[str, ...], state: State, fields: dict[str, Any], first: str
) -> None:
    """The frame of the page draws it larger than the others."""
    page = page_of(matter(bead(labels=labels), runs=[run(state, **fields)]))
    assert next(href for href in page.hrefs() if href.startswith("do:")) == f"do:{first}"


def test_what_is_too_long_is_cut_with_a_sentence() -> None:
    """Also what takes long to read."""
    said = tuple(Comment("ada", f"c{at}", "") for at in range(150))
    page = page_of(matter(bead(description="[" * (LONGEST + 7), comments=said)))
    assert "7 more characters" in page.text
    assert "50 earlier comments are not shown here." in page.text
    assert "c149" in page.text
    said = tuple(Comment("ada", f"c{at} " + "word " * LONGEST, "") for at in range(20))
    page = page_of(matter(bead(comments=said)))
    assert "16 earlier comments are not shown here." in page.text
    assert "c16 word" in page.text


def test_people_s_markdown_is_shown() -> None:
    """As they meant it, with its headings under ours."""
    text = "# A\n\n**b** ~~c~~\n\n```python\nx < 1\n```\n\n3. d\n\n| e | f |\n|:--|---|\n| 1 | 2 |\n\n![g](https://x/y.png)"
    html = markdown(text, lambda _: False)
    page = Page(html)
    assert page.headings() == [3]
    assert page.hrefs() == ["https://x/y.png"]
    assert '<ol start="3">' in html
    assert "<pre><code>x &lt; 1\n</code></pre>" in html
    assert '<th scope="col">e</th>' in html
    assert markdown("[![shot](https://x/y.png)](https://z/)", lambda _: False) == (
        '<p><a href="https://z/">shot</a></p>\n'
    )


@settings(deadline=None, max_examples=150)
@given(text=written | st.just(HOSTILE))
def test_nothing_that_people_write_is_more_than_text(text: str) -> None:
    """Wherever it stands; links of ours are only where we put them, and to beads that are there."""
    page = Page(markdown(text, {"demo-2"}.__contains__))
    assert {tag for tag, _ in page.elements} <= TAGS
    assert {name for _, given in page.elements for name in given} <= {"href", "start", "scope"}
    assert all(re.match(r"https?:|mailto:|bead:demo-2$", href) for href in page.hrefs())
    assert not re.search("[\x00-\x08\u202a-\u202e\u2066-\u2069\ud800-\udfff]", page.text)


@settings(deadline=None, max_examples=25)
@given(text=written | st.just(HOSTILE))
def test_no_field_is_a_way_in(text: str) -> None:
    """The same in every field that somebody else can write."""
    first = bead(
        **dict.fromkeys(("title", "type", "assignee", "description", "design", "acceptance", "notes"), text),
        **dict.fromkeys(("created_at", "closed_at", "close_reason"), text),
        status=text or "open",
        labels=(text,),
        edges=(Edge(text, text), Edge("demo-2", text)),
        comments=(Comment(text, text, text),),
    )
    refused = {
        "code": "conflict",
        "message": text,
        "obstacles": [{**REFUSED, "output": text, "paths": [text]}],
    }
    made = matter(
        first,
        bead("demo-2", title=text, edges=(Edge("demo-1", text), Edge("demo-1", "parent-child"))),
        runs=[run(State.FAILED, ended_at=1.0, summary=text, blocked_by=text, results={"refused": refused})],
        reviews=[review(summary=text, notes=(text,), head=text)],
        found=[finding("f-1", 0, place=Location(text, 1, 2), failure_scenario=text, reason=text, bead=text)],
        read_only="",
    )
    page = page_of(made)
    check(page)
    assert len([href for href in page.hrefs() if href.startswith("do:")]) == len(
        set(page.hrefs()) & {*(f"do:{word}" for word in (*ACTIONS, *OF_RUNS))}
    )
