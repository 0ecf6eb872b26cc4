"""What Claude Code says of its own work: the schema it is asked to fill, and how its result is judged.

A result is a success only with subtype `success` and without `is_error`. The typed form comes first; the
final text with a line `BLOCKED: …` is the fallback. What it leaves out: every event before the result.
"""

import json
import re
from collections.abc import Mapping

from beadwork.agents.boxed_run import LastWords
from beadwork.agents.port import Outcome, OutcomeKind

SCHEMA = json.dumps(
    {
        "type": "object",
        "properties": {
            "status": {
                "type": "string",
                "enum": ["done", "blocked", "needs_input", "failed"],
                "description": "done only when the work is complete and committed",
            },
            "summary": {"type": "string", "description": "what was done and how it was checked"},
            "blocker": {"type": "string", "description": "with blocked: what stands in the way"},
            "question": {"type": "string", "description": "with needs_input: what you must know to go on"},
        },
        "required": ["status", "summary"],
    },
    separators=(",", ":"),
)

_BLOCKED = re.compile(r"^[\s>#*_`-]*BLOCKED[*_`]*\s*:[*_`]*\s*(?P<blocker>\S.*)$", re.MULTILINE)
_KINDS = {
    "done": OutcomeKind.DONE,
    "blocked": OutcomeKind.BLOCKED,
    "needs_input": OutcomeKind.NEEDS_INPUT,
    "failed": OutcomeKind.FAILED,
}
_OVER_BUDGET = "error_max_budget_usd"
_LIMITS = {
    "error_max_turns": "It reached its limit of turns before the work was done.",
    _OVER_BUDGET: "It reached its limit of cost before the work was done.",
    "error_max_structured_output_retries": "It could not give its result in the form that was asked for.",
    "error_during_execution": "It stopped in the middle of its work.",
}
_LOGIN_STATUS = (401, 403)
_PASSING_STATUS = frozenset({408, 429})
_SERVER_FAULT = 500
_OUT_OF_REACH = re.compile(
    r"Unable to connect to API \(|Request timed out|Connection error|Stream idle timeout"
    r"|socket connection was closed"
)
"""How a network that fails is told; a certificate that is refused is told otherwise, and stays refused."""


def succeeded(result: Mapping[str, object]) -> bool:
    """Whether a result event says that the agent came to an end of its own."""
    return result.get("subtype") == "success" and not result.get("is_error")


def outcome_of(
    result: Mapping[str, object] | None, session: str, last: LastWords, *, own_schema: bool = False
) -> Outcome:
    """Judge a run by its result event, or by its absence; `own_schema` says that it was asked for another."""
    if result is None:
        return Outcome(OutcomeKind.FAILED, _without_result(last), session=session)
    if result.get("stop_reason") == "refusal":
        return Outcome(OutcomeKind.REFUSED, _text(result) or "The model refused the task.", session=session)
    if not succeeded(result):
        return Outcome(
            OutcomeKind.FAILED,
            _failure(result),
            session=session,
            passing=_passes(result),
            over_budget=result.get("subtype") == _OVER_BUDGET,
        )
    output = result.get("structured_output")
    if own_schema:
        return _answered(output, _text(result), session, last)
    return _typed(output, session) or _untyped(_text(result), session, last)


def _answered(output: object, text: str, session: str, last: LastWords) -> Outcome:
    """Take the answer to a schema of the caller's as it is: what it means is not ours to judge."""
    if output is None and _from_outside(last):
        return _ended_from_outside(session, last)
    return Outcome(
        OutcomeKind.DONE,
        text or "It gave its answer.",
        session=session,
        typed=output is not None,
        answer=output,
        text=text,
    )


def _typed(output: object, session: str) -> Outcome | None:
    if not isinstance(output, Mapping):
        return None
    kind = _KINDS.get(str(output.get("status")))
    if kind is None:
        return None
    summary, blocker, question = (_string(output, key) for key in ("summary", "blocker", "question"))
    return Outcome(
        kind,
        summary or blocker or question or "It gave no summary.",
        blocker=(blocker or summary or "It did not say what.") if kind is OutcomeKind.BLOCKED else "",
        question=(question or summary or "It did not say what.") if kind is OutcomeKind.NEEDS_INPUT else "",
        session=session,
        typed=True,
    )


def _untyped(text: str, session: str, last: LastWords) -> Outcome:
    if _from_outside(last):
        return _ended_from_outside(session, last)
    if not text:
        return Outcome(OutcomeKind.FAILED, "It ended without a word about its work.", session=session)
    if found := _BLOCKED.search(text):
        blocker = found["blocker"].strip(" *_`")
        return Outcome(OutcomeKind.BLOCKED, text, blocker=blocker or text, session=session)
    return Outcome(OutcomeKind.DONE, text, session=session)


def _from_outside(last: LastWords) -> bool:
    """Whether somebody else ended it: it may report a success on its way out."""
    return last.exit_code not in (None, 0) and not last.ended_by_us


def _ended_from_outside(session: str, last: LastWords) -> Outcome:
    words = f"Claude Code was ended from outside ({_exit(last)}) before its work was done."
    return Outcome(OutcomeKind.FAILED, words, session=session)


def _failure(result: Mapping[str, object]) -> str:
    said = _text(result) or _errors(result)
    subtype = str(result.get("subtype"))
    if subtype != "success":
        words = _LIMITS.get(subtype, f"It ended with `{subtype}`.")
        return f"{words} {said}".strip()
    if result.get("api_error_status") in _LOGIN_STATUS:
        return (
            f"The model API did not accept the login: {said or 'no reason given'}. Start `claude` once to "
            "renew it, or set CLAUDE_CODE_OAUTH_TOKEN or ANTHROPIC_API_KEY."
        )
    return f"Claude Code could not go on: {said or 'it gave no reason'}"


def _passes(result: Mapping[str, object]) -> bool:
    """Whether it failed for an API that is overloaded or out of reach: that is told as a success in error."""
    if result.get("subtype") != "success":
        return False
    status = result.get("api_error_status")
    if isinstance(status, int):
        return status in _PASSING_STATUS or status >= _SERVER_FAULT
    return _OUT_OF_REACH.search(_text(result)) is not None


def _without_result(last: LastWords) -> str:
    words = f"Claude Code ended without a result ({_exit(last)})."
    line = last.stderr.splitlines()[-1].strip() if last.stderr else ""
    return f"{words} It said: {line}" if line else words


def _exit(last: LastWords) -> str:
    if last.exit_code is None:
        return "it was still there"
    if last.exit_code < 0:
        return f"signal {-last.exit_code}"
    return f"exit code {last.exit_code}"


def _text(result: Mapping[str, object]) -> str:
    return _string(result, "result")


def _errors(result: Mapping[str, object]) -> str:
    errors = result.get("errors")
    return "; ".join(str(error) for error in errors) if isinstance(errors, list) else ""


def _string(fields: Mapping[str, object], key: str) -> str:
    value = fields.get(key)
    return value.strip() if isinstance(value, str) else ""
