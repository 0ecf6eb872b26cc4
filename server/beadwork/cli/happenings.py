"""What happened in a run, in blocks for people: phases, the agent's words, a line for each tool, results.

Texts are cut here so that a screen can be read; `--raw` and the log files have all of it.
"""

from collections.abc import Mapping
from pathlib import Path

from beadwork.cli import wording, writing
from beadwork.cli.mending import Asked
from beadwork.cli.printing import Block, Cell, Heading, Line, Prose, Table
from beadwork.cli.questions import ask_blocks
from beadwork.cli.refusing import first_sentence, refusal_blocks
from beadwork.cli.showing_gates import ended_by, gate_blocks
from beadwork.executions import Event, EventKind, ask_of
from beadwork.workflows import RunView, refused_in

_THINKING_LINES = 3
_FAILURE_LINES = 12

_LABELS: Mapping[str, tuple[str, str]] = {
    EventKind.GIT: ("git: ", "magenta"),
    EventKind.ANSWER: ("answer: ", "bold yellow"),
    EventKind.MESSAGE: ("you: ", "bold yellow"),
    EventKind.NOTE: ("note: ", "yellow"),
    EventKind.ERROR: ("error: ", "red"),
}
"""What stands before the text of an event that is a sentence, and its style."""


def title(run: RunView) -> Block:
    """Say which run it is."""
    return Line.of(
        Cell(f"run {wording.short(run)}", "bold cyan"),
        f" · {wording.deed(run)} ",
        Cell(wording.subject(run.bead), "bold"),
        f" · {words}" if (words := wording.title(run)) else "",
    )


def blocks(event: Event) -> list[Block]:
    """Set out one event; nothing for kinds that we do not know."""
    text = _word(event, "text")
    match event.kind:
        case EventKind.RUN | EventKind.STATE:
            return _stage(event)
        case EventKind.TEXT if text.strip():
            return [Prose(text)]
        case EventKind.THINKING if text.strip():
            return [Prose(_cut(text, _THINKING_LINES), "dim italic")]
        case EventKind.TOOL:
            call = writing.one_line(_word(event, "title"))
            return [Line.of(Cell("> ", "cyan"), Cell(_word(event, "tool"), "bold"), f"  {call}")]
        case EventKind.TOOL_RESULT:
            return _tool_result(event, text)
        case EventKind.GATE:
            return gate_blocks(gate) if (gate := ended_by(event)) is not None else []
        case EventKind.QUESTION:
            return _question(event, text)
        case kind if kind in _LABELS:
            return _with_detail(text, event)
        case _:
            return []


def summary(run: RunView) -> list[Block]:
    """Say how a run ended (or stands), and where everything is."""
    ended = run.ended_at is not None
    style = wording.STATE_STYLES.get(run.state, "")
    how_long = wording.took(run, wording.present())
    head = " · ".join(filter(None, [wording.state(run), how_long, wording.cost(run)]))
    refused = refused_in(run) if ended else None
    said = first_sentence(refused) if refused is not None else run.summary
    facts = [
        ("reason", run.reason if run.state != "completed" else None),
        ("summary", said if ended else None),
        ("blocked by", run.blocked_by),
        ("attempt", f"{run.attempt}, after run {run.retry_of[: wording.SHORT]}" if run.retry_of else None),
        ("retried by", f"run {run.retried_by[: wording.SHORT]}" if run.retried_by else None),
        ("branch", _branch(run)),
        ("agent", run.agent),
        ("runner", run.runner),
        ("forced over", ", ".join(run.forced_over)),
    ]
    paths = [
        ("next", _next(run)),
        ("log", run.readable_log),
        ("checkout", run.checkout if ended and Path(run.checkout).is_dir() else None),
    ]
    width = max((len(name) for name, value in facts + paths if value), default=0)
    rows = tuple((Cell(name.ljust(width), "dim"), Cell(value)) for name, value in facts if value)
    shown: list[Block] = [Heading(head, f"bold {style}")]
    if rows:
        shown.append(Table(rows, flexible=1, wrapped=True))
    if refused is not None:
        # Work that is refused at its end was to be published.
        shown += refusal_blocks(refused, Asked("publish" if wording.by_agent(run) else run.verb, run.bead))
    shown += [
        Line.of(Cell(f"  {name:<{width}}  ", "dim"), value, whole=True) for name, value in paths if value
    ]
    return shown


def how_to_answer(run: RunView) -> Block:
    """Say which command answers what a run asks."""
    return Line.of(Cell("  answer  ", "dim"), wording.wanted(run), whole=True)


def _next(run: RunView) -> str:
    """Give the command with which a run goes on that does not go on by itself."""
    if run.retried_by:
        return f"beadwork log {run.retried_by[: wording.SHORT]} --follow"
    return f"beadwork retry {wording.short(run)}" if run.retryable else wording.wanted(run)


def _question(event: Event, text: str) -> list[Block]:
    asked = event.data.get("ask")
    try:
        return ask_blocks(ask_of(asked)) if isinstance(asked, Mapping) else _asked_in_words(text)
    except (ValueError, KeyError, TypeError):  # as another version wrote it
        return _asked_in_words(text)


def _asked_in_words(text: str) -> list[Block]:
    return [Heading("The agent asks", "bold yellow"), Prose(text)]


def _branch(run: RunView) -> str:
    if not run.branch or not run.head or run.head == run.base:
        return run.branch
    return f"{run.branch} ({run.base[:10]}..{run.head[:10]})"


def _stage(event: Event) -> list[Block]:
    if event.kind == EventKind.RUN:  # with its order it begins a log, and again each time after a rest
        again = event.seq > 1 and "order" in event.data
        return [Heading("goes on after a rest", "bold blue")] if again else []
    state, phase = _word(event, "state"), _word(event, "phase")
    return [Heading(phase, "bold blue")] if state == "running" and phase else []


def _tool_result(event: Event, text: str) -> list[Block]:
    if event.data.get("ok", True):
        return [Line.of(Cell("  ok  ", "green"), Cell(_first_line(text), "dim"))]
    return [Line.of(Cell("  failed", "red")), Prose(writing.indented(_cut(text, _FAILURE_LINES)), "red")]


def _with_detail(text: str, event: Event) -> list[Block]:
    label, style = _LABELS[event.kind]
    if event.data.get("by") == "standing":
        label = "answer, as you had said before: "
    detail = _word(event, "detail") or _word(event, "diffstat")
    first, _, rest = writing.cleaned(text).strip().partition("\n")
    shown: list[Block] = [Line.of(Cell(label, style), first)]
    if rest.strip():
        shown.append(Prose(rest))
    if detail.strip():
        shown.append(Prose(detail, "dim"))
    return shown


def _word(event: Event, name: str) -> str:
    value = event.data.get(name)
    return str(value) if value is not None else ""


def _first_line(text: str) -> str:
    lines = [line for line in writing.cleaned(text).split("\n") if line.strip()]
    if not lines:
        return ""
    more = f" (+{wording.count(len(lines) - 1, 'line')})" if len(lines) > 1 else ""
    first = lines[0].strip()
    return (first if len(first) <= 100 else first[:99] + "…") + more  # noqa: PLR2004


def _cut(text: str, most: int) -> str:
    lines = writing.cleaned(text).strip("\n").split("\n")
    if len(lines) <= most:
        return "\n".join(lines)
    return "\n".join([*lines[:most], f"… {wording.count(len(lines) - most, 'more line')}"])
