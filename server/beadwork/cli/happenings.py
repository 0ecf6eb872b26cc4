"""What happened in a run, in blocks for people: phases, the agent's words, a line for each tool, results.

Texts are cut here so that a screen can be read; `--raw` and the log files have all of it.
"""

from pathlib import Path

from beadwork.cli import wording, writing
from beadwork.cli.printing import Block, Cell, Heading, Line, Prose, Table
from beadwork.executions import Event, EventKind
from beadwork.workflows import RunView

_THINKING_LINES = 3
_FAILURE_LINES = 12


def title(run: RunView) -> Block:
    """Say which run it is."""
    return Line.of(
        Cell(f"run {wording.short(run)}", "bold cyan"),
        f" · {run.verb} on ",
        Cell(run.bead, "bold"),
        f" · {run.title}",
    )


def blocks(event: Event) -> list[Block]:
    """Set out one event; nothing for kinds that we do not know."""
    text = _word(event, "text")
    match event.kind:
        case EventKind.STATE:
            return _state(event)
        case EventKind.TEXT if text.strip():
            return [Prose(text)]
        case EventKind.THINKING if text.strip():
            return [Prose(_cut(text, _THINKING_LINES), "dim italic")]
        case EventKind.TOOL:
            call = writing.one_line(_word(event, "title"))
            return [Line.of(Cell("> ", "cyan"), Cell(_word(event, "tool"), "bold"), f"  {call}")]
        case EventKind.TOOL_RESULT:
            return _tool_result(event, text)
        case EventKind.GIT | EventKind.GATE:
            return _with_detail("git: " if event.kind == EventKind.GIT else "gate: ", "magenta", text, event)
        case EventKind.NOTE:
            return _with_detail("note: ", "yellow", text, event)
        case EventKind.ERROR:
            return _with_detail("error: ", "red", text, event)
        case _:
            return []


def summary(run: RunView) -> list[Block]:
    """Say how a run ended (or stands), and where everything is."""
    ended = run.ended_at is not None
    style = wording.STATE_STYLES.get(run.state, "")
    how_long = wording.took(run, wording.present())
    head = " · ".join(filter(None, [wording.state(run), how_long, wording.cost(run)]))
    facts = [
        ("reason", run.reason if run.state != "completed" else None),
        ("summary", run.summary),
        ("branch", _branch(run)),
        ("agent", run.agent),
        ("runner", run.runner),
        ("forced over", ", ".join(run.forced_over)),
    ]
    paths = [
        ("log", run.readable_log),
        ("checkout", run.checkout if ended and Path(run.checkout).is_dir() else None),
    ]
    width = max((len(name) for name, value in facts + paths if value), default=0)
    rows = tuple((Cell(name.ljust(width), "dim"), Cell(value)) for name, value in facts if value)
    shown: list[Block] = [Heading(head, f"bold {style}")]
    if rows:
        shown.append(Table(rows, flexible=1, wrapped=True))
    shown += [
        Line.of(Cell(f"  {name:<{width}}  ", "dim"), value, whole=True) for name, value in paths if value
    ]
    return shown


def _branch(run: RunView) -> str:
    if not run.branch or not run.head or run.head == run.base:
        return run.branch
    return f"{run.branch} ({run.base[:10]}..{run.head[:10]})"


def _state(event: Event) -> list[Block]:
    state, phase = _word(event, "state"), _word(event, "phase")
    if state == "running" and phase:
        return [Heading(phase, "bold blue")]
    return []


def _tool_result(event: Event, text: str) -> list[Block]:
    if event.data.get("ok", True):
        return [Line.of(Cell("  ok  ", "green"), Cell(_first_line(text), "dim"))]
    return [Line.of(Cell("  failed", "red")), Prose(writing.indented(_cut(text, _FAILURE_LINES)), "red")]


def _with_detail(label: str, style: str, text: str, event: Event) -> list[Block]:
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
