"""A run's events as a terminal shows them: in colours of ours alone, cut to what a person reads."""

import re
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beadwork.executions import Execution, Order, State, Verb
from beadwork.lsp.transcript import Transcript, clean, closing, gap, heading
from beadwork.workflows.views import RunView

HOSTILE = "a\x1b[2Jb\x1b]0;title\x07c\x1b]52;c;AAAA\x1b\\d\re\x08f\x9bg\x1bPdcs\x1b\\h\u202e"
OURS = re.compile(r"\x1b\[\d+m")
KINDS = (
    "text",
    "thinking",
    "tool",
    "tool_result",
    "git",
    "note",
    "error",
    "question",
    "answer",
    "message",
    "gate",
)


def shown(*events: dict[str, Any]) -> str:
    """Give the transcript of events, without our colours, and with plain line ends."""
    return OURS.sub("", Transcript().of(events)).replace("\r\n", "\n")


def run(**fields: Any) -> RunView:
    """Give a run that ended after 12 seconds."""
    about = {"started_at": 100.0, "ended_at": 112.0, "branch": "bead/demo-1", "base": "a" * 40, **fields}
    state = about.pop("state", State.COMPLETED)
    order = Order("/p", "demo-1", about.pop("title", "Greet"), verb=about.pop("verb", Verb.WORK))
    ended = Execution("r1", order, state, 90.0, log="/logs/work.jsonl", **about)
    return RunView.of(ended, "/checkouts/demo-1")


def asked(**about: Any) -> dict[str, Any]:
    """Give a question as it travels."""
    choices = [{"label": "Polite", "description": "Good day"}, {"label": "Short", "description": ""}]
    questions = [{"text": "Which greeting?", "choices": choices, "several": False}]
    return {"id": "q1", "kind": "question", "questions": questions, "tool": "", "title": "", **about}


def test_control_characters_go_and_the_words_stay() -> None:
    """Colours, window titles, the clipboard, the cursor and the reading order are not for agents."""
    assert clean(HOSTILE) == "abcdefgh"
    assert clean("a\x1b]0;never ended\nb\x1bPnor this") == "a0;never ended\nbnor this"


@pytest.mark.parametrize("kind", KINDS)
@given(text=st.one_of(st.just(HOSTILE), st.text(alphabet=st.characters(), max_size=60)))
def test_nothing_but_our_colours_reaches_the_terminal(kind: str, text: str) -> None:
    """Whatever stands in whichever field."""
    ask = asked(title=text, questions=[{"text": text, "choices": [{"label": text, "description": text}]}])
    fields = ("text", "tool", "title", "detail", "gate", "state", "phase", "by")
    event = {"kind": kind, **dict.fromkeys(fields, text), "ask": ask}
    written = OURS.sub(
        "", Transcript().of([event, {**event, "state": "started"}, {**event, "kind": "state"}])
    )
    assert clean(written) == written.replace("\r\n", "\n")


def test_line_ends_move_the_cursor_back_to_the_first_column() -> None:
    """A terminal wants CR and LF."""
    assert Transcript().of([{"kind": "text", "text": "one\ntwo\n"}]) == "one\r\ntwo\r\n"


def test_a_phase_is_said_once() -> None:
    """A run that waits and goes on in the same phase changes its state, and not what it is at."""
    phases = ("agent", "agent", "verifying")
    events = [{"kind": "state", "state": "running", "phase": phase} for phase in phases]
    assert shown(*events) == "── agent\n── verifying\n"


def test_a_gate_has_its_name_before_what_it_says_and_how_it_ended_after() -> None:
    """Its output stands indented between."""
    gate = {"kind": "gate", "gate": "test: make test"}
    failed = {**gate, "state": "failed", "text": "test: make test failed (exit code 1)."}
    assert shown({**gate, "state": "started"}, {**gate, "text": "1 failed"}, failed) == (
        "▸ test: make test\n  1 failed\n✗ test: make test failed (exit code 1).\n"
    )


def test_a_tool_call_is_one_line() -> None:
    """So that a terminal's search finds it whole."""
    assert shown({"kind": "tool", "tool": "Bash", "title": "make\n  test"}) == "● Bash  make test\n"


def test_a_long_result_is_cut_and_says_so() -> None:
    """The log has all of it."""
    long = shown({"kind": "tool_result", "ok": False, "text": "x" * 5_000_000 + "\n" + "y\n" * 40})
    assert "… 35 more lines" in long
    assert len(long) < 1000


def test_unknown_kinds_and_missing_fields_show_nothing() -> None:
    """Another version of Beadwork may have written them."""
    assert shown({"kind": "weather", "text": "sun"}, {"kind": "text"}, {"kind": "state"}, {}) == ""


def test_an_error_shows_the_words_of_the_tool_that_failed() -> None:
    """Indented below the sentence."""
    assert shown({"kind": "error", "text": "No push.", "detail": "denied"}) == "✗ No push.\n  denied\n"


def test_a_question_shows_its_choices_with_their_numbers_and_then_what_was_said() -> None:
    """A call that leave is asked for is said once."""
    lines = shown({"kind": "question", "text": "Which greeting?", "ask": asked()}).split("\n")
    assert lines[:3] == ["? Which greeting?", "    1. Polite: Good day", "    2. Short"]
    leave = asked(title="make", questions=[{"text": "May it run make?", "choices": []}])
    assert shown({"kind": "question", "ask": leave}).startswith("? May it run make?\n  Type")
    assert shown({"kind": "answer", "text": "Polite", "by": "person"}) == "↳ Polite\n"
    assert "as you said before" in shown({"kind": "answer", "text": "Allow once", "by": "standing"})
    assert shown({"kind": "message", "text": "Be brief."}) == "» Be brief.\n"


def test_the_heading_is_one_line_and_says_what_was_left_out() -> None:
    """A terminal is not given a log of any length."""
    assert OURS.sub("", heading(run(title="Greet\nall"))) == "demo-1 Greet all\r\n"
    assert "… 12,000 events before these: all of them are in /logs/work.log" in gap(run(), 12_000)
    assert gap(run(), 0) == ""


def test_the_closing_says_how_the_run_ended_and_where_to_look() -> None:
    """The state is not said twice."""
    ended = run(summary="Polite now.", head="b" * 40, cost_usd=0.4)
    assert OURS.sub("", closing(ended)).split("\r\n")[1:-1] == [
        "✔ Completed",
        "Polite now.",
        "branch bead/demo-1 at bbbbbbbb · 12 s · $0.40",
        "/logs/work.log",
    ]
    cancelled = run(state=State.CANCELLED, summary="Cancelled.")
    assert OURS.sub("", closing(cancelled)).split("\r\n")[1:3] == ["■ Cancelled", "12 s"]


def test_a_run_that_rests_says_that_it_goes_on_here() -> None:
    """Nothing is lost while it waits."""
    assert "It goes on here when it is resumed." in closing(run(state=State.PAUSED))
    assert "It goes on here when it is answered." in closing(run(state=State.NEEDS_INPUT))


def test_what_a_run_says_of_itself_is_no_way_in_either() -> None:
    """Summaries are agents' words."""
    hostile = attrs.evolve(run(), summary=HOSTILE, reason=HOSTILE, branch=HOSTILE, head="b", title=HOSTILE)
    written = OURS.sub("", closing(hostile) + heading(hostile))
    assert clean(written) == written.replace("\r\n", "\n")
