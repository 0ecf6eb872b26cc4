"""The scripted agent: plays a script in a real process in a real box, with no model at all.

It serves the demo and the tests of faults, and is called scripted wherever a person sees it. What a script
may hold is said in `script.py`. What it leaves out: thought.
"""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from beadwork.agents.boxed_run import BoxedRun, LastWords
from beadwork.agents.json_line import parse_object
from beadwork.agents.port import (
    AgentEvent,
    AgentName,
    AgentRun,
    AgentTask,
    Capabilities,
    Outcome,
    OutcomeKind,
    Remark,
    Said,
    ToolCalled,
    ToolReturned,
)
from beadwork.agents.script import ScriptError, read_script
from beadwork.runners import Box, Probe, Runner

_PROGRAM = Path(__file__).with_name("scripted_program.py")
_PASSED = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TERM", "USER", "LOGNAME")
_SHOWN = 200


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
        """It can be told things, takes its session's id, and gives a typed result; it resumes nothing."""
        return Capabilities(schema=True, chosen_session=True, tell=True)

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

    async def start(self, task: AgentTask, runner: Runner, box: Box) -> AgentRun:
        """Start to play. Raises ScriptError and RunnerError."""
        steps = read_script(self._script)
        named = {name: self._environment[name] for name in _PASSED if self._environment.get(name)}
        environment = {"PATH": os.defpath, "LANG": "C.UTF-8", **named, "PYTHONDONTWRITEBYTECODE": "1"}
        process = await runner.start(box, [str(self._python), "-I", str(_PROGRAM)], environment)
        first = json.dumps({"prompt": task.prompt, "steps": steps}).encode() + b"\n"
        return BoxedRun(process, ScriptedDialect(), first=first)


class ScriptedDialect:
    """The small format that `scripted_program.py` prints."""

    def __init__(self) -> None:
        self._result: Outcome | None = None

    @property
    def concluded(self) -> bool:
        """Whether a result was read."""
        return self._result is not None

    def message(self, text: str) -> bytes:
        """Spell a message."""
        return json.dumps({"tell": text}).encode() + b"\n"

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
        return Outcome(OutcomeKind.FAILED, f"The scripted agent ended without a result ({how}).")

    def _event(self, event: dict[str, object]) -> list[AgentEvent]:
        match event["event"]:
            case "said":
                return [Said(str(event["text"]), thinking=event.get("thinking") is True)]
            case "called":
                call, tool, title = (str(event[key]) for key in ("call", "tool", "title"))
                data = event["data"]
                return [ToolCalled(call, tool, title, data if isinstance(data, dict) else {})]
            case "returned":
                return [ToolReturned(str(event["call"]), event["ok"] is True, str(event["text"]))]
            case "result":
                summary, blocker, question = (str(event[key]) for key in ("summary", "blocker", "question"))
                kind = OutcomeKind(str(event["kind"]))
                self._result = Outcome(
                    kind, summary or kind.value, blocker=blocker, question=question, typed=True
                )
                return []
            case other:
                return [Remark(f"An unknown event: {str(other)[:_SHOWN]}")]
