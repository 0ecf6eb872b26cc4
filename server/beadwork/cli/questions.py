"""What an agent asks, as a person reads it, and how its answer is given.

What it leaves out: sending the answer (`talking.py`), and waiting for one (`watching.py`).
"""

from collections.abc import Sequence

from beadwork.cli.printing import Block, Cell, Heading, Line, Prose, Table
from beadwork.executions import Ask, AskKind, Question


def ask_blocks(ask: Ask) -> list[Block]:
    """Set out what is asked, each question with its choices, numbered as they can be given."""
    heading = "The agent asks" if ask.kind is AskKind.QUESTION else "The agent asks for leave"
    blocks: list[Block] = [Heading(heading, "bold yellow")]
    if ask.title:
        blocks.append(Line.of("  ", Cell(ask.tool, "bold"), f"  {ask.title}"))
    for number, question in enumerate(ask.questions, 1):
        lead = f"{number}. " if len(ask.questions) > 1 else ""
        blocks += question_blocks(question, lead)
    return blocks


def question_blocks(question: Question, lead: str = "") -> list[Block]:
    """Set out one question; `lead` stands before it."""
    blocks: list[Block] = [Prose(lead + question.text)]
    if question.choices:
        rows = tuple(
            (Cell(f"  {number}", "bold cyan"), Cell(choice.label, "bold"), Cell(choice.description, "dim"))
            for number, choice in enumerate(question.choices, 1)
        )
        blocks.append(Table(rows, flexible=2, wrapped=True))
    return blocks


def hint(kind: AskKind, question: Question) -> str:
    """Give what may be typed as an answer: `1-3, or your own words`."""
    if not question.choices:
        return "in your own words"
    last = len(question.choices)
    numbers = "1" if last == 1 else f"1-{last}"
    numbers += ", several with commas" if question.several else ""
    return f"{numbers}, or your own words" if kind is AskKind.QUESTION else numbers


def given(questions: Sequence[Question], words: Sequence[str]) -> tuple[str, ...]:
    """Give the answers that `words` are: one each, or all of them together when there is one question."""
    if len(questions) != 1 or not words:
        return tuple(words)
    return ((", " if questions[0].several else " ").join(words),)
