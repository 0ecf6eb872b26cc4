"""What Claude Code asks in the middle of its turn, and how it is answered: its control requests.

A question comes as leave for its tool AskUserQuestion, and the answer goes into that tool's input. A request
that is not understood is answered with an error at once, so that it never waits for what nobody can give.
What it leaves out: who answers, and which leave was given before.
"""

import json
from collections.abc import Mapping, Sequence

import attrs

from beadwork.agents.claude_title import Titles
from beadwork.agents.port import AgentEvent, Asked, AskedChoice, AskedQuestion, Remark, Withdrawn

QUESTION_TOOL = "AskUserQuestion"
_REFUSED = (
    "A person refused this. Do not try it in another way: go on without it, or end as blocked and say what "
    "you need it for."
)
_SHOWN = 200

Json = Mapping[str, object]


@attrs.frozen
class _Open:
    asked: Asked
    data: dict[str, object]
    call: str


class Requests:
    """The requests of one run that wait for a person."""

    def __init__(self, titles: Titles) -> None:
        self._titles = titles
        self._open: dict[str, _Open] = {}
        self._refused: dict[str, str] = {}
        self._replies = b""

    def take(self, event: Json) -> list[AgentEvent]:
        """Give what a `control_request` asks."""
        request, inner = event.get("request_id"), event.get("request")
        if not isinstance(request, str) or not request or not isinstance(inner, dict):
            return [Remark("It asked something that has no name to answer by.", problem=True)]
        if request in self._open:
            return []
        asked = self._asked(request, inner)
        if asked is None:
            return self._turn_away(request, str(inner.get("subtype")))
        data = inner["input"]
        call = inner.get("tool_use_id")
        self._open[request] = _Open(asked, dict(data), call if isinstance(call, str) else "")
        return [asked]

    def withdraw(self, event: Json) -> list[AgentEvent]:
        """Give what a `control_cancel_request` takes back."""
        request = event.get("request_id")
        if not isinstance(request, str) or self._open.pop(request, None) is None:
            return []
        return [Withdrawn(request)]

    def withdraw_all(self) -> list[AgentEvent]:
        """Take back whatever is open: the turn is over."""
        requests = tuple(self._open)
        self._open.clear()
        return [Withdrawn(request) for request in requests]

    def answer(self, request: str, texts: Sequence[str]) -> bytes:
        """Spell the answers to the questions of `request`; empty where none waits."""
        waiting = self._open.get(request)
        if waiting is None or waiting.asked.permission:
            return b""
        del self._open[request]
        questions = (question.text for question in waiting.asked.questions)
        answers = dict(zip(questions, texts, strict=False))
        return _allow(request, {**waiting.data, "answers": answers})

    def permit(self, request: str, *, allow: bool, message: str) -> bytes:
        """Spell leave for `request`, or that there is none; empty where it wants no leave."""
        waiting = self._open.get(request)
        if waiting is None or not waiting.asked.permission:
            return b""
        del self._open[request]
        if allow:
            return _allow(request, waiting.data)
        words = message or _REFUSED
        if waiting.call:
            self._refused[waiting.call] = words
        return _respond(request, {"behavior": "deny", "message": words})

    def refused(self, call: str) -> str:
        """Say in which words a person refused the tool call `call`; empty where nobody did."""
        return self._refused.get(call, "")

    def reply(self) -> bytes:
        """Take what has to be written back at once."""
        reply, self._replies = self._replies, b""
        return reply

    def _turn_away(self, request: str, subtype: str) -> list[AgentEvent]:
        words = f"Nobody here can answer a `{subtype[:_SHOWN]}` of this shape."
        response = {"subtype": "error", "request_id": request, "error": words}
        self._replies += _line({"type": "control_response", "response": response})
        return [Remark(f"It asked for what is not known here: `{subtype[:_SHOWN]}`.", problem=True)]

    def _asked(self, request: str, inner: Json) -> Asked | None:
        tool, data = inner.get("tool_name"), inner.get("input")
        if inner.get("subtype") != "can_use_tool" or not isinstance(tool, str) or not isinstance(data, dict):
            return None
        if tool == QUESTION_TOOL:
            questions = _questions(data.get("questions"))
            return Asked(request, questions) if questions else None
        title = self._titles.whole(tool, data)
        question = AskedQuestion(f"May {tool} be used: {title}")
        return Asked(request, (question,), permission=True, tool=tool, title=title)


def _questions(given: object) -> tuple[AskedQuestion, ...]:
    """Give the questions; none at all when one of them cannot be read."""
    questions = [_question(each) for each in given] if isinstance(given, list) else []
    return tuple(each for each in questions if each is not None) if all(questions) else ()


def _question(given: object) -> AskedQuestion | None:
    if not isinstance(given, dict):
        return None
    text, options = given.get("question"), given.get("options")
    if not isinstance(text, str) or not text.strip():
        return None
    given_choices = options if isinstance(options, list) else ()
    choices = [_choice(option) for option in given_choices if isinstance(option, dict)]
    named = tuple(choice for choice in choices if choice.label)
    return AskedQuestion(text, named, several=given.get("multiSelect") is True)


def _choice(option: Json) -> AskedChoice:
    label, description = option.get("label"), option.get("description")
    return AskedChoice(
        label if isinstance(label, str) else "", description if isinstance(description, str) else ""
    )


def _allow(request: str, data: Json) -> bytes:
    return _respond(request, {"behavior": "allow", "updatedInput": data})


def _respond(request: str, response: Json) -> bytes:
    inner = {"subtype": "success", "request_id": request, "response": response}
    return _line({"type": "control_response", "response": inner})


def _line(message: Json) -> bytes:
    return json.dumps(message).encode() + b"\n"
