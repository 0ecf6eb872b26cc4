"""How a run ended or came to rest, as a message; with actions where a person has something to do about it.

What it leaves out: whose runs are spoken of, and when (`progress.py`); what an agent asks (`questions.py`).
"""

from collections.abc import Callable
from enum import StrEnum

from beadwork.errors import BeadworkError
from beadwork.lsp.editor import Editor, Level
from beadwork.lsp.output import Spawn
from beadwork.lsp.refusals import Insist, show_refusal
from beadwork.workflows import Application, Refused, RunView

LONGEST_LINE = 120
"""Characters of a line of output that are shown."""
LONGEST_SUMMARY = 300
"""Characters of a summary in a message."""


class Offer(StrEnum):
    """What a person can choose below a message."""

    RETRY = "Retry"
    RESUME = "Resume"
    OPEN_LOG = "Open log"


Stepped = Callable[[RunView], None]
"""Takes note of a run that goes on because of this window."""

_ENDS = {
    "completed": Level.INFO,
    "cancelled": Level.INFO,
    "paused": Level.INFO,
    "blocked": Level.WARNING,
    "needs_input": Level.WARNING,
    "failed": Level.ERROR,
    "timeout": Level.ERROR,
}


def ending(run: RunView) -> tuple[Level, str]:
    """Give how a run ended or rests, as a message."""
    level = _ENDS.get(run.state, Level.WARNING)
    text = f"{named(run)}: {run.state.replace('_', ' ')}."
    if run.summary:
        text += f" {one_line(run.summary, LONGEST_SUMMARY)}"
    if level is not Level.INFO and run.readable_log:
        text += f" Log: {run.readable_log}"
    return level, text


def named(run: RunView) -> str:
    """Give a run as a person knows it: by its bead, or by what it reads where that is none."""
    about = (
        f"{run.title[:1].lower()}{run.title[1:]}" if run.bead.startswith("@") else f"{run.bead} {run.title}"
    )
    return f"Review of {about}" if run.verb == "review" else about


def one_line(text: str, longest: int = LONGEST_LINE) -> str:
    """Give `text` as one line of at most `longest` characters."""
    line = " ".join(text.split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


class Endings:
    """Speaks of the ends of runs, and does what a person then chooses."""

    def __init__(
        self, application: Application, editor: Editor, spawn: Spawn, stepped: Stepped, *, documents: bool
    ) -> None:
        self._application = application
        self._editor = editor
        self._spawn = spawn
        self._stepped = stepped
        self._documents = documents

    def tell(self, run: RunView) -> None:
        """Say how `run` ended."""
        if offers := self._offers(run):
            self._spawn(self._offer(run, offers), f"the end of {run.id[:8]}")
        else:
            self._editor.show(*ending(run))

    def _offers(self, run: RunView) -> tuple[str, ...]:
        level, _ = ending(run)
        again = run.retryable and level is not Level.INFO  # what a person cancelled is as they wished
        offers = {
            Offer.RETRY: again,
            Offer.RESUME: run.resumable,
            Offer.OPEN_LOG: self._documents and level is not Level.INFO and bool(run.readable_log),
        }
        return tuple(offer.value for offer, wanted in offers.items() if wanted)

    async def _offer(self, run: RunView, offers: tuple[str, ...]) -> None:
        level, text = ending(run)
        match await self._editor.ask(level, text, offers):
            case Offer.RETRY:
                await self._go_on(lambda: self._application.retry(run.id), lambda: self._retry_anyway(run))
            case Offer.RESUME:
                await self._go_on(lambda: self._application.resume(run.id))
            case Offer.OPEN_LOG:
                await self._editor.open(run.readable_log)
            case _:
                return

    async def _retry_anyway(self, run: RunView) -> RunView | Refused:
        return await self._application.retry(run.id, force=True)

    async def _go_on(self, step: Insist, insist: Insist | None = None) -> None:
        try:
            answer: RunView | Refused | None = await step()
        except BeadworkError as error:
            self._editor.show(Level.ERROR, error.message)
            return
        if isinstance(answer, Refused):
            answer = await show_refusal(self._editor, answer, insist or step)
        if isinstance(answer, RunView):
            self._stepped(answer)
