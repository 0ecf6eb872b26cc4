"""A run's events as a terminal shows them, for editors that have one.

What an agent or its tools print may hold control characters: none of them reach the terminal, so that no text
can move the cursor, set the title, hide something or turn its order round. Long texts are cut; the log has
all of them. What it leaves out: following a log (`output.py`).
"""

import datetime
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from beadwork.lsp.endings import named
from beadwork.lsp.output import JsonEvent, active
from beadwork.workflows import RunView

LONGEST_LINE = 600
"""Characters of one line."""
RESULT_LINES = 6
"""Lines of what a tool answered."""

_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)|[ -/]*[0-~])?")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_MARKS = {"completed": (32, "✔"), "cancelled": (33, "■"), "paused": (33, "‖"), "needs_input": (33, "?")}
_ONWARD = {
    "paused": "It goes on here when it is resumed.",
    "needs_input": "It goes on here when it is answered.",
}
_BOLD, _DIM, _RED, _GREEN, _YELLOW, _BLUE, _CYAN = 1, 2, 31, 32, 33, 34, 36
_SAID = {"git": (_GREEN, "±"), "message": (_YELLOW, "»"), "note": (_BLUE, "→")}
"""Kinds of events that are a text behind a mark."""


class Transcript:
    """What was shown of one run so far, as far as what comes depends on it."""

    def __init__(self) -> None:
        self._phase: object = None

    def of(self, events: Iterable[JsonEvent]) -> str:
        """Give what `events`, in the form in which they travel, add: lines that end in CR LF."""
        return "".join(f"{line}\r\n" for event in events for line in self._lines(event))

    def end(self, run: RunView) -> str:
        """Give the last lines, where `run` has not gone on meanwhile."""
        return "" if active(run) else closing(run)

    def _lines(self, event: JsonEvent) -> Iterator[str]:
        if event.get("kind") != "state":
            yield from _lines(event)
            return
        phase = event.get("phase")
        if phase and phase != self._phase:  # else it waits, or goes on, in the same phase
            yield _style(_DIM, f"── {_one_line(str(phase))}")
        self._phase = phase


def heading(run: RunView) -> str:
    """Give the first line of a run's transcript."""
    return f"{_style(_BOLD, _one_line(named(run)))}\r\n"


def gap(run: RunView, left_out: int) -> str:
    """Say that `left_out` events are left out here; empty for none."""
    events = f"{left_out:,} events" if left_out > 1 else "1 event"
    line = _style(_DIM, f"… {events} before these: all of them are in {_one_line(run.readable_log)}")
    return f"{line}\r\n" if left_out > 0 else ""


def closing(run: RunView) -> str:
    """Give the last lines: how the run ended or rests, and what there is to see of it."""
    code, mark = _MARKS.get(run.state, (_RED, "✗"))
    state = run.state.replace("_", " ").capitalize()
    reason = _style(_DIM, f" ({_one_line(run.reason)})") if run.reason and run.reason != run.state else ""
    # "Cancelled", and then a summary that says "Cancelled.", would be one too many.
    summary = "" if run.summary.removesuffix(".").lower() == run.state else run.summary
    facts = [
        f"branch {run.branch} at {run.head[:8]}" if run.head and run.head != run.base else "",
        _duration(run),
        f"${run.cost_usd:.2f}" if run.cost_usd is not None else "",
    ]
    lines = [
        "",
        f"{_style(code, mark)} {_style(_BOLD, state)}{reason}",
        *_lines_of(summary),
        *_lines_of(_ONWARD.get(run.state, "")),
        *(
            _style(_DIM, _one_line(line))
            for line in (" · ".join(filter(None, facts)), run.readable_log)
            if line
        ),
    ]
    return "".join(f"{line}\r\n" for line in lines)


def clean(text: str) -> str:
    """Take out every control character but line ends and tabs, and what belongs to it."""
    return _CONTROLS.sub("", _ESCAPES.sub("", text.replace("\r\n", "\n")))


def _lines(event: JsonEvent) -> Iterable[str]:
    text = _word(event, "text")
    match event.get("kind"):
        case "text":
            return _lines_of(text)
        case "thinking":
            return _each(_DIM, _lines_of(text))
        case "tool":
            called = _style(_BOLD, _one_line(_word(event, "tool")))
            return [f"{_style(_CYAN, '●')} {called}  {_one_line(_word(event, 'title'))}"]
        case "tool_result":
            return _result(text, ok=event.get("ok") is not False)
        case "gate":
            return _gate(event, text)
        case "question":
            return _question(event, text)
        case "answer":
            standing = _style(_DIM, " (as you said before)") if event.get("by") == "standing" else ""
            return [line + standing for line in _marked(_YELLOW, "↳", text)]
        case "error":
            detail = [f"  {line}" for line in _lines_of(_word(event, "detail"))]
            return [*_each(_RED, (f"✗ {line}" for line in _lines_of(text))), *_each(_DIM, detail)]
        case str(kind) if kind in _SAID:
            return _marked(*_SAID[kind], text)
        case _:
            return ()


def _result(text: str, *, ok: bool) -> Iterator[str]:
    lines = [line for line in _lines_of(text) if line.strip()]
    yield from _each(_DIM if ok else _RED, (f"  {line}" for line in lines[:RESULT_LINES]))
    if len(lines) > RESULT_LINES:
        yield _style(_DIM, f"  … {len(lines) - RESULT_LINES} more lines")
    if not lines and not ok:
        yield _style(_RED, "  failed, no output")


def _gate(event: JsonEvent, text: str) -> Iterable[str]:
    """A gate that begins, what it says, and how it ended."""
    name, state = _one_line(_word(event, "gate")), _word(event, "state")
    if not state:
        return _each(_DIM, (f"  {line}" for line in _lines_of(text)))
    if state == "started":
        return [f"{_style(_CYAN, '▸')} {_style(_BOLD, name)}"]
    code, mark = (_GREEN, "✔") if state == "passed" else (_RED, "✗")
    lines = _lines_of(text) or [f"{name}: {_one_line(state)}"]
    return [f"{_style(code, mark) if at == 0 else ' '} {line}" for at, line in enumerate(lines)]


def _question(event: JsonEvent, text: str) -> Iterator[str]:
    lines = _lines_of("\n".join(_asked(ask)) if isinstance(ask := event.get("ask"), Mapping) else text)
    for at, line in enumerate(lines):
        yield f"{_style(_YELLOW, '?') if at == 0 else ' '} {_style(_BOLD, line)}"
    yield _style(_DIM, "  Type the answer here, or choose Answer in the list of beads.")


def _asked(ask: Mapping[str, object]) -> Iterator[str]:
    questions = [each for each in _list(ask.get("questions")) if isinstance(each, Mapping)]
    title = _word(ask, "title")
    if title and all(title not in _word(each, "text") for each in questions):
        yield title
    for each in questions:
        yield _word(each, "text")
        for at, choice in enumerate(_list(each.get("choices")), 1):
            if isinstance(choice, Mapping):
                words = filter(None, (_word(choice, "label"), _word(choice, "description")))
                yield f"  {at}. {': '.join(words)}"


def _duration(run: RunView) -> str:
    if run.started_at is None or run.ended_at is None:
        return ""
    began, ended = (datetime.datetime.fromisoformat(at) for at in (run.started_at, run.ended_at))
    seconds = (ended - began).total_seconds()
    if seconds < 60:  # noqa: PLR2004
        return f"{seconds:.0f} s"
    minutes = int(seconds // 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"  # noqa: PLR2004


def _lines_of(text: str) -> Sequence[str]:
    return [_cut(line) for line in clean(text).rstrip().split("\n")] if text.strip() else []


def _one_line(text: str) -> str:
    return _cut(re.sub(r"\s*\n\s*", " ", clean(text).strip()))


def _cut(line: str) -> str:
    return f"{line[:LONGEST_LINE]} …" if len(line) > LONGEST_LINE else line


def _marked(code: int, mark: str, text: str) -> list[str]:
    return [f"{_style(code, mark)} {line}" for line in _lines_of(text)]


def _each(code: int, lines: Iterable[str]) -> list[str]:
    return [_style(code, line) for line in lines]


def _style(code: int, text: str) -> str:
    return f"\x1b[{code}m{text}\x1b[0m"


def _word(data: Mapping[str, object], name: str) -> str:
    value = data.get(name)
    return value if isinstance(value, str) else ""


def _list(value: object) -> Sequence[object]:
    return value if isinstance(value, list | tuple) else ()
