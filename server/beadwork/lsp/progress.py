"""Runs as an editor without our notifications shows them: work-done progress with a cancel, and messages.

Such an editor gets a progress for each active run of its workspace, and in it the last line of output. How a
run ended is a message in the window that started it; a failure names the log. Where there is no progress
either, the message at the end is all.

What it leaves out: editors that take `beadwork/*` notifications; they show runs as they like.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable

from beadwork.errors import BeadworkError
from beadwork.executions import Event
from beadwork.lsp.editor import Editor, Level
from beadwork.lsp.output import Spawn, active, follow
from beadwork.workflows import Application, RunView

logger = logging.getLogger(__name__)

REPORT_PACE = 0.5
"""Seconds between two reports of one progress."""
LONGEST_LINE = 120
"""Characters of output that a progress shows."""

_ENDS = {
    "completed": Level.INFO,
    "cancelled": Level.INFO,
    "blocked": Level.WARNING,
    "needs_input": Level.WARNING,
    "failed": Level.ERROR,
    "timeout": Level.ERROR,
}


def ending(run: RunView) -> tuple[Level, str]:
    """Give how a run ended, as a message."""
    level = _ENDS.get(run.state, Level.WARNING)
    words = run.state.replace("_", " ")
    text = f"{run.bead} {run.title}: {words}."
    if run.summary:
        text += f" {_line(run.summary)}"
    if level is not Level.INFO and run.readable_log:
        text += f" Log: {run.readable_log}"
    return level, text


def last_line(events: Iterable[Event]) -> str:
    """Give the last line of output that a person would read; empty when there is none."""
    shown = ""
    for event in events:
        text = event.data.get("title") if event.kind == "tool" else event.data.get("text")
        if event.kind in {"text", "tool", "git", "note", "error"} and isinstance(text, str) and text.strip():
            shown = _line(text.strip().splitlines()[-1])
    return shown


def _line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_LINE else line[: LONGEST_LINE - 1] + "…"


class Presenter:
    """The runs of one window as progress and messages."""

    def __init__(self, application: Application, editor: Editor, spawn: Spawn, *, progress: bool) -> None:
        self._application = application
        self._editor = editor
        self._spawn = spawn
        self._progress = progress
        self._shown: set[str] = set()
        self._mine: set[str] = set()
        self._tokens: dict[str, str] = {}

    def started_here(self, run: RunView) -> None:
        """Remember that this window asked for `run`, so that its end is a message here."""
        self._mine.add(run.id)
        self.saw(run)

    def saw(self, run: RunView) -> None:
        """Take in a run as it now is."""
        if active(run):
            if self._progress and run.id not in self._shown:
                self._shown.add(run.id)
                self._spawn(self._show(run), f"progress of {run.id[:8]}")
        elif run.id in self._mine:
            self._mine.discard(run.id)
            self._editor.show(*ending(run))

    def cancelled(self, token: str | int) -> None:
        """End the run whose progress a person cancelled."""
        run = self._tokens.get(str(token))
        if run is not None:
            self._spawn(self._cancel(run), f"cancelling {run[:8]}")

    async def _cancel(self, run: str) -> None:
        try:
            await self._application.cancel(run)
        except BeadworkError as error:
            self._editor.show(Level.ERROR, error.message)

    async def _show(self, run: RunView) -> None:
        token = await self._editor.begin_progress(f"{run.bead} {run.title}", run.state)
        if token is None:
            return
        self._tokens[token] = run.id
        closing = "Beadwork no longer follows it."
        try:
            closing = await self._report(token, run)
        except BeadworkError as error:
            closing = error.message
        finally:
            del self._tokens[token]
            self._shown.discard(run.id)
            self._editor.end_progress(token, closing)

    async def _report(self, token: str, run: RunView) -> str:
        line = ""
        paced = Paced(lambda message: self._editor.report_progress(token, message))
        try:
            async for latest, events in follow(self._application, run.id, 0):
                line = last_line(events) or line
                paced.say(": ".join(filter(None, [latest.phase or latest.state, line])))
        finally:
            paced.stop()
        return ending(await self._application.run(run.id))[1]


class Paced:
    """Passes on the newest of many messages, one in REPORT_PACE seconds; the last is never lost."""

    def __init__(self, send: Callable[[str], None]) -> None:
        self._send = send
        self._newest = self._sent = ""
        self._timer: asyncio.TimerHandle | None = None

    def say(self, message: str) -> None:
        """Pass `message` on, now or when its time has come, unless a newer one takes its place."""
        self._newest = message
        if self._timer is None:
            self._pass_on()

    def stop(self) -> None:
        """Pass nothing more on."""
        if self._timer is not None:
            self._timer.cancel()

    def _pass_on(self) -> None:
        self._timer = None
        if self._newest != self._sent:
            self._sent = self._newest
            self._send(self._newest)
            self._timer = asyncio.get_running_loop().call_later(REPORT_PACE, self._pass_on)
