"""What a running agent asks a person, and what a person tells a run; as data.

What it leaves out: keeping them (`store.py`, `inbox.py`), and the agent's own way to ask (`agents/`).
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import cast

import attrs


class AskKind(StrEnum):
    """What sort of answer is wanted."""

    QUESTION = "question"
    """The agent wants to know something; any text is an answer."""
    PERMISSION = "permission"
    """The agent wants to do something that needs approval; one of the choices is the answer."""


class Permit(StrEnum):
    """The answers to a request for permission, as a person reads and gives them."""

    ONCE = "Allow once"
    RUN = "Allow for this run"
    PROJECT = "Always allow in this project"
    DENY = "Deny"
    NEVER = "Never allow in this project"


@attrs.frozen
class Choice:
    """One of the answers that the agent offers."""

    label: str
    description: str = ""


@attrs.frozen
class Question:
    """One thing that is asked."""

    text: str
    choices: tuple[Choice, ...] = ()
    several: bool = False
    """Whether several of the choices may be given; they are then joined by `, `."""


@attrs.frozen
class Ask:
    """What an agent waits for. It is kept with its run until it is answered."""

    id: str
    """The agent's own id of the request."""
    kind: AskKind
    questions: tuple[Question, ...]
    """At least one; a request for permission has exactly one."""
    tool: str = ""
    """With PERMISSION: the tool's name in the agent's words."""
    title: str = ""
    """With PERMISSION: the call as one line, such as the command."""

    @property
    def text(self) -> str:
        """What is asked, as one text for a person."""
        return "\n".join(question.text for question in self.questions)


def ask_of(data: Mapping[str, object]) -> Ask:
    """Give the Ask that `attrs.asdict` made `data` of. Raises ValueError, KeyError or TypeError."""
    questions = [cast("Mapping[str, object]", each) for each in cast("list[object]", data["questions"])]
    return Ask(
        id=str(data["id"]),
        kind=AskKind(str(data["kind"])),
        questions=tuple(
            Question(
                text=str(question["text"]),
                choices=tuple(
                    Choice(str(choice["label"]), str(choice["description"]))
                    for choice in cast("list[Mapping[str, object]]", question["choices"])
                ),
                several=question["several"] is True,
            )
            for question in questions
        ),
        tool=str(data["tool"]),
        title=str(data["title"]),
    )


class MessageKind(StrEnum):
    """What a person sends to a run."""

    TELL = "tell"
    ANSWER = "answer"


@attrs.frozen
class Message:
    """Something that a person said to a run; it waits in the store until the worker has taken it."""

    kind: MessageKind
    texts: tuple[str, ...]
    """With TELL one text; with ANSWER one per question, in their order."""
    ask: str = ""
    """With ANSWER: the id of the Ask."""
    number: int = 0
    """Given by the store, rising."""
    at: float = 0.0
    """Seconds since the epoch; given by the store."""
