"""Who watches a run and is no person: a script that reads lines of JSON, or somebody who only waits.

What it leaves out: people (`watching.py`).
"""

from collections.abc import Sequence
from types import TracebackType
from typing import Self

import click

from beadwork.cli import wording, writing
from beadwork.executions import Ask, Event
from beadwork.workflows import RunView, as_json


class Still:
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


class JsonLines(Still):
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


class RawLines(Still):
    """The events alone, a line each, as the event log has them."""

    def events(self, events: Sequence[Event]) -> None:
        """Write the events."""
        for event in events:
            writing.write_json(as_json(event), line=True)


class Silent(Still):
    """Nothing but waiting: the end is told by whoever waits."""

    def events(self, events: Sequence[Event]) -> None:
        """Do nothing."""


def say_detached(run: RunView) -> None:
    """Say on stderr that a run goes on, and how to see or end it."""
    name = wording.short(run)
    click.echo(f"\nNo longer following; run {name} goes on.", err=True)
    if wording.wanted(run):
        click.echo(f"  answer  {wording.wanted(run)}", err=True)
    click.echo(f"  follow  beadwork log {name} --follow\n  cancel  beadwork cancel {name}", err=True)
