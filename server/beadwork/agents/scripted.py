"""The scripted agent: plays a script in a real process in a real box, with no model at all.

It serves the demo and the tests of faults, and is called scripted wherever a person sees it. What a script
may hold is said in `script.py`. What it leaves out: thought.
"""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

from beadwork.agents.boxed_run import BoxedRun, LastWords
from beadwork.agents.json_line import parse_object
from beadwork.agents.port import (
    AgentEvent,
    AgentName,
    AgentRun,
    AgentTask,
    Asked,
    AskedChoice,
    AskedQuestion,
    Capabilities,
    Denied,
    Outcome,
    OutcomeKind,
    Remark,
    Said,
    Spent,
    ToolCalled,
    ToolReturned,
    Withdrawn,
)
from beadwork.agents.script import ScriptError, read_script
from beadwork.runners import Box, Probe, Runner

_PROGRAM = Path(__file__).with_name("scripted_program.py")
_PASSED = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TERM", "USER", "LOGNAME")
_SHOWN = 200
_TOO_MUCH = 1e15
"""Nothing that is counted here comes near it."""
_KEPT = ".scripted-agent.json"
"""What `scripted_program.py` calls the file in its home."""


class ScriptedAgent:
    """Plays the script in the file `script`; `environment` is the user's, of which little is taken."""

    def __init__(self, script: Path, environment: Mapping[str, str] | None = None) -> None:
        self._script = script
        self._environment = dict(os.environ if environment is None else environment)
        self._python = Path(sys.executable).resolve()

    @property
    def name(self) -> AgentName:
        """Scripted."""
        return AgentName.SCRIPTED

    @property
    def label(self) -> str:
        """Say plainly that no model is at work."""
        return "scripted agent (no model)"

    @property
    def capabilities(self) -> Capabilities:
        """Everything that the port knows."""
        return Capabilities(
            resume=True, schema=True, cost=True, chosen_session=True, tell=True, ask=True, budget=True
        )

    def readable(self) -> tuple[Path, ...]:
        """Give the program and the Python that plays it; the script itself goes in by its input."""
        return (_PROGRAM, Path(sys.base_prefix).resolve())

    async def probe(self) -> Probe:
        """Check the script."""
        try:
            steps = read_script(self._script)
        except ScriptError as error:
            return Probe(works=False, reason=error.message)
        return Probe(works=True, reason=f"{self.label} plays {self._script}, {len(steps)} steps.")

    def check(self) -> None:
        """Read the script. Raises ScriptError."""
        read_script(self._script)

    def resumable(self, session: str, home: Path) -> bool:
        """Whether the file in `home` knows the session."""
        file = home / _KEPT
        if not session or file.is_symlink() or not file.is_file():
            return False
        try:
            sessions = parse_object(file.read_text("utf-8")).get("sessions")
        except (OSError, ValueError):
            return False
        return isinstance(sessions, dict) and session in sessions

    async def start(self, task: AgentTask, runner: Runner, box: Box) -> AgentRun:
        """Start to play. Raises ScriptError and RunnerError."""
        steps = read_script(self._script)
        named = {name: self._environment[name] for name in _PASSED if self._environment.get(name)}
        environment = {"PATH": os.defpath, "LANG": "C.UTF-8", **named, "PYTHONDONTWRITEBYTECODE": "1"}
        process = await runner.start(box, [str(self._python), "-I", str(_PROGRAM)], environment)
        order = {
            "prompt": task.prompt,
            "steps": steps,
            "session": task.session,
            "resume": task.resume,
            "budget_usd": task.budget_usd,
            "home": str(box.home),
        }
        return BoxedRun(process, ScriptedDialect(task.resume or task.session), first=_line(order))


class ScriptedDialect:
    """The small format that `scripted_program.py` prints; `session` is the one it plays in."""

    def __init__(self, session: str = "") -> None:
        self._session = session
        self._result: Outcome | None = None
        self._open: dict[str, Asked] = {}

    @property
    def concluded(self) -> bool:
        """Whether a result was read."""
        return self._result is not None

    def message(self, text: str) -> bytes:
        """Spell a message."""
        return _line({"tell": text})

    def answer(self, request: str, texts: Sequence[str]) -> bytes:
        """Spell an answer."""
        if request not in self._open or self._open[request].permission:
            return b""
        del self._open[request]
        return _line({"request": request, "answer": list(texts)})

    def permit(self, request: str, *, allow: bool, message: str) -> bytes:
        """Spell leave, or that there is none."""
        if request not in self._open or not self._open[request].permission:
            return b""
        del self._open[request]
        return _line({"request": request, "permit": allow, "message": message})

    def reply(self) -> bytes:
        """It wants nothing at once."""
        return b""

    def interrupt(self) -> bytes:
        """There is no such word: it is ended by signals, as a rude agent is."""
        return b""

    def read(self, line: str) -> list[AgentEvent]:
        """Give what one line means."""
        try:
            return self._event(parse_object(line))
        except (ValueError, KeyError):
            return [Remark(f"Not an event: {line[:_SHOWN]}", problem=True)]

    def outcome(self, last: LastWords) -> Outcome:
        """Give the result, or say that there was none."""
        if self._result is not None:
            return self._result
        how = "it was still there" if last.exit_code is None else f"exit code {last.exit_code}"
        words = f"The scripted agent ended without a result ({how})."
        return Outcome(OutcomeKind.FAILED, words, session=self._session)

    def _event(self, event: dict[str, object]) -> list[AgentEvent]:
        match event["event"]:
            case "said":
                return [Said(str(event["text"]), thinking=event.get("thinking") is True)]
            case "called":
                call, tool, title = (str(event[key]) for key in ("call", "tool", "title"))
                data, limit = event["data"], _number(event, "limit")
                return [ToolCalled(call, tool, title, data if isinstance(data, dict) else {}, limit=limit)]
            case "returned":
                return [ToolReturned(str(event["call"]), event["ok"] is True, str(event["text"]))]
            case "asked":
                return self._ask(event)
            case "withdrawn":
                request = str(event["request"])
                return [Withdrawn(request)] if self._open.pop(request, None) is not None else []
            case "denied":
                return [Denied(str(event["tool"]), str(event["title"]), str(event["reason"]))]
            case "spent":
                read, written = (int(_number(event, key) or 0) for key in ("input_tokens", "output_tokens"))
                return [Spent(_number(event, "usd"), read, written)]
            case "result":
                self._result = self._outcome(event)
                return []
            case other:
                return [Remark(f"An unknown event: {str(other)[:_SHOWN]}")]

    def _ask(self, event: dict[str, object]) -> list[AgentEvent]:
        given = event["questions"]
        if not isinstance(given, list) or not given or not all(isinstance(each, dict) for each in given):
            raise ValueError("no questions")
        asked = Asked(
            request=str(event["request"]),
            questions=tuple(map(_question, given)),
            permission=event["permission"] is True,
            tool=str(event["tool"]),
            title=str(event["title"]),
        )
        self._open[asked.request] = asked
        return [asked]

    def _outcome(self, event: dict[str, object]) -> Outcome:
        summary, blocker, question = (str(event[key]) for key in ("summary", "blocker", "question"))
        kind = OutcomeKind(str(event["kind"]))
        return Outcome(
            kind,
            summary or kind.value,
            blocker=blocker,
            question=question,
            session=self._session,
            passing=event.get("passing") is True,
            over_budget=event.get("over_budget") is True,
            typed=True,
            answer=event.get("answer"),
            text=summary,
        )


def _question(fields: dict[str, object]) -> AskedQuestion:
    choices = fields.get("choices")
    labels = [str(label) for label in choices] if isinstance(choices, list) else []
    return AskedQuestion(
        str(fields.get("text", "")), tuple(map(AskedChoice, labels)), several=fields.get("several") is True
    )


def _number(event: dict[str, object], key: str) -> float | None:
    value = event.get(key)
    known = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < _TOO_MUCH
    return float(cast("float", value)) if known else None


def _line(message: Mapping[str, object]) -> bytes:
    return json.dumps(message).encode() + b"\n"
