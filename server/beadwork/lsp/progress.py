"""Runs as an editor without our notifications shows them: work-done progress with a cancel, and messages.

Such an editor gets a progress for each active run of its workspace, and in it the last line of output, or
what its agent waits for. How a run ended is a message in the window that asked for it. Where there is no
progress either, the message at the end is all.

What it leaves out: editors that take `beadwork/*` notifications; they show runs as they like.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable

from beadwork.errors import BeadworkError
from beadwork.executions import FINAL, Event
from beadwork.lsp.editor import Editor, Level
from beadwork.lsp.endings import Endings, ending, named, one_line
from beadwork.lsp.output import Spawn, active, follow
from beadwork.lsp.ways import Ways
from beadwork.workflows import Application, RunView

logger = logging.getLogger(__name__)

REPORT_PACE = 0.5
"""Seconds between two reports of one progress."""


def last_line(events: Iterable[Event]) -> str:
    """Give the last line of output that a person would read; empty when there is none."""
    shown = ""
    for event in events:
        shown = _line_of(event) or shown
    return shown


def _line_of(event: Event) -> str:
    match event.kind, event.data:
        case "tool", {"title": str(text)}:
            return _last(text)
        case "gate", {"gate": str(name), **rest}:
            text = _last(str(rest.get("text", "")))
            return text if name in text else one_line(": ".join(filter(None, [name, text])))
        case "text" | "git" | "note" | "error", {"text": str(text)}:
            return _last(text)
        case _:
            return ""


def _last(text: str) -> str:
    return one_line(text.strip().splitlines()[-1]) if text.strip() else ""


def doing(run: RunView, line: str) -> str:
    """Give what a run is at, with its last line of output."""
    if run.intent is not None:
        return "pausing" if run.intent == "pause" else "ending"
    if run.state == "needs_input":
        return ": ".join(filter(None, ["waits for your answer", one_line(run.ask.text) if run.ask else ""]))
    if run.state == "queued" and run.not_before is not None:
        return f"waits to be tried again, attempt {run.attempt}"
    return ": ".join(filter(None, [run.phase or run.state, line]))


class Presenter:
    """The runs of one window as progress and messages."""

    def __init__(
        self, application: Application, editor: Editor, spawn: Spawn, endings: Endings, *, progress: bool
    ) -> None:
        self._application = application
        self._editor = editor
        self._spawn = spawn
        self._endings = endings
        self._progress = progress
        self._shown: dict[str, Shown] = {}
        self._mine: dict[str, Ways] = {}
        """The runs that this window asked for, and what can be done when something stands in their way."""
        self._rests: set[tuple[str, int]] = set()
        """The rests that were spoken of: a run, and how often it had gone on before."""
        self._tokens: dict[str, str] = {}

    def asked_for_here(self, run: RunView, ways: Ways) -> None:
        """Remember that this window asked for `run`, so that its end is a message here, with ways on."""
        self._mine[run.id] = ways
        self.saw(run)

    def saw(self, run: RunView) -> None:
        """Take in a run as it now is."""
        if (shown := self._shown.get(run.id)) is not None:
            shown.saw(run)
        if not active(run):
            self._tell_end(run)
        elif self._progress and shown is None:
            self._shown[run.id] = Shown(run)
            self._spawn(self._show(self._shown[run.id]), f"progress of {run.id[:8]}")

    def cancelled(self, token: str | int) -> None:
        """End the run whose progress a person cancelled."""
        run = self._tokens.get(str(token))
        if run is not None:
            self._spawn(self._cancel(run), f"cancelling {run[:8]}")

    def _tell_end(self, run: RunView) -> None:
        rest = (run.id, run.resumed)
        if run.id not in self._mine or run.state == "needs_input" or rest in self._rests:
            return
        ways = self._mine[run.id]
        if run.state in FINAL:
            del self._mine[run.id]
        else:
            self._rests.add(rest)
        if run.retried_by:
            self._mine[run.retried_by] = ways
        self._endings.tell(run, ways)

    async def _cancel(self, run: str) -> None:
        try:
            await self._application.cancel(run)
        except BeadworkError as error:
            self._editor.show(Level.ERROR, error.message)

    async def _show(self, shown: "Shown") -> None:
        run = shown.run
        token = await self._editor.begin_progress(named(run), run.state)
        if token is None:
            return
        self._tokens[token] = run.id
        closing = "Beadwork no longer follows it."
        try:
            closing = await self._report(token, shown)
        except BeadworkError as error:
            closing = error.message
        finally:
            del self._tokens[token]
            del self._shown[run.id]
            self._editor.end_progress(token, closing)

    async def _report(self, token: str, shown: "Shown") -> str:
        shown.begin(lambda message: self._editor.report_progress(token, message))
        try:
            async for events in follow(self._application, shown.run.id, 0):
                shown.heard(events)
        finally:
            shown.end()
        return ending(await self._application.run(shown.run.id))[1]


class Shown:
    """A run in a progress: what it is at, and its last line of output."""

    def __init__(self, run: RunView) -> None:
        self.run = run
        self._line = ""
        self._paced: Paced | None = None

    def begin(self, send: Callable[[str], None]) -> None:
        """Pass on what is shown with `send`, from now on."""
        self._paced = Paced(send)

    def end(self) -> None:
        """Pass nothing more on."""
        if self._paced is not None:
            self._paced.stop()
        self._paced = None

    def saw(self, run: RunView) -> None:
        """Take in the run as it now is."""
        self.run = run
        self._say()

    def heard(self, events: Iterable[Event]) -> None:
        """Take in output."""
        self._line = last_line(events) or self._line
        self._say()

    def _say(self) -> None:
        if self._paced is not None and active(self.run):
            self._paced.say(doing(self.run, self._line))


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
