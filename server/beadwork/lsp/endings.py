"""How a run ended or came to rest, as a message; with actions where a person has something to do about it.

What it leaves out: whose runs are spoken of, and when (`progress.py`); what an agent asks (`questions.py`).
"""

from collections.abc import Callable, Mapping, Sequence

from beadwork.lsp.editor import Editor, Level
from beadwork.lsp.output import Spawn
from beadwork.lsp.refusals import OPEN_OUTPUT, in_words, output_of, take
from beadwork.lsp.ways import ANYWAY, Way, Ways, anyway, no_ways
from beadwork.workflows import Application, RunView, refused_in

LONGEST_LINE = 120
"""Characters of a line of output that are shown."""
LONGEST_SUMMARY = 300
"""Characters of a summary in a message."""


RETRY = "Retry"
RESUME = "Resume"
OPEN_LOG = "Open log"


Stepped = Callable[[RunView, Ways], None]
"""Takes note of a run that goes on because of this window, and of what can be done where it is refused."""

_ENDS = {
    "completed": Level.INFO,
    "cancelled": Level.INFO,
    "paused": Level.INFO,
    "blocked": Level.WARNING,
    "needs_input": Level.WARNING,
    "failed": Level.ERROR,
    "timeout": Level.ERROR,
}


_NAMES = {
    "review": "Review of",
    "gates": "Gates of",
    "publish": "Publishing",
    "land": "Landing",
    "close": "Closing",
}


def ending(run: RunView) -> tuple[Level, str]:
    """Give how a run ended or rests, as a message."""
    refused = refused_in(run)
    if refused is not None:
        return Level.WARNING, f"{named(run)}: {in_words(refused)}"
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
    return f"{_NAMES[run.verb]} {about}" if run.verb in _NAMES else about


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

    def tell(self, run: RunView, ways: Ways = no_ways) -> None:
        """Say how `run` ended; `ways` are what can be done where something stood in its way."""
        onward = self._onward(run, ways)
        if offers := (*(way.title for way in onward), *self._files(run)):
            self._spawn(self._offer(run, onward, offers), f"the end of {run.id[:8]}")
        else:
            self._editor.show(*ending(run))

    def _onward(self, run: RunView, ways: Ways) -> Sequence[Way]:
        """Give what a person can do about it: never about what they cancelled, which is as they wished."""
        refused = refused_in(run)
        found = list(ways(refused)) if refused is not None else []
        if run.resumable:
            found.append(Way(RESUME, lambda: self._application.resume(run.id), no_ways))
        if run.retryable and ending(run)[0] is not Level.INFO:
            forced = anyway(ANYWAY, lambda: self._application.retry(run.id, force=True))
            found.append(Way(RETRY, lambda: self._application.retry(run.id), forced))
        return found

    def _files(self, run: RunView) -> Mapping[str, str]:
        """Give the files that can be opened, by what an action calls them."""
        if not self._documents or ending(run)[0] is Level.INFO:
            return {}
        refused = refused_in(run)
        files = {OPEN_OUTPUT: output_of(refused) if refused else "", OPEN_LOG: run.readable_log}
        return {title: file for title, file in files.items() if file}

    async def _offer(self, run: RunView, ways: Sequence[Way], offers: tuple[str, ...]) -> None:
        level, text = ending(run)
        files = self._files(run)
        while (file := files.get(chosen := await self._editor.ask(level, text, offers) or "")) is not None:
            # Who looks at what was in the way has not decided yet.
            if not await self._editor.open(file) or refused_in(run) is None:
                return
        begun = await take(self._editor, ways, chosen, documents=self._documents)
        if begun is not None:
            self._stepped(begun.run, begun.ways)
