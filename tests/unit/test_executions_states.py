"""The states of executions through the real store, against a model that knows only the table."""

import asyncio
import re
import tempfile
from pathlib import Path

import attrs
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule

from beadwork.executions import (
    FINAL,
    UNFINISHED,
    Again,
    AlreadyActive,
    Ask,
    AskKind,
    IllegalTransition,
    Intent,
    Order,
    Question,
    Queue,
    Reason,
    State,
    Store,
    Worker,
    recover,
    this_worker,
)
from beadwork.executions.model import TRANSITIONS
from beadwork.state_folder import StateFolder

GONE = Worker(2**22 + 1, 2.0, "another boot")
ASK = Ask("ask-1", AskKind.QUESTION, (Question("Which one?"),))
RESTING = {State.NEEDS_INPUT, State.PAUSED}
PAGE = Path(__file__).parents[2] / "docs" / "architecture.md"


def test_the_page_shows_the_table_of_states() -> None:
    """docs/architecture.md and the one table say the same, for every state."""
    found = re.findall(r"^\| `(\w+)` \| .+ \| (.+) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    shown = {name: set(re.findall(r"`(\w+)`", following)) for name, following in found}
    assert shown == {state.value: {each.value for each in TRANSITIONS[state]} for state in State}


@attrs.define
class Modelled:
    """What the model knows of one execution."""

    number: int
    bead: str
    state: State = State.QUEUED
    intent: Intent | None = None
    session: str = ""
    worker: Worker | None = None
    asks: bool = False
    rank: float = 0.0
    attempt: int = 1
    retry_of: str = ""
    retried_by: str = ""
    started: bool = False
    resumed: int = 0

    @property
    def live(self) -> bool:
        """Whether a worker is at it."""
        return self.worker is not None and self.state in {State.RUNNING, State.NEEDS_INPUT}

    def rest(self, state: State, *, asks: bool) -> None:
        """Come to rest, without worker and intent."""
        self.state, self.asks, self.worker, self.intent = state, asks, None, None


class Executions(RuleBasedStateMachine):
    """Orders, claims, asks, rests, intents, ends, retries and lost workers in any order."""

    runs = Bundle("runs")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.state = StateFolder(Path(self.folder.name))
        self.store = Store(self.state.database)
        self.model: dict[str, Modelled] = {}

    def teardown(self) -> None:
        """Let go of the store."""
        self.store.close()
        self.folder.cleanup()

    def _in(self, *states: State) -> list[str]:
        return [run for run, known in self.model.items() if known.state in states]

    def _unfinished(self, bead: str) -> list[str]:
        return [run for run in self._in(*UNFINISHED) if self.model[run].bead == bead]

    def _first_rank(self) -> float:
        return min(0.0, *(self.model[run].rank for run in self._in(State.QUEUED)), 0.0) - 1.0

    def _added(self, run: str, bead: str, before: str = "") -> None:
        attempt = self.model[before].attempt + 1 if before else 1
        self.model[run] = Modelled(len(self.model), bead, attempt=attempt, retry_of=before)
        if before:
            self.model[before].retried_by = run

    @rule(target=runs, bead=st.sampled_from(["a", "b", "c", "d"]))
    def add(self, bead: str) -> object:
        """Queue a bead, unless it has a run that is not finished."""
        if self._unfinished(bead):
            with pytest.raises(AlreadyActive):
                self.store.add(Order("/p", bead, bead))
            return multiple()
        run = self.store.add(Order("/p", bead, bead)).id
        self._added(run, bead)
        return run

    @rule(target=runs, run=runs)
    def retry(self, run: str) -> object:
        """Queue the next attempt of a finished one, once."""
        known = self.model[run]
        order = Order("/p", known.bead, known.bead)
        if self._unfinished(known.bead) or known.retried_by:
            with pytest.raises(AlreadyActive):
                self.store.add(order, retry_of=run)
            return multiple()
        again = self.store.add(order, retry_of=run).id
        self._added(again, known.bead, run)
        return again

    @rule(slots=st.integers(0, 3), gone=st.booleans())
    def claim(self, slots: int, *, gone: bool) -> None:
        """Claim the first one while there are slots, as a worker that lives or as one that will be gone."""
        queued = sorted(
            self._in(State.QUEUED), key=lambda run: (self.model[run].rank, self.model[run].number)
        )
        worker = GONE if gone else this_worker()
        live = sum(known.live for known in self.model.values())
        assert self.store.startable(Queue(slots)) == max(0, min(slots - live, len(queued)))
        claimed = self.store.claim(worker, Queue(slots))
        if live >= slots or not queued:
            assert claimed is None
            return
        assert claimed is not None
        assert claimed.id == queued[0]
        known = self.model[claimed.id]
        known.state, known.worker, known.started = State.RUNNING, worker, True

    @rule(run=runs, session=st.text(max_size=3))
    def note(self, run: str, session: str) -> None:
        """Note something of a live one."""
        if not self.model[run].live:
            with pytest.raises(IllegalTransition):
                self.store.note(run, session=session)
            return
        self.store.note(run, session=session)
        self.model[run].session = session.encode("utf-8", "replace").decode()

    @rule(run=runs)
    def begin_ask(self, run: str) -> None:
        """Ask a person while it runs."""
        known = self.model[run]
        if known.state is not State.RUNNING:
            with pytest.raises(IllegalTransition):
                self.store.begin_ask(run, ASK)
            return
        self.store.begin_ask(run, ASK)
        known.state, known.asks = State.NEEDS_INPUT, True

    @rule(run=runs)
    def end_ask(self, run: str) -> None:
        """Go on with an answer, or without having asked."""
        known = self.model[run]
        if not known.live:
            with pytest.raises(IllegalTransition):
                self.store.end_ask(run)
            return
        self.store.end_ask(run)
        known.state, known.asks = State.RUNNING, False

    @rule(run=runs, intent=st.sampled_from(Intent))
    def intend(self, run: str, intent: Intent) -> None:
        """Say that one is to end."""
        self.store.intend(run, intent)
        known = self.model[run]
        if known.state in FINAL or (known.live and known.intent is not None):
            return
        if known.live:
            known.intent = intent
        elif intent is not Intent.PAUSE:
            known.state, known.intent, known.asks = State.CANCELLED, intent, False
        elif known.state is State.QUEUED:
            known.state = State.PAUSED

    @rule(run=runs, state=st.sampled_from(State), asks=st.booleans())
    def finish(self, run: str, state: State, *, asks: bool) -> None:
        """Write how one ended, or that it rests, where the table and the present state allow it."""
        known = self.model[run]
        fields = {"ask": ASK} if asks and state is State.NEEDS_INPUT else {}
        if not known.live or state not in TRANSITIONS[State.RUNNING]:
            with pytest.raises(IllegalTransition):
                self.store.finish(run, state, reason=Reason.DEFECT, summary="", **fields)  # type: ignore[arg-type]
            return
        self.store.finish(run, state, reason=Reason.DEFECT, summary="", **fields)  # type: ignore[arg-type]
        if state in RESTING:
            known.rest(state, asks=bool(fields))
        else:
            known.state, known.asks = state, False

    @rule(target=runs, run=runs)
    def fail_for_what_passes(self, run: str) -> object:
        """End one with its next attempt; after an intent there is none."""
        known = self.model[run]
        if not known.live:
            return multiple()
        again = Again(Order("/p", known.bead, known.bead), not_before=0.0)
        done = self.store.finish(run, State.FAILED, reason=Reason.PASSING, summary="", again=again)
        known.state, known.asks = State.FAILED, False
        if known.intent is not None:
            assert done.retried_by == ""
            return multiple()
        self._added(done.retried_by, known.bead, run)
        return done.retried_by

    @rule(run=runs)
    def requeue(self, run: str) -> None:
        """Let a resting one go on, before all others."""
        known = self.model[run]
        if known.live or known.state not in RESTING:
            with pytest.raises(IllegalTransition):
                self.store.requeue(run)
            return
        rank = self._first_rank()
        self.store.requeue(run)
        known.resumed += known.started
        known.state, known.asks, known.rank = State.QUEUED, False, rank

    @rule(run=runs)
    def move_first(self, run: str) -> None:
        """Put a queued one before all others."""
        if self.model[run].state is not State.QUEUED:
            with pytest.raises(IllegalTransition):
                self.store.move_first(run)
            return
        rank = self._first_rank()
        self.store.move_first(run)
        self.model[run].rank = rank

    @rule()
    def lose_workers(self) -> None:
        """Recover: those whose worker is gone end or rest, as what is known of them says; others stay."""
        lost = [run for run, known in self.model.items() if known.live and known.worker == GONE]
        assert {run.id for run in asyncio.run(recover(self.store, self.state))} == set(lost)
        for run in lost:
            known = self.model[run]
            match known.intent:
                case Intent.PAUSE if known.session:
                    known.rest(State.PAUSED, asks=False)
                case None if known.asks and known.session:
                    known.rest(State.NEEDS_INPUT, asks=True)
                case Intent.CANCEL:
                    known.state = State.CANCELLED
                case Intent.TIMEOUT | Intent.SILENCE:
                    known.state = State.TIMEOUT
                case _:
                    known.state = State.FAILED
            known.asks = known.asks and known.state is State.NEEDS_INPUT

    @rule()
    def reopen(self) -> None:
        """Another process sees the same."""
        self.store.close()
        self.store = Store(self.state.database)

    @invariant()
    def agree(self) -> None:
        """The store says what the model says."""
        assert {
            run: (
                known.state,
                known.intent,
                known.session,
                known.worker,
                known.asks,
                (known.attempt, known.retry_of, known.retried_by, known.resumed),
            )
            for run, known in self.model.items()
        } == {
            run.id: (
                run.state,
                run.intent,
                run.session,
                run.worker,
                run.ask is not None,
                (run.attempt, run.retry_of, run.retried_by, run.resumed),
            )
            for run in self.store.list(limit=10_000)
        }
        live = sum(known.live for known in self.model.values())
        assert self.store.counts() == (live, len(self._in(State.QUEUED)))

    @invariant()
    def hold(self) -> None:
        """What live, resting, ended and unfinished mean holds for every row."""
        runs = self.store.list(limit=10_000)
        for run in runs:
            assert run.worker is None or run.started_at is not None
            assert run.state is not State.RUNNING or run.live
            assert run.state is not State.PAUSED or run.worker is None
            assert run.state not in FINAL or (run.ended_at is not None and run.ask is None)
            assert run.live == (run.id in {each.id for each in self.store.live()})
        unfinished = [run.order.bead for run in runs if run.state in UNFINISHED]
        assert len(unfinished) == len(set(unfinished))


TestExecutions = Executions.TestCase
TestExecutions.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
