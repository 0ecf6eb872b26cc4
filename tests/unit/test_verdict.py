"""How a run of work is judged: who ended it decides, then what went wrong, then evidence, then words."""

import errno

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beadwork.agents import Denied, Outcome, OutcomeKind
from beadwork.beads import BeadTaken, TrackerLocked
from beadwork.checkouts import BranchMoved, Commit, Evidence, Returned
from beadwork.executions import Ask, AskKind, Intent, Question, Reason, State
from beadwork.gates import Gate, GateReport, GateResult, GateState
from beadwork.workflows.working.verdict import Facts, Halt, Unpublished, conclusion_of, judge, reason_of

DONE = Outcome(OutcomeKind.DONE, "Mended the sum.")
COMMITTED = Evidence("b" * 40, (Commit("b" * 40, "demo-1: mend"),), (), " a | 1 +")
NOTHING = Evidence("a" * 40, (), (), "")
ASK = Ask("ask-1", AskKind.QUESTION, (Question("Which colour?"),))
RETURNED = Returned("bead/demo-1", "b" * 40)


def test_commits_that_came_back_are_completed_work() -> None:
    """The one way to be completed."""
    verdict = judge(Facts(outcome=DONE, evidence=COMMITTED, returned=RETURNED))
    assert (verdict.state, verdict.reason) == (State.COMPLETED, Reason.VERIFIED)
    assert verdict.summary == "Mended the sum."


def test_done_without_a_commit_is_not_done() -> None:
    """What an agent says of itself is no evidence."""
    verdict = judge(Facts(outcome=DONE, evidence=NOTHING))
    assert (verdict.state, verdict.reason) == (State.FAILED, Reason.NO_COMMIT)


def test_done_after_a_denied_commit_names_what_was_denied() -> None:
    """The person learns why nothing was committed, and what opens it."""
    denied = (Denied("Bash", "git commit -m x", "requires approval"),)
    verdict = judge(Facts(outcome=DONE, evidence=NOTHING, denied=denied))
    assert verdict.reason is Reason.DENIED
    assert "git commit -m x" in verdict.summary
    assert "`allow`" in verdict.summary


def test_commits_that_cannot_come_back_are_not_completed() -> None:
    """The work is kept where it is, and the reason is said."""
    moved = BranchMoved("bead/demo-1 went on elsewhere; merge it first.")
    verdict = judge(Facts(outcome=DONE, evidence=COMMITTED, return_error=moved))
    assert (verdict.state, verdict.reason) == (State.FAILED, Reason.CHECKOUT)
    assert "went on elsewhere" in verdict.summary


def test_a_cancelled_run_is_cancelled_whatever_the_agent_said() -> None:
    """Claude reports success when it is ended by SIGTERM; the intent knows better."""
    verdict = judge(Facts(halt=Halt(Intent.CANCEL), outcome=DONE, evidence=COMMITTED, returned=RETURNED))
    assert verdict.state is State.CANCELLED
    assert "1 commit of it: see bead/demo-1." in verdict.summary


def test_what_is_left_uncommitted_is_said() -> None:
    """Nothing of the agent's is passed over in silence."""
    evidence = Evidence("b" * 40, COMMITTED.commits, ("a.py", "b.py"), "")
    verdict = judge(Facts(outcome=DONE, evidence=evidence, returned=RETURNED))
    assert verdict.state is State.COMPLETED
    assert "2 paths left uncommitted" in verdict.summary


@pytest.mark.parametrize(
    ("kind", "state", "reason"),
    [
        (OutcomeKind.BLOCKED, State.BLOCKED, Reason.AGENT_BLOCKED),
        (OutcomeKind.NEEDS_INPUT, State.NEEDS_INPUT, Reason.AGENT_ASKS),
        (OutcomeKind.FAILED, State.FAILED, Reason.AGENT_FAILED),
        (OutcomeKind.REFUSED, State.FAILED, Reason.AGENT_REFUSED),
    ],
)
def test_an_outcome_other_than_done_is_believed(kind: OutcomeKind, state: State, reason: Reason) -> None:
    """An agent that says that it did not manage has no reason to lie, even with commits."""
    verdict = judge(Facts(outcome=Outcome(kind, "why"), evidence=COMMITTED, returned=RETURNED))
    assert (verdict.state, verdict.reason) == (state, reason)
    assert "why" in verdict.summary


FAILED = Outcome(OutcomeKind.FAILED, "why")


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        (attrs.evolve(FAILED, passing=True), Reason.PASSING),
        (attrs.evolve(FAILED, over_budget=True), Reason.BUDGET),
        (FAILED, Reason.AGENT_FAILED),
    ],
)
def test_a_failure_is_known_by_its_cause(outcome: Outcome, reason: Reason) -> None:
    """What passes by itself, and what cost too much, are other reasons than a failure of the agent's."""
    verdict = judge(Facts(outcome=outcome, evidence=NOTHING))
    assert (verdict.state, verdict.reason) == (State.FAILED, reason)


def test_who_limits_or_pauses_a_run_says_how_it_ended() -> None:
    """Silence is a timeout of its own kind; a pause is no end."""
    silent = judge(Facts(halt=Halt(Intent.SILENCE), outcome=DONE))
    assert (silent.state, silent.reason) == (State.TIMEOUT, Reason.SILENT)
    paused = judge(Facts(halt=Halt(Intent.PAUSE), evidence=COMMITTED, returned=RETURNED))
    assert (paused.state, paused.reason) == (State.PAUSED, Reason.PAUSED)


@pytest.mark.parametrize(
    ("halt", "state"),
    [
        (None, State.NEEDS_INPUT),
        (Halt(Intent.PAUSE), State.NEEDS_INPUT),
        (Halt(None), State.NEEDS_INPUT),
        (Halt(Intent.CANCEL), State.CANCELLED),
        (Halt(Intent.TIMEOUT), State.TIMEOUT),
    ],
)
def test_a_question_outlives_its_agent_unless_the_run_is_ended(halt: Halt | None, state: State) -> None:
    """A pause or a machine that goes down takes no question away."""
    assert judge(Facts(halt=halt, ask=ASK, evidence=NOTHING)).state is state


def test_a_bead_that_was_overtaken_is_a_reason_of_its_own() -> None:
    """Nothing was done, and nothing is wrong."""
    verdict = judge(Facts(error=BeadTaken("demo-1 is claimed by eve."), overtaken=True))
    assert (verdict.state, verdict.reason) == (State.FAILED, Reason.OVERTAKEN)


def test_errors_keep_their_family_and_a_full_disk_comes_first() -> None:
    """Scripts compare reasons, so each stands for one thing."""
    full = TrackerLocked("held")
    full.__cause__ = OSError(errno.ENOSPC, "No space left on device")
    assert reason_of(TrackerLocked("held")) is Reason.TRACKER
    assert reason_of(full) is Reason.STORAGE
    assert reason_of(BranchMoved("moved")) is Reason.CHECKOUT
    assert conclusion_of(OSError(errno.ENOSPC, "No space left on device")).reason is Reason.STORAGE


GATE = Gate("test", "make test")
PASSED = GateReport("b" * 40, (GateResult(GATE, GateState.PASSED, 0, 1.0, "", ""),))
FAILING = GateReport(
    "b" * 40, (GateResult(GATE, GateState.FAILED, 2, 1.0, "1 of 2 failed\n\n", "/state/output.txt"),)
)


@pytest.mark.parametrize("gates", [None, PASSED, GateReport("b" * 40)])
def test_gates_that_pass_or_are_not_there_leave_work_completed(gates: GateReport | None) -> None:
    """What the agent said is the summary; what became of the gates stands beside it."""
    verdict = judge(Facts(outcome=DONE, evidence=COMMITTED, returned=RETURNED, gates=gates))
    assert (verdict.state, verdict.summary) == (State.COMPLETED, "Mended the sum.")


def test_a_gate_that_fails_fails_the_work_and_says_which_and_how() -> None:
    """The commits are on the branch all the same, and that is said."""
    verdict = judge(Facts(outcome=DONE, evidence=COMMITTED, returned=RETURNED, gates=FAILING))
    assert (verdict.state, verdict.reason) == (State.FAILED, Reason.GATES_FAILED)
    assert "test: make test failed (exit code 2)." in verdict.summary
    assert "/state/output.txt" not in verdict.summary, "a bead that others read is told it"
    assert "“1 of 2 failed”" in verdict.summary
    assert "1 commit of it: see bead/demo-1." in verdict.summary


def test_gates_of_an_earlier_turn_do_not_judge_a_run_that_somebody_ended() -> None:
    """Nor one whose agent failed after it."""
    halted = judge(Facts(halt=Halt(Intent.CANCEL), evidence=COMMITTED, returned=RETURNED, gates=FAILING))
    assert halted.state is State.CANCELLED
    failed = judge(Facts(outcome=FAILED, evidence=COMMITTED, returned=RETURNED, gates=FAILING))
    assert failed.reason is Reason.AGENT_FAILED


def test_work_that_was_to_be_published_and_is_not_is_not_done() -> None:
    """Gates come first: what fails is not published."""
    facts = Facts(outcome=DONE, evidence=COMMITTED, returned=RETURNED, gates=PASSED)
    unpublished = judge(attrs.evolve(facts, unpublished=Unpublished(Reason.REMOTE, "origin is gone.")))
    assert (unpublished.state, unpublished.reason) == (State.FAILED, Reason.REMOTE)
    assert unpublished.summary.startswith("The work is done, but not published: origin is gone.")
    published = judge(attrs.evolve(facts, published="Published bead/demo-1."))
    assert published.summary == "Mended the sum. Published bead/demo-1."


outcomes = st.none() | st.builds(Outcome, st.sampled_from(OutcomeKind), st.text(min_size=1))
evidences = st.none() | st.sampled_from([COMMITTED, NOTHING, Evidence("b" * 40, (), ("a",), "")])
halts = st.none() | st.builds(Halt, st.none() | st.sampled_from(Intent))
errors = st.none() | st.sampled_from([TrackerLocked("held"), OSError(errno.EIO, "I/O error")])


@given(
    halts,
    errors,
    outcomes,
    evidences,
    st.none() | st.just(RETURNED),
    st.sampled_from([None, PASSED, FAILING]),
)
def test_completed_needs_everything(
    halt: Halt | None,
    error: TrackerLocked | OSError | None,
    outcome: Outcome | None,
    evidence: Evidence | None,
    returned: Returned | None,
    gates: GateReport | None,
) -> None:
    """Whatever is known: completed means a done agent, commits, the branch back, nothing failing, no end."""
    facts = Facts(halt=halt, error=error, outcome=outcome, evidence=evidence, returned=returned, gates=gates)
    verdict = judge(facts)
    good = outcome is not None and outcome.kind is OutcomeKind.DONE
    committed = evidence is not None and bool(evidence.commits)
    unhindered = halt is None and error is None and gates is not FAILING
    expected = unhindered and good and committed and returned is not None
    assert (verdict.state is State.COMPLETED) == expected
    assert verdict.summary.strip()
