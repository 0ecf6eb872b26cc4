"""What an agent asks, in an editor that does not ask by itself: a message with the choices as its actions.

Every window of the folder asks; the first answer counts, and a later one is said to have come too late. A
message that a person closes answers nothing: the question stays with the run, and `beadwork answer` is there.

What it leaves out: which runs this window is told of (`session.py`), and what an answer does (the workflows).
"""

from collections.abc import Sequence

from beadwork.errors import BeadworkError
from beadwork.executions import Ask, AskKind, Question
from beadwork.lsp.editor import Editor, Level
from beadwork.lsp.endings import OPEN_LOG, Stepped, named, one_line
from beadwork.lsp.output import Spawn
from beadwork.lsp.ways import no_ways
from beadwork.workflows import Application, RefusalCode, Refused, RunView

LONGEST_QUESTION = 1000
"""Characters of a question that a message shows; the log has all of it."""
LONGEST_TITLE = 80
"""Characters of an action's title."""


class Questions:
    """The questions of the runs of one window, each asked once."""

    def __init__(
        self, application: Application, editor: Editor, spawn: Spawn, stepped: Stepped, *, documents: bool
    ) -> None:
        self._application = application
        self._editor = editor
        self._spawn = spawn
        self._stepped = stepped
        self._documents = documents
        self._asked: set[tuple[str, int, str]] = set()

    def saw(self, run: RunView) -> None:
        """Take in a run as it now is, and ask what its agent asks."""
        if run.state != "needs_input" or run.intent is not None:
            return
        question = (run.id, run.resumed, run.ask.id if run.ask else "")
        if question not in self._asked:
            self._asked.add(question)
            self._spawn(self._ask(run), f"the question of {run.id[:8]}")

    async def _ask(self, run: RunView) -> None:
        ask = run.ask
        if ask is None or not all(question.choices for question in ask.questions):
            await self._choose(run, in_words(run), ())
            return
        texts = []
        for question in ask.questions:
            labels = tuple(choice.label for choice in question.choices)
            chosen = await self._choose(run, with_choices(run, ask, question), labels)
            if chosen is None:
                return
            texts.append(chosen)
        await self._answer(run, ask, texts)

    async def _choose(self, run: RunView, text: str, labels: Sequence[str]) -> str | None:
        """Ask until the person chose one of `labels`, or nothing; looking at the log chooses nothing yet."""
        titles = [one_line(label, LONGEST_TITLE) for label in labels]
        offers = (*titles, *((OPEN_LOG,) if self._documents and run.readable_log else ()))
        if not offers:
            self._editor.show(Level.WARNING, text)
            return None
        while (title := await self._editor.ask(Level.WARNING, text, offers)) is not None:
            if title in titles:
                return labels[titles.index(title)]
            if not await self._editor.open(run.readable_log):
                return None
        return None

    async def _answer(self, run: RunView, ask: Ask, texts: Sequence[str]) -> None:
        try:
            answer = await self._application.answer(run.id, texts, ask=ask.id)
        except BeadworkError as error:
            self._editor.show(Level.ERROR, error.message)
            return
        match answer:
            case Refused(code=RefusalCode.NOT_ASKING):
                self._editor.show(Level.INFO, f"{run.bead}: this was answered elsewhere, or waits no more.")
            case Refused():
                self._editor.show(Level.WARNING, answer.message)
            case RunView():
                self._stepped(answer, no_ways)


def with_choices(run: RunView, ask: Ask, question: Question) -> str:
    """Give a question whose choices stand below it as actions."""
    words = f"{_who(run)} {_asked(ask, question)}"
    for choice in question.choices:
        if choice.description:
            words += f"\n{one_line(choice.label)}: {one_line(choice.description)}"
    if ask.kind is AskKind.PERMISSION:
        return words
    other = "Several, or other words" if question.several else "Other words"
    return f"{words}\n{other}: {_command(run)}"


def in_words(run: RunView) -> str:
    """Give what is asked where no actions fit, and how it is answered."""
    if run.ask is None:
        summary = one_line(run.summary, LONGEST_QUESTION)
        return f"{_who(run)} {summary}\nAnswer with `beadwork tell {run.id[:8]} TEXT`"
    ask = run.ask
    asked = "\n".join(_asked(ask, question) for question in ask.questions)
    return f"{_who(run)} {asked}\nAnswer with {_command(run)}"


def _who(run: RunView) -> str:
    return f"{one_line(named(run))} asks:"


def _asked(ask: Ask, question: Question) -> str:
    text = question.text
    if ask.title and ask.title not in text:
        text += f" {ask.title}"
    return one_line(text, LONGEST_QUESTION)


def _command(run: RunView) -> str:
    texts = " ".join("TEXT" for _ in run.ask.questions) if run.ask else "TEXT"
    return f"`beadwork answer {run.id[:8]} {texts}`"
