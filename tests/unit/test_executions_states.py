"""The states of executions through the real store, against a model that knows only the table."""

import tempfile
from pathlib import Path

import attrs
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from beadwork.executions import (
    AlreadyActive,
    IllegalTransition,
    Intent,
    Order,
    Queue,
    Reason,
    State,
    Store,
    Worker,
)
from beadwork.executions.model import TRANSITIONS

WORKER = Worker(1, 2.0, "boot")


@attrs.define
class Modelled:
    """What the model knows of one execution."""

    bead: str
    state: State = State.QUEUED
    intent: Intent | None = None
    session: str = ""


class Executions(RuleBasedStateMachine):
    """Orders, claims, notes, intents and ends in any order."""

    runs = Bundle("runs")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.store = Store(Path(self.folder.name) / "x.sqlite3")
        self.model: dict[str, Modelled] = {}

    def teardown(self) -> None:
        """Let go of the store."""
        self.store.close()
        self.folder.cleanup()

    def _in(self, *states: State) -> list[str]:
        return [run for run, known in self.model.items() if known.state in states]

    @rule(target=runs, bead=st.sampled_from(["a", "b", "c", "d"]))
    def add(self, bead: str) -> str:
        """Queue a bead, unless it is active."""
        active = [run for run in self._in(State.QUEUED, State.RUNNING) if self.model[run].bead == bead]
        if active:
            with pytest.raises(AlreadyActive):
                self.store.add(Order("/p", bead, bead))
            return active[0]
        run = self.store.add(Order("/p", bead, bead)).id
        self.model[run] = Modelled(bead)
        return run

    @rule(slots=st.integers(0, 3))
    def claim(self, slots: int) -> None:
        """Claim the oldest queued one while there are slots."""
        queued = self._in(State.QUEUED)
        claimed = self.store.claim(WORKER, Queue(slots))
        if len(self._in(State.RUNNING)) >= slots or not queued:
            assert claimed is None
            return
        assert claimed is not None
        assert claimed.id == queued[0]
        self.model[claimed.id].state = State.RUNNING

    @rule(run=runs, session=st.text(max_size=3))
    def note(self, run: str, session: str) -> None:
        """Note something of a running one."""
        if self.model[run].state is not State.RUNNING:
            with pytest.raises(IllegalTransition):
                self.store.note(run, session=session)
            return
        self.store.note(run, session=session)
        self.model[run].session = session.encode("utf-8", "replace").decode()

    @rule(run=runs, intent=st.sampled_from(Intent))
    def intend(self, run: str, intent: Intent) -> None:
        """Say that one is to end."""
        self.store.intend(run, intent)
        known = self.model[run]
        if known.intent is not None or not TRANSITIONS[known.state]:
            return
        known.intent = intent
        if known.state is not State.RUNNING:
            known.state = State.CANCELLED

    @rule(run=runs, state=st.sampled_from(State))
    def finish(self, run: str, state: State) -> None:
        """Write how one ended, where the table and the present state allow it."""
        known = self.model[run]
        if known.state is State.RUNNING and state in TRANSITIONS[State.RUNNING]:
            self.store.finish(run, state, reason=Reason.DEFECT, summary="")
            known.state = state
            return
        with pytest.raises(IllegalTransition):
            self.store.finish(run, state, reason=Reason.DEFECT, summary="")

    @rule()
    def reopen(self) -> None:
        """Another process sees the same."""
        self.store.close()
        self.store = Store(Path(self.folder.name) / "x.sqlite3")

    @invariant()
    def agree(self) -> None:
        """The store says what the model says."""
        runs = {run.id: run for run in self.store.list(limit=10_000)}
        assert {run: (known.state, known.intent, known.session) for run, known in self.model.items()} == {
            run.id: (run.state, run.intent, run.session) for run in runs.values()
        }
        assert self.store.counts() == (len(self._in(State.RUNNING)), len(self._in(State.QUEUED)))

    @invariant()
    def hold(self) -> None:
        """What running, ended and active mean holds for every row."""
        runs = self.store.list(limit=10_000)
        for run in runs:
            assert (run.worker is not None) == (run.started_at is not None)
            assert run.state is not State.RUNNING or run.worker == WORKER
            assert (run.ended_at is not None) == (run.state not in {State.QUEUED, State.RUNNING})
        active = [run.order.bead for run in runs if run.active]
        assert len(active) == len(set(active))


TestExecutions = Executions.TestCase
TestExecutions.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
