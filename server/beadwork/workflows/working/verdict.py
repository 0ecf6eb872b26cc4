"""How a run of work ended, from what is known of it: evidence first, words after.

Pure: no file, no process. What it leaves out: finding the facts (`work.py`) and telling them (`telling/`).
"""

import attrs

from beadwork.agents import AgentError, Denied, Outcome, OutcomeKind
from beadwork.beads import TrackerError
from beadwork.checkouts import CheckoutError, Evidence, Returned
from beadwork.context import PromptError
from beadwork.errors import BeadworkError
from beadwork.executions import (
    Ask,
    Conclusion,
    Intent,
    Reason,
    State,
    conclusion_of_intent,
    reason_of_error,
)
from beadwork.gates import GateError, GateReport, Standing
from beadwork.settings import SettingsError
from beadwork.workflows.gating.telling import sentence_of as gates_in_words

_SHOWN = 200
"""Characters of a gate's last line that a summary repeats."""


@attrs.frozen
class Halt:
    """The run was stopped from outside."""

    intent: Intent | None
    """Who stopped it wanted this; None when it was a bare signal, as when a machine goes down."""


@attrs.frozen
class Unpublished:
    """Why work that was to be published is not."""

    reason: Reason
    words: str


@attrs.frozen
class Facts:
    """What is known when the agent has ended, by whatever way."""

    halt: Halt | None = None
    error: BeadworkError | OSError | None = None
    """What went wrong on our side, if anything did."""
    overtaken: bool = False
    """With an error: whether it is that the bead was closed, deleted or taken before the work began."""
    ask: Ask | None = None
    """What the agent waited for when it was ended, if it did."""
    outcome: Outcome | None = None
    """What the agent said of its own work."""
    denied: tuple[Denied, ...] = ()
    evidence: Evidence | None = None
    """None when there is no checkout, or it could not be looked at."""
    returned: Returned | None = None
    """None when there was nothing to bring back, or it could not be."""
    return_error: CheckoutError | None = None
    unresolved: str = ""
    """Where the branch's base was to be brought into it: what is missing for that, as a sentence."""
    gates: GateReport | None = None
    """What became of the gates; None where none were to run, or they did not come to their end."""
    published: str = ""
    """Where it was to be published and is: a sentence about it."""
    unpublished: Unpublished | None = None
    """Where it was to be published and is not."""


@attrs.frozen
class Verdict:
    """How it ended."""

    state: State
    reason: Reason
    summary: str
    """For a person; also says what became of the work."""


def judge(facts: Facts) -> Verdict:
    """Give the verdict: who ended the run decides, then what went wrong, then evidence, then words."""
    verdict = _how_it_ended(facts)
    return attrs.evolve(verdict, summary=" ".join([verdict.summary, *_what_is_there(facts, verdict)]))


def _how_it_ended(facts: Facts) -> Verdict:
    return _broken_off(facts) or _by_its_outcome(facts)


def _broken_off(facts: Facts) -> Verdict | None:
    """Give the verdict on what did not come to its own end."""
    if facts.ask is not None and facts.error is None and _may_wait(facts.halt):
        return _asks(facts.ask.text)
    if facts.halt is not None:
        return _halted(facts.halt)
    if facts.error is None:
        return None
    reason = Reason.OVERTAKEN if facts.overtaken else reason_of(facts.error)
    return Verdict(State.FAILED, reason, sentence_of(facts.error))


def _by_its_outcome(facts: Facts) -> Verdict:
    if facts.outcome is None:
        return Verdict(State.FAILED, Reason.AGENT_FAILED, "The agent ended without a result.")
    match facts.outcome.kind:
        case OutcomeKind.DONE:
            return _said_done(facts, facts.outcome)
        case OutcomeKind.BLOCKED:
            words = facts.outcome.blocker or facts.outcome.summary
            return Verdict(State.BLOCKED, Reason.AGENT_BLOCKED, f"Blocked: {_sentence(words)}")
        case OutcomeKind.NEEDS_INPUT:
            return _asks(facts.outcome.question or facts.outcome.summary)
        case OutcomeKind.FAILED:
            return Verdict(State.FAILED, _reason_of_failure(facts.outcome), _sentence(facts.outcome.summary))
        case OutcomeKind.REFUSED:
            return Verdict(State.FAILED, Reason.AGENT_REFUSED, f"The agent refused: {facts.outcome.summary}")


def _may_wait(halt: Halt | None) -> bool:
    """Whether a question outlives its agent: only who cancels a run, or a limit, takes it away."""
    return halt is None or halt.intent in {None, Intent.PAUSE}


def _asks(words: str) -> Verdict:
    return Verdict(State.NEEDS_INPUT, Reason.AGENT_ASKS, f"The agent asks: {_sentence(words)}")


def _reason_of_failure(outcome: Outcome) -> Reason:
    if outcome.over_budget:
        return Reason.BUDGET
    return Reason.PASSING if outcome.passing else Reason.AGENT_FAILED


def _halted(halt: Halt) -> Verdict:
    match halt.intent:
        case None:
            return Verdict(State.FAILED, Reason.INTERRUPTED, "Interrupted: its worker was told to end.")
        case intent:
            ended = conclusion_of_intent(intent)
            return Verdict(ended.state, ended.reason, ended.summary)


def _said_done(facts: Facts, outcome: Outcome) -> Verdict:
    if facts.evidence is None:
        return Verdict(State.FAILED, Reason.CHECKOUT, "The agent said done, but its checkout cannot be read.")
    if not facts.evidence.commits and facts.denied:
        calls = "; ".join(denied.title for denied in facts.denied[:3])
        return Verdict(
            State.FAILED,
            Reason.DENIED,
            f"The agent said done, but nothing was committed: it was denied {calls}. "
            "The sandbox needs no such permission; without it, the setting `allow` gives one.",
        )
    if not facts.evidence.commits:
        return Verdict(State.FAILED, Reason.NO_COMMIT, "The agent said done, but nothing was committed.")
    if facts.returned is None:
        why = facts.return_error.message if facts.return_error else "It could not be fetched."
        return Verdict(
            State.FAILED, Reason.CHECKOUT, f"The work is committed, but only in its checkout. {why}"
        )
    if facts.unresolved:
        return Verdict(State.FAILED, Reason.CONFLICT, f"The agent said done, but: {facts.unresolved}")
    if facts.gates is not None and facts.gates.standing is Standing.FAILED:
        return Verdict(State.FAILED, Reason.GATES_FAILED, _failing(facts.gates))
    if facts.unpublished is not None:
        words = f"The work is done, but not published: {_sentence(facts.unpublished.words)}"
        return Verdict(State.FAILED, facts.unpublished.reason, words)
    words = " ".join(filter(None, [_sentence(outcome.summary), facts.published]))
    return Verdict(State.COMPLETED, Reason.VERIFIED, words)


def _failing(report: GateReport) -> str:
    """Say which gate fails and how it ends; all of its end is in the run's results and on the bead."""
    words = f"The agent said done, but its gates do not pass. {gates_in_words(report)}"
    lines = [line.strip() for line in report.failed[0].tail.splitlines() if line.strip()]
    return f"{words} Its last words: “{lines[-1][:_SHOWN]}”." if lines else words


def _what_is_there(facts: Facts, verdict: Verdict) -> list[str]:
    said = []
    evidence = facts.evidence
    if evidence and evidence.commits and verdict.state is not State.COMPLETED and facts.returned:
        said.append(f"{_count(len(evidence.commits), 'commit')} of it: see {facts.returned.branch}.")
    if evidence and evidence.leftovers:
        paths = _count(len(evidence.leftovers), "path")
        said.append(f"{paths} left uncommitted in the checkout.")
    if facts.return_error and verdict.reason is not Reason.CHECKOUT:
        said.append(f"The commits are only in the checkout. {facts.return_error.message}")
    return said


def reason_of(error: BeadworkError | OSError) -> Reason:
    """Give the reason that stands for an error of ours; a full disk below it comes first."""
    reason = reason_of_error(error)
    match error:
        case _ if reason is not Reason.DEFECT:
            return reason
        case TrackerError():
            return Reason.TRACKER
        case CheckoutError():
            return Reason.CHECKOUT
        case GateError():
            return Reason.GATES_FAILED
        case AgentError() | SettingsError() | PromptError():
            return Reason.AGENT_FAILED
        case _:
            return reason


def conclusion_of(error: BeadworkError | OSError) -> Conclusion:
    """Give the end of a run whose job could not even begin, or broke off."""
    return Conclusion(State.FAILED, reason_of(error), sentence_of(error))


def sentence_of(error: BeadworkError | OSError) -> str:
    """Give an error's words for a person."""
    if isinstance(error, BeadworkError):
        return error.message
    where = f" ({error.filename})" if error.filename else ""
    return f"{error.strerror or error}{where}."


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
