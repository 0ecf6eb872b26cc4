"""A run as one page: whole, readable without the tool, and harmless whatever is in its log."""

import html
import subprocess
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from pathlib import Path

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beadwork.executions import Event, EventKind, Execution, Order, Reason, State, Verb
from beadwork.workflows.exporting import page_of
from code_server import CHROMIUM

HOSTILE = (
    '</script><script>alert(1)</script><img src=x onerror="alert(2)">\x1b[31mred\x1b[0m\x00\u202e\udc80&lt;'
)
any_text = st.text(st.characters(exclude_categories=()))
KNOWN_TAGS = {"html", "head", "meta", "title", "style", "body", "header", "h1", "h2", "p", "span", "dl", "dt"}
KNOWN_TAGS |= {"dd", "code", "time", "ol", "li", "div", "details", "summary", "strong"}


class Page(HTMLParser):
    """What a browser would make of a page: its tags, its attributes, and the text that is seen."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[str] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        """Take note of a tag."""
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Check that tags are closed in order."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Take note of text."""
        self.text += data


def run(**more: str) -> Execution:
    """Give a run that has ended."""
    order = Order("/home/ada/shop", more.pop("bead", "demo-1"), more.pop("title", "Sell things"))
    return Execution(
        "1a2b3c4d-0000",
        order,
        State.FAILED,
        queued_at=1_700_000_000.0,
        started_at=1_700_000_010.0,
        ended_at=1_700_003_610.0,
        reason=Reason.NO_COMMIT,
        summary=more.pop("summary", "Nothing was committed."),
        agent_label="Scripted agent",
        branch="bead/demo-1",
        cost_usd=1.25,
        input_tokens=1200,
        output_tokens=300,
        attempt=2,
        retry_of="99999999-0000",
    )


def event(kind: str, **data: object) -> Event:
    """Give an event of a log."""
    return Event(1, 1_700_000_020.0, kind, data)


def page(*events: Event, of: Execution | None = None) -> str:
    """Give the whole page."""
    return "".join(page_of(of or run(), events))


STORY = (
    event(EventKind.RUN, run="1a2b3c4d-0000", order={"bead": "demo-1"}, attempt=2),
    event(EventKind.STATE, state="running", phase="agent"),
    event(EventKind.TEXT, text="I look at the shop first."),
    event(EventKind.THINKING, text="What could be wrong?\nPerhaps the till."),
    event(EventKind.TOOL, call="1", tool="Bash", title="pytest -q", data={"command": "pytest -q"}),
    event(EventKind.TOOL_RESULT, call="1", ok=False, text="\x1b[31mFAILED\x1b[0m test_till\n" * 40),
    event(EventKind.QUESTION, text="Which colour?", ask={"id": "1", "questions": []}),
    event(EventKind.ANSWER, text="Blue", ask="1", by="person"),
    event(EventKind.MESSAGE, text="Mind the till."),
    event(EventKind.GIT, text="1 new commit on bead/demo-1.", diffstat=" till.py | 2 +-\n"),
    event(EventKind.COST, usd=1.25, inputTokens=1200, outputTokens=300),
    event(EventKind.NOTE, text="The agent was ended."),
    event(EventKind.ERROR, text="The tracker is locked.", code="tracker-locked", detail="database is locked"),
    event("of-a-newer-version", text="Something new."),
    event("and-another", fields=[1, 2]),
    event(EventKind.STATE, state="failed", reason="no-commit", summary="Nothing was committed."),
)


def test_everything_that_happened_is_on_the_page() -> None:
    """In order, with its time; what the run was, did and cost stands before it."""
    seen = Page(page(*STORY))
    for words in (
        "demo-1: Sell things",
        "1a2b3c4d-0000",
        "Nothing was committed.",
        "Scripted agent",
        "1:00:00",
        "$1.25, 1,200 tokens in, 300 out",
        "2, after run 99999999",
        "I look at the shop first.",
        "Perhaps the till.",
        "Bash: pytest -q",
        "FAILED test_till",
        "Which colour?",
        "Blue",
        "Mind the till.",
        "till.py | 2 +-",
        "The tracker is locked.",
        "database is locked",
        "Something new.",
    ):
        assert words in seen.text, words
    assert seen.tags.count("li") == len(STORY)
    assert seen.tags.count("time") == len(STORY) + 3
    assert "\x1b" not in page(*STORY)
    assert "[31m" not in page(*STORY)
    assert seen.open == []


def test_a_run_without_an_agent_says_what_was_asked_and_what_its_gates_said() -> None:
    """How a gate ended is a line, what it said a box of its own; what the run gives is named."""
    order = Order("/home/ada/shop", "demo-1", "Sell things", Verb.CLOSE)
    shown = Page(
        page(
            event(EventKind.GATE, gate="test: make test", state="started", text="test: make test …"),
            event(EventKind.GATE, gate="test: make test", text="1 failed\n"),
            event(EventKind.GATE, gate="test: make test", state="failed", text="It failed.", tail="1 failed"),
            event(EventKind.RUN, text="results: gates", run="1a2b3c4d", results={"gates": {}}),
            of=attrs.evolve(run(), order=order),
        )
    )
    for words in ("Asked for", "close", "1 failed", "It failed.", "results: gates"):
        assert words in shown.text


def test_the_page_needs_nothing_else_and_lets_nothing_run() -> None:
    """No script, link or resource; and a policy for what should get by."""
    text = page(*STORY)
    seen = Page(text)
    assert set(seen.tags) <= KNOWN_TAGS
    assert set(seen.attributes) <= {"lang", "charset", "http-equiv", "content", "name", "datetime", "class"}
    assert "default-src 'none'" in html.unescape(text)
    assert "http://" not in text
    assert "https://" not in text
    assert "url(" not in text


@pytest.mark.parametrize("kind", [*(kind.value for kind in EventKind), "unknown", HOSTILE])
def test_hostile_text_stays_text(kind: str) -> None:
    """In every field of every kind of event, and of the run itself."""
    fields = dict.fromkeys(
        ("text", "tool", "title", "detail", "diffstat", "state", "phase", "reason", "summary", "code"),
        HOSTILE,
    )
    hostile = event(kind, **fields, data={HOSTILE: [HOSTILE]}, ask={"id": HOSTILE}, ok=HOSTILE, usd=HOSTILE)
    of = run(bead=HOSTILE, title=HOSTILE, summary=HOSTILE)
    text = page(hostile, of=of)
    seen = Page(text)
    assert set(seen.tags) <= KNOWN_TAGS
    assert "onerror" not in seen.attributes
    assert seen.open == []
    assert not {"\x00", "\x1b", "\u202e", "\udc80"} & set(text)
    text.encode("utf-8")
    assert "</script><script>alert(1)</script>" in seen.text
    assert "\\u202e\\udc80&lt;" in seen.text


@given(kind=st.sampled_from([kind.value for kind in EventKind]) | any_text, text=any_text, at=st.floats())
def test_any_text_is_a_page_that_can_be_written(kind: str, text: str, at: float) -> None:
    """Whatever stands in a log, and whenever it says it was."""
    whole = page(Event(1, at, kind, {"text": text, "title": text, "data": {text: text}}), of=run(title=text))
    whole.encode("utf-8")
    assert set(Page(whole).tags) <= KNOWN_TAGS


def test_a_large_log_is_given_in_pieces() -> None:
    """Lines of 5 MB and many of them: no more than one of them is held at a time."""
    line = "x" * 5 * 1024 * 1024

    def many() -> Iterator[Event]:
        for _ in range(12):
            yield event(EventKind.TOOL_RESULT, ok=True, text=line)

    longest = total = 0
    for piece in page_of(run(), many()):
        longest, total = max(longest, len(piece)), total + len(piece)
    assert total > 12 * len(line)
    assert longest < len(line) + 10_000


def test_a_long_result_is_folded() -> None:
    """What a person reads first is the story; the rest opens without a script."""
    assert "details" not in Page(page(event(EventKind.TOOL_RESULT, ok=True, text="short"))).tags
    assert "details" in Page(page(event(EventKind.TOOL_RESULT, ok=True, text="long\n" * 100))).tags


@pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium: tests/components/vscode.sh installs it")
def test_a_browser_shows_it(tmp_path: Path) -> None:
    """A real one, from a file, with no network: the story is in the document, nothing of it ran."""
    file = tmp_path / "run.html"
    hostile = event(EventKind.TEXT, text="<script>document.title = 'ran'</script>" + HOSTILE)
    file.write_text(page(*STORY, hostile), "utf-8")
    done = subprocess.run(
        [
            str(CHROMIUM),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            f"--user-data-dir={tmp_path / 'browser'}",
            "--host-resolver-rules=MAP * ~NOTFOUND",
            "--dump-dom",
            file.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert "<title>demo-1: failed</title>" in done.stdout
    assert "I look at the shop first." in done.stdout
    assert "<script>" not in done.stdout
