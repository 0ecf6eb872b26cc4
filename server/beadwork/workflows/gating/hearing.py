"""What a gate says, and how it ends, as events of a run's log.

What it leaves out: keeping all it says, which is in a file.
"""

from pathlib import Path

from beadwork.executions import EventKind, EventLog
from beadwork.gates import Gate, GateResult
from beadwork.workflows.gating.telling import line_of

MOST_TEXT = 256 * 1024
"""Characters of one gate's output that stand in the log."""
MOST_EVENTS = 4_000
"""Events that they may take: a test that prints letter by letter would fill it otherwise."""


class Hearing:
    """Writes down what one gate says, up to a bound."""

    def __init__(self, log: EventLog, gate: Gate, output: Path) -> None:
        """Write into `log`; `output` is the file with all of it."""
        self._log = log
        self._gate = gate
        self._output = output
        self._text = MOST_TEXT
        self._events = MOST_EVENTS

    def begin(self) -> None:
        """Say that the gate starts. Raises LogError."""
        self._log.write(EventKind.GATE, gate=self._gate.name, state="started", text=f"{self._gate.name} …")

    def hear(self, text: str) -> None:
        """Write down some of what it says; of what is too much, only where it is. Raises LogError."""
        if not text or not self._text:
            return
        self._events -= 1
        some = text[: self._text] if self._events else ""
        self._text = self._text - len(some) if self._events else 0
        if not self._text:
            some = f"{some}\n[What it says from here on is only in {self._output}.]\n"
        self._log.write(EventKind.GATE, gate=self._gate.name, text=some)


def log_result(log: EventLog, result: GateResult) -> None:
    """Write down how a gate ended. Raises LogError."""
    hint = f" {result.hint}" if result.hint else ""
    log.write(
        EventKind.GATE,
        gate=result.gate.name,
        state=str(result.state),
        text=f"{line_of(result)}.{hint}",
        code=result.code,
        seconds=round(result.seconds, 1),
        output=result.output,
        tail=result.tail,
        hint=result.hint,
        known=result.known,
    )
