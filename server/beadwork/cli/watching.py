"""Who watches a run: a script that reads lines of JSON, a pipe, or a person with a terminal.

What it leaves out: when there is something to see (`following.py`), and the words (`happenings.py`).
"""

import os
import select
import sys
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

import click

from beadwork.cli import happenings, printing, wording, writing
from beadwork.cli.printing import Cell, Line
from beadwork.cli.questions import hint
from beadwork.executions import Ask, Event
from beadwork.workflows import RunView, as_json

if TYPE_CHECKING:
    from rich.status import Status


_LONGEST_LINE = 65536


class Watcher(Protocol):
    """Sees a run from its beginning."""

    def __enter__(self) -> Self:
        """Begin to watch."""
        ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the terminal as it was."""
        ...

    def begin(self, run: RunView) -> None:
        """See which run it is."""
        ...

    def events(self, events: Sequence[Event]) -> None:
        """See what happened."""
        ...

    def beat(self, run: RunView) -> None:
        """See how the run stands now; comes several times a second."""
        ...

    def asked(self, run: RunView, ask: Ask, number: int) -> None:
        """See that the run waits for an answer; who can give it here is asked for that to one question."""
        ...

    def typed(self) -> str | None:
        """Give what was answered here since, if anything."""
        ...

    def settled(self) -> None:
        """See that no answer is wanted any more."""
        ...

    def end(self, run: RunView) -> None:
        """See how the run stands at last."""
        ...

    def detach(self, run: RunView) -> None:
        """Hear that the rest will not be seen, while the run goes on."""
        ...


def watcher_for(*, json: bool, live: bool = True) -> Watcher:
    """Give the watcher for whoever reads standard output; `live` when there is something to wait for."""
    if json:
        return JsonLines()
    return Terminal() if live and printing.on_terminal() else PlainLines()


class _Still:
    """A watcher that leaves nothing behind on the terminal and does not mind how time passes."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Do nothing."""

    def begin(self, run: RunView) -> None:
        """Do nothing."""

    def beat(self, run: RunView) -> None:
        """Do nothing."""

    def asked(self, run: RunView, ask: Ask, number: int) -> None:
        """Do nothing."""

    def typed(self) -> str | None:
        """Give nothing: nobody can answer here."""
        return None

    def settled(self) -> None:
        """Do nothing."""

    def end(self, run: RunView) -> None:
        """Do nothing."""

    def detach(self, run: RunView) -> None:
        """Say on stderr how to come back, whatever standard output is read by."""
        say_detached(run)


class JsonLines(_Still):
    """One object a line: `{run}` first, an `{event}` each, `{run}` last."""

    def begin(self, run: RunView) -> None:
        """Write the run as it was."""
        writing.write_json({"run": as_json(run)}, line=True)

    def events(self, events: Sequence[Event]) -> None:
        """Write the events."""
        for event in events:
            writing.write_json({"event": as_json(event)}, line=True)

    def end(self, run: RunView) -> None:
        """Write the run as it is."""
        writing.write_json({"run": as_json(run)}, line=True)


class RawLines(_Still):
    """The events alone, a line each, as the event log has them."""

    def events(self, events: Sequence[Event]) -> None:
        """Write the events."""
        for event in events:
            writing.write_json(as_json(event), line=True)


class PlainLines(_Still):
    """Words for a person, without colours or moving parts."""

    def begin(self, run: RunView) -> None:
        """Print which run it is."""
        printing.show([happenings.title(run)])

    def events(self, events: Sequence[Event]) -> None:
        """Print what happened."""
        printing.show([block for event in events for block in happenings.blocks(event)])

    def asked(self, run: RunView, ask: Ask, number: int) -> None:  # noqa: ARG002  (the events have the question)
        """Print how it is answered."""
        printing.show([happenings.how_to_answer(run)])

    def end(self, run: RunView) -> None:
        """Print how it ended, or how it stands."""
        printing.show(happenings.summary(run))


class Terminal(PlainLines):
    """The same with colours, above a line that shows what the run is at and for how long.

    While the run waits for an answer that line asks for it.
    """

    def __init__(self) -> None:
        self._console = printing.console()
        self._status: Status | None = None
        self._prompt = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take the moving line away."""
        self._still()

    def begin(self, run: RunView) -> None:
        """Print which run it is."""
        printing.show([happenings.title(run)], self._console)

    def events(self, events: Sequence[Event]) -> None:
        """Print what happened, above the last line."""
        blocks = [block for event in events for block in happenings.blocks(event)]
        if not blocks:
            return
        prompt = self._prompt
        self.settled()
        printing.show(blocks, self._console)
        self._ask(prompt)

    def beat(self, run: RunView) -> None:
        """Renew the moving line."""
        if self._prompt:
            return
        words = " · ".join(
            filter(None, [wording.state(run), wording.took(run, wording.present()), wording.cost(run)])
        )
        if self._status is None:
            self._status = self._console.status("", spinner="dots")
            self._status.start()
        self._status.update(printing.rich_line(Line.of(Cell(words, "cyan"))))

    def asked(self, run: RunView, ask: Ask, number: int) -> None:
        """Ask the person for the answer, if they have a keyboard."""
        self._still()
        if not sys.stdin.isatty():
            printing.show([happenings.how_to_answer(run)], self._console)
            return
        which = f" to {number}" if len(ask.questions) > 1 else ""
        self._ask(f"Your answer{which} ({hint(ask.kind, ask.questions[number - 1])}): ")

    def typed(self) -> str | None:
        """Give the line that was typed since. An empty one asks again, and Ctrl+D asks no more."""
        if not self._prompt or not select.select([sys.stdin], [], [], 0)[0]:
            return None
        line = os.read(sys.stdin.fileno(), _LONGEST_LINE)
        if not line:
            self.settled()
            return None
        text = line.decode("utf-8", "replace").strip()
        prompt, self._prompt = self._prompt, ""
        if not text:
            self._ask(prompt)
        return text or None

    def settled(self) -> None:
        """Leave the line that asked."""
        if self._prompt:
            self._console.print()
        self._prompt = ""

    def end(self, run: RunView) -> None:
        """Print how it ended, in place of the moving line."""
        self._still()
        printing.show(happenings.summary(run), self._console)

    def detach(self, run: RunView) -> None:
        """Take the moving line away and say how to come back."""
        self._still()
        say_detached(run)

    def _ask(self, prompt: str) -> None:
        self._prompt = prompt
        if prompt:
            self._console.print(printing.rich_line(Line.of(Cell(prompt, "bold yellow"))), end="")

    def _still(self) -> None:
        self.settled()
        if self._status is not None:
            self._status.stop()
            self._status = None


def say_detached(run: RunView) -> None:
    """Say on stderr that a run goes on, and how to see or end it."""
    name = wording.short(run)
    click.echo(f"\nNo longer following; run {name} goes on.", err=True)
    if wording.wanted(run):
        click.echo(f"  answer  {wording.wanted(run)}", err=True)
    click.echo(f"  follow  beadwork log {name} --follow\n  cancel  beadwork cancel {name}", err=True)
