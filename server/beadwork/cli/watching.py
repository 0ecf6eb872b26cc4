"""Who watches a run: a person with a terminal, or one behind a pipe.

What it leaves out: when there is something to see (`following.py`), and the words (`happenings.py`; of what
needs no agent, `errands.py`).
"""

import os
import select
import sys
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

import attrs

from beadwork.cli import happenings, printing, wording
from beadwork.cli.printing import Block, Cell, Line
from beadwork.cli.questions import hint
from beadwork.cli.showing_gates import begun_by, ended_by
from beadwork.cli.watching_quietly import JsonLines, Still, say_detached
from beadwork.executions import Ask, Event, EventKind
from beadwork.workflows import RunView

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


@attrs.frozen
class Words:
    """What is said of a run to a person."""

    title: Callable[[RunView], Block] = happenings.title
    blocks: Callable[[Event], list[Block]] = happenings.blocks
    summary: Callable[[RunView], list[Block]] = happenings.summary


_ALL_WORDS = Words()


def watcher_for(*, json: bool, live: bool = True) -> Watcher:
    """Give the watcher for whoever reads standard output; `live` when there is something to wait for."""
    return JsonLines() if json else person(live=live)


def person(words: Words = _ALL_WORDS, *, live: bool = True) -> Watcher:
    """Give the watcher for a person, at a terminal or behind a pipe."""
    return Terminal(words) if live and printing.on_terminal() else PlainLines(words)


class PlainLines(Still):
    """Words for a person, without colours or moving parts."""

    def __init__(self, words: Words = _ALL_WORDS) -> None:
        self._words = words

    def begin(self, run: RunView) -> None:
        """Print which run it is."""
        printing.show([self._words.title(run)])

    def events(self, events: Sequence[Event]) -> None:
        """Print what happened."""
        printing.show([block for event in events for block in self._words.blocks(event)])

    def asked(self, run: RunView, ask: Ask, number: int) -> None:  # noqa: ARG002  (the events have the question)
        """Print how it is answered."""
        printing.show([happenings.how_to_answer(run)])

    def end(self, run: RunView) -> None:
        """Print how it ended, or how it stands."""
        printing.show(self._words.summary(run))


class Terminal(PlainLines):
    """The same with colours, above a line that shows what the run is at and for how long.

    While the run waits for an answer that line asks for it.
    """

    def __init__(self, words: Words = _ALL_WORDS) -> None:
        super().__init__(words)
        self._console = printing.console()
        self._status: Status | None = None
        self._prompt = ""
        self._gate: Event | None = None

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
        printing.show([self._words.title(run)], self._console)

    def events(self, events: Sequence[Event]) -> None:
        """Print what happened, above the last line."""
        blocks = [block for event in events for block in self._words.blocks(event)]
        for event in events:
            if event.kind == EventKind.GATE and (begun_by(event) or ended_by(event)):
                self._gate = event if begun_by(event) else None
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
        now = wording.present()
        at = (
            f"{begun_by(self._gate)}, {wording.duration(now.timestamp() - self._gate.at)}"
            if self._gate
            else ""
        )
        words = " · ".join(filter(None, [wording.state(run), wording.took(run, now), at, wording.cost(run)]))
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
        printing.show(self._words.summary(run), self._console)

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
