"""Scripts for the scripted agent: what may stand in them, and the check before one is played.

A script is a JSON file, `{"steps": [STEP, …]}`. A step is an object with one of these keys:

| step | what the agent does |
|---|---|
| `{"say": TEXT}`, `{"think": TEXT}` | says or thinks it |
| `{"write": FILE, "text": TEXT}` | writes a file of the checkout (`append` adds to it) |
| `{"replace": FILE, "old": TEXT, "new": TEXT}` | replaces text in a file |
| `{"run": COMMAND}` | runs a shell command in the checkout; a failure is reported, and the script goes on |
| `{"commit": MESSAGE}` | commits everything |
| `{"keep_prompt": FILE}` | writes down the prompt it was given |
| `{"pause": SECONDS}` | waits, for a person to follow |
| `{"stall": true}`, `{"stall": true, "until": FILE}` | does nothing for ever, or until there is such a file |
| `{"hear": true}` | waits for a message, and repeats it |
| `{"question": TEXT, "choices": [LABEL, …]}` | asks, waits in its turn, and says `The answer was: …` |
| `{"permission": TOOL, "title": TEXT}` | wants leave, waits, and says `Allowed: TITLE` or `Denied: TITLE` |
| `{"silent": SECONDS}` | calls a tool that says nothing for so long |
| `{"spend": USD}` | has spent so much more, and fails when that is beyond its budget |
| `{"fail_until": N, "fail": SUMMARY}` | fails and ends in attempts before the Nth in this home |
| `{"ignore_signals": true}` | is deaf to interrupt, terminate and hang-up from here on |
| `{"grandchild": SECONDS}` | leaves a process in a session of its own, its environment empty |
| `{"garbage": WHAT}` | prints `nul`, `utf-8` (broken), `half` (an event), `array`, `unknown`, or base64 |
| `{"long_line": N}`, `{"flood": N}` | says N characters in one line; prints N bytes of noise |
| `{"answer": OBJECT}`, `{"answer_text": TEXT}` | answers a schema of the caller's with it |
| `{"done": SUMMARY}`, `{"fail": SUMMARY}`, `{"refuse": WHY}` | gives that result |
| `{"blocked": BLOCKER}`, `{"ask": QUESTION}` | gives that result |
| `{"exit": CODE}` | ends at once |

A `grandchild` with `"deaf": true` ignores signals, with `"holds_output": true` keeps our output open.
A `question` with `"several": true` takes several choices; with `"until": FILE` it, or a `permission`, is
taken back when there is such a file. A `silent` with `"limit": SECONDS` says that its tool has that limit. A
`fail` or `fail_until` with `"passing": true` failed for what passes by itself.

It keeps in its home which step its session is in. Resumed, it says `Resumed with: PROMPT` and goes on after
that step, whatever came of it; a question or permission that was open takes the prompt for its answer. With
no step left it gives its last result again.

A result does not end the script: `done` and then `stall` is an agent that hangs after its result. A script
that ends without a result is an agent that died. What it leaves out: playing (`scripted_program.py`).
"""

import difflib
import json
from collections.abc import Mapping
from pathlib import Path

import attrs

from beadwork.agents.port import AgentError


class ScriptError(AgentError):
    """A script cannot be read or played."""

    code = "agent-script"


_TEXT, _YES, _NUMBER, _COUNT = "a text", "true", "a number of at least 0", "a whole number of at least 0"
_TEXTS, _OBJECT = "a list of texts", "an object"


@attrs.frozen
class _Shape:
    value: str
    needed: tuple[str, ...] = ()
    optional: Mapping[str, str] = attrs.field(factory=dict)


_SHAPES = {
    **dict.fromkeys(("say", "think", "run", "commit", "keep_prompt", "garbage"), _Shape(_TEXT)),
    **dict.fromkeys(("done", "refuse", "blocked", "ask"), _Shape(_TEXT)),
    "fail_until": _Shape(_COUNT, needed=("fail",), optional={"passing": _YES}),
    "answer": _Shape(_OBJECT),
    "answer_text": _Shape(_TEXT),
    "fail": _Shape(_TEXT, optional={"passing": _YES}),
    **dict.fromkeys(("write", "append"), _Shape(_TEXT, optional={"text": _TEXT})),
    **dict.fromkeys(("hear", "ignore_signals"), _Shape(_YES)),
    **dict.fromkeys(("long_line", "flood", "exit"), _Shape(_COUNT)),
    "replace": _Shape(_TEXT, needed=("old", "new")),
    "question": _Shape(_TEXT, optional={"choices": _TEXTS, "several": _YES, "until": _TEXT}),
    "permission": _Shape(_TEXT, needed=("title",), optional={"until": _TEXT}),
    "silent": _Shape(_NUMBER, optional={"limit": _NUMBER}),
    **dict.fromkeys(("pause", "spend"), _Shape(_NUMBER)),
    "stall": _Shape(_YES, optional={"until": _TEXT}),
    "grandchild": _Shape(_NUMBER, optional={"deaf": _YES, "holds_output": _YES}),
}
STEPS = frozenset(_SHAPES)
"""The names of all steps."""


def read_script(path: Path) -> list[dict[str, object]]:
    """Give the checked steps of the script at `path`.

    Raises ScriptError, which names the file, the step by its number from 1, and what is wrong with it.
    """
    try:
        script = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ScriptError(f"The script {path} cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise ScriptError(f"The script {path} is not valid JSON: {error}.") from error
    steps = script.get("steps") if isinstance(script, dict) else None
    if not isinstance(steps, list):
        raise ScriptError(f'The script {path} must be an object with a list: {{"steps": [...]}}.')
    for number, step in enumerate(steps, 1):
        if trouble := _trouble(step):
            raise ScriptError(f"The script {path} cannot be played: step {number} {trouble}.")
    return steps


def _trouble(step: object) -> str:
    if not isinstance(step, dict) or not step:
        return f'must be an object such as {{"say": "hello"}}, but is {json.dumps(step)[:80]}'
    names = [key for key in step if key in _SHAPES]
    if not names:
        return _unknown(str(next(iter(step))))
    if "fail_until" in names:
        names = ["fail_until"]
    if len(names) > 1:
        return f"has more than one action: {', '.join(f'`{name}`' for name in names)}"
    name = names[0]
    shape = _SHAPES[name]
    wanted = {name: shape.value, **dict.fromkeys(shape.needed, _TEXT), **shape.optional}
    for key, value in step.items():
        if key not in wanted:
            return f"(`{name}`) knows no `{key}`"
        if not _fits(wanted[key], value):
            return f"(`{name}`) needs {wanted[key]} as `{key}`, not {json.dumps(value)[:80]}"
    missing = [key for key in shape.needed if key not in step]
    return f"(`{name}`) needs `{missing[0]}` too" if missing else ""


def _unknown(name: str) -> str:
    near = difflib.get_close_matches(name, STEPS, n=1)
    return f"is unknown (`{name}`)" + (f"; did you mean `{near[0]}`?" if near else "")


def _fits(wanted: str, value: object) -> bool:
    if wanted == _TEXT:
        return isinstance(value, str)
    if wanted == _YES:
        return value is True
    if wanted == _OBJECT:
        return isinstance(value, dict)
    if wanted == _TEXTS:
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    if isinstance(value, bool) or not isinstance(value, int if wanted == _COUNT else int | float):
        return False
    return value >= 0
