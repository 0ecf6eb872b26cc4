"""Gates as a person reads them: a line each, with the end of what a failing one said and where all of it is.

What it leaves out: what became of a run because of them.
"""

from collections.abc import Mapping

import attrs

from beadwork.cli import wording, writing
from beadwork.cli.printing import Block, Cell, Line, Prose
from beadwork.cli.refusing import last_lines
from beadwork.executions import Event
from beadwork.gates import GateState

STARTED = "started"
"""The `state` of the event with which a gate begins."""


@attrs.frozen
class Ended:
    """What became of one gate, read from an event or from what a run keeps; any of it may be missing."""

    name: str
    state: str
    code: int | None
    seconds: float
    tail: str
    output: str
    hint: str
    known: bool

    @classmethod
    def of(cls, data: Mapping[str, object], name: str) -> "Ended":
        """Read what became of the gate called `name`."""
        code, seconds = data.get("code"), data.get("seconds")
        return cls(
            name=name,
            state=_text(data, "state"),
            code=code if isinstance(code, int) else None,
            seconds=seconds if isinstance(seconds, int | float) else 0.0,
            tail=_text(data, "tail"),
            output=_text(data, "output"),
            hint=_text(data, "hint"),
            known=data.get("known") is True,
        )

    @property
    def failed(self) -> bool:
        """Whether it did anything but pass."""
        return self.state != GateState.PASSED


def ended_by(event: Event) -> Ended | None:
    """Give what became of a gate, where `event` says so; None where it begins, or says something."""
    state = _text(event.data, "state")
    return Ended.of(event.data, _text(event.data, "gate")) if state and state != STARTED else None


def begun_by(event: Event) -> str:
    """Give the name of the gate that begins with `event`; empty when none does."""
    return _text(event.data, "gate") if _text(event.data, "state") == STARTED else ""


def results_in(report: object) -> list[Ended]:
    """Read the gates that a run keeps as `results.gates`."""
    given = report.get("results") if isinstance(report, Mapping) else None
    each_given = given if isinstance(given, list | tuple) else ()
    return [Ended.of(each, _name(each)) for each in each_given if isinstance(each, Mapping)]


def gate_blocks(gate: Ended, *, with_output: bool = True) -> list[Block]:
    """Set out what became of a gate; of one that failed also what it said, unless that is said elsewhere."""
    word, style = ("failed", "red") if gate.failed else ("passed", "green")
    line = Line.of(Cell(f"  {word}  ", style), gate.name, Cell(how_it_ended(gate), "dim"))
    return [line, *(output_blocks(gate) if gate.failed and with_output else [])]


def output_blocks(gate: Ended, said: str = "") -> list[Block]:
    """Set out what `said` has not: what is likely wrong, the end of what a gate said, where all of it is."""
    blocks: list[Block] = []
    if gate.hint and gate.hint not in said:
        blocks.append(Prose(writing.indented(gate.hint)))
    if lines := last_lines(gate.tail):
        blocks.append(Prose(writing.indented("\n".join(lines)), "red"))
    if gate.output and gate.output not in said:
        blocks.append(Line.of(Cell("    output  ", "dim"), gate.output, whole=True))
    return blocks


def how_it_ended(gate: Ended) -> str:
    """Say how a gate ended and how long it took, to be read behind its name: `, exit code 1, in 12 s`."""
    if gate.known:
        return (
            ", known from before" if gate.code in {0, None} else f", exit code {gate.code}, known from before"
        )
    took = wording.duration(gate.seconds)
    match gate.state:
        case GateState.TIMEOUT:
            return f", ended after {took}: it took too long"
        case GateState.BROKEN:
            return ", it could not be started"
        case GateState.FAILED if gate.code is not None:
            return f", exit code {gate.code}, in {took}"
        case _:
            return f", in {took}"


def _name(result: Mapping[str, object]) -> str:
    folder = _text(result, "folder")
    return f"{_text(result, 'purpose')}: {_text(result, 'line')}" + (f" ({folder})" if folder else "")


def _text(data: Mapping[str, object], name: str) -> str:
    value = data.get(name)
    return value if isinstance(value, str) else ""
