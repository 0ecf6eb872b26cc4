"""What a person answers, fitted to what was asked: choices by their label or number, and free text.

What it leaves out: bringing it to the agent (`stepping.py`).
"""

from collections.abc import Sequence

from beadwork.executions import Ask, AskKind, Question
from beadwork.workflows.views import RefusalCode, Refused


def fitted(ask: Ask, texts: Sequence[str]) -> tuple[str, ...] | Refused:
    """Give one text for each question, choices by their own label; or why they do not fit.

    A choice is named by its label, in any case, or by its number from 1; several by commas between them. A
    question takes any other text as it is, a request for permission only its choices.
    """
    if len(texts) != len(ask.questions):
        words = f"Questions: {len(ask.questions)}. Answers: {len(texts)}. Give one answer for each question."
        return Refused(RefusalCode.NO_CHOICE, words)
    answers = []
    for question, text in zip(ask.questions, texts, strict=True):
        answer = _answer(question, text.strip(), free=ask.kind is AskKind.QUESTION)
        if not answer:
            return Refused(RefusalCode.NO_CHOICE, _wanted(question, text))
        answers.append(answer)
    return tuple(answers)


def _answer(question: Question, text: str, *, free: bool) -> str:
    """Give what `text` means, or nothing when it is no answer."""
    if whole := _label(question, text):
        return whole
    if question.several and "," in text:
        parts = [part.strip() for part in text.split(",") if part.strip()]
        labels = [_label(question, part) or (part if free else "") for part in parts]
        return ", ".join(dict.fromkeys(labels)) if all(labels) else ""
    return text if free else ""


def _label(question: Question, text: str) -> str:
    labels = [choice.label for choice in question.choices]
    for label in labels:
        if label.casefold() == text.casefold():
            return label
    if text.isascii() and text.isdigit() and 1 <= int(text) <= len(labels):
        return labels[int(text) - 1]
    return ""


def _wanted(question: Question, text: str) -> str:
    said = f"{text!r} is no answer here" if text.strip() else "The answer is empty"
    if not question.choices:
        return f"{said}: say something."
    choices = ", ".join(f"{number} {choice.label}" for number, choice in enumerate(question.choices, 1))
    return f"{said}. The choices are: {choices}."
