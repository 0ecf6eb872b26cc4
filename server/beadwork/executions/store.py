"""The store: one SQLite file with a row for each execution, shared by every process of the user.

Each change is one transaction that looks at the present state first (`where state = old`), so of two that
would change the same row, one wins and the other is told. What it leaves out: processes and logs; what is
only asked (`queries.py`); what is kept beside the executions (`inbox.py`, `walk_store.py`, `cost_store.py`).
"""

import time
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs

from beadwork.executions import rows
from beadwork.executions.asking import Ask
from beadwork.executions.cost_store import Costs
from beadwork.executions.inbox import Inbox
from beadwork.executions.model import (
    FINAL,
    AlreadyActive,
    Execution,
    IllegalTransition,
    Intent,
    Order,
    Phase,
    Reason,
    State,
    Worker,
    require_transition,
)
from beadwork.executions.queries import LATEST, UNFINISHED, Queries, Queue
from beadwork.executions.walk_store import Walks
from beadwork.storage import Database

_RESTING = frozenset({State.NEEDS_INPUT, State.PAUSED})


@attrs.frozen
class Again:
    """The next attempt of an order, queued in the same transaction that ends the one before."""

    order: Order
    not_before: float


class Store(Queries):
    """All executions of a user. Every method is quick; use it from one thread at a time."""

    def __init__(self, path: Path) -> None:
        """Open the store at `path`, or make it, readable by its user alone.

        Raises StoreDamaged when it is no store, StoreError when it cannot be read or written, or is of a
        newer Beadwork.
        """
        super().__init__(Database(path, rows.STORE))
        self.inbox = Inbox(self._db)
        """What people said to runs."""
        self.walks = Walks(self._db)
        """The walks through ready beads."""
        self.costs = Costs(self._db)
        """What they cost."""

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def add(
        self, order: Order, *, now: float | None = None, retry_of: str = "", not_before: float = 0.0
    ) -> Execution:
        """Queue an order; with `retry_of`, as the next attempt of that execution, which then names it.

        It may begin at `not_before` at the earliest, at the latest a day from now.

        Raises AlreadyActive when its bead has an execution that is not finished, or the one to be retried has
        been retried by another; ExecutionNotFound.
        """
        with self._db.changing():
            return self._add(order, time.time() if now is None else now, retry_of, not_before)

    def insert(self, *executions: Execution) -> None:
        """Put executions in as they are, for a store that is made anew. Raises StoreError if one is there."""
        with self._db.changing():
            for execution in executions:
                self._insert(execution)

    def claim(self, worker: Worker, queue: Queue) -> Execution | None:
        """Make the next queued execution `worker`'s, if one may begin now; else None.

        It becomes running, in phase preparing, with its worker recorded, in one step.
        """
        with self._db.changing():
            queued = self._startable(queue)
            if not queued:
                return None
            fields = {"phase": Phase.PREPARING, "started_at": time.time(), **rows.worker_columns(worker)}
            return self._move(queued[0], State.RUNNING, fields)

    def note(self, run: str, **fields: object) -> Execution:
        """Write what is known by now of a live execution: phase, session, branch, cost, log …

        Raises IllegalTransition when it is not live, TypeError for a field that is not to be noted.
        """
        _require_noteworthy(fields)
        with self._db.changing():
            present = self._get(run)
            if not present.live:
                raise IllegalTransition(
                    f"Run {run[:8]} is {present.state}; only a running one can be written to."
                )
            return self._update(present, fields)

    def begin_ask(self, run: str, ask: Ask) -> Execution:
        """Write that the agent of a running execution waits for an answer."""
        with self._db.changing():
            return self._move(self._get(run), State.NEEDS_INPUT, {"ask": ask})

    def end_ask(self, run: str) -> Execution:
        """Write that a live execution waits no more; one that does not wait stays as it is.

        Raises IllegalTransition when it is not live.
        """
        with self._db.changing():
            present = self._get(run)
            if present.state is State.RUNNING:
                return present
            if not present.live:
                raise IllegalTransition(f"Run {run[:8]} is {present.state}, and nobody works on it.")
            return self._move(present, State.RUNNING, {"ask": None})

    def requeue(self, run: str) -> Execution:
        """Queue a resting execution again, before all others, to go on where it stopped.

        Raises IllegalTransition when it is not resting: not paused, and not waiting without a worker.
        """
        with self._db.changing():
            present = self._get(run)
            if present.live:
                raise IllegalTransition(f"Run {run[:8]} is {present.state}, and its worker is at it.")
            fields = {
                "reason": None,
                "ended_at": None,
                "intent": None,
                "intent_at": None,
                "ask": None,
                "phase": None,
                "told": False,
                "rank": self._first_rank(),
                "resumed": present.resumed + (1 if present.started_at is not None else 0),
            }
            return self._move(present, State.QUEUED, fields)

    def move_first(self, run: str) -> Execution:
        """Put a queued execution before all others. Raises IllegalTransition when it is not queued."""
        with self._db.changing():
            present = self._get(run)
            if present.state is not State.QUEUED:
                raise IllegalTransition(f"Run {run[:8]} is {present.state}, not queued.")
            return self._update(present, {"rank": self._first_rank(), "not_before": 0.0})

    def cancel_queued(self, walk: str) -> Sequence[Execution]:
        """Cancel what is queued of a walk, and give it; what runs by now goes on."""
        with self._db.changing():
            queued = self._rows("state = 'queued' AND walk = :walk ORDER BY number", {"walk": walk})
            return tuple(self._cancel(run, Intent.CANCEL) for run in queued)

    def mark_told(self, run: str) -> Execution:
        """Write that the bead has been told how an execution ended, in whatever state it is."""
        with self._db.changing():
            return self._update(self._get(run), {"told": True})

    def mark_blocked(self, run: str, blocker: str) -> Execution:
        """Write which bead stands for what blocked an execution, in whatever state it is."""
        with self._db.changing():
            return self._update(self._get(run), {"blocked_by": blocker})

    def intend(self, run: str, intent: Intent) -> Execution:
        """Say that an execution is about to be ended, and why; the first to say so wins.

        One that nobody works on becomes cancelled, or a queued one paused, at once. One that has ended stays
        as it is, and so does a resting one that is to be paused.
        """
        with self._db.changing():
            present = self._get(run)
            if present.state in FINAL or (present.live and present.intent is not None):
                return present
            if present.live:
                return self._update(present, {"intent": intent, "intent_at": time.time()})
            if intent is not Intent.PAUSE:
                return self._cancel(present, intent)
            if present.state is not State.QUEUED:
                return present
            words = "Paused before it started."
            return self._move(present, State.PAUSED, {"reason": Reason.PAUSED, "summary": words})

    def finish(
        self,
        run: str,
        state: State,
        *,
        reason: Reason,
        summary: str,
        again: Again | None = None,
        **fields: object,
    ) -> Execution:
        """Write how a live execution ended, or that it rests; with `again`, queue its next attempt as well,
        unless somebody meant to end it by now, or its walk has ended.

        A resting one lets go of its worker and of what it was ended for. Raises IllegalTransition when it is
        not live (any more).
        """
        _require_noteworthy(fields)
        with self._db.changing():
            present = self._get(run)
            if not present.live:
                raise IllegalTransition(f"Run {run[:8]} is {present.state}; it cannot become {state}.")
            if present.state is State.NEEDS_INPUT:
                present = self._move(present, State.RUNNING, {"ask": None})
            ended: dict[str, object] = {
                "reason": reason,
                "ended_at": time.time(),
                "ask": None,
                **fields,
                "summary": summary,
            }
            if state in _RESTING:
                ended |= {"intent": None, "intent_at": None, **rows.worker_columns(None)}
            done = self._move(present, state, ended)
            if again is None or present.intent is not None or self.walks.has_ended(again.order.walk):
                return done
            self._add(again.order, time.time(), run, again.not_before)
            return self._get(run)

    def mark_given(self, run: str, **results: object) -> Execution:
        """Add to what an execution gives beside its summary, in whatever state it is; not in its log."""
        with self._db.changing():
            present = self._get(run)
            return self._update(present, {"results": {**present.results, **results}})

    def forget(self, run: str) -> None:
        """Take a finished execution out of the store, with its messages; any other one stays."""
        finals = ", ".join(f"'{state.value}'" for state in FINAL)
        with self._db.changing():
            gone = self._db.execute(
                f"DELETE FROM execution WHERE id = :id AND state IN ({finals})",  # noqa: S608
                {"id": run},
            )
            if gone.rowcount:
                self._db.execute("DELETE FROM message WHERE run = :id", {"id": run})

    def _add(self, order: Order, now: float, retry_of: str, not_before: float) -> Execution:
        where = {"project": rows.column_value(order.project), "bead": rows.column_value(order.bead)}
        unfinished = f"project = :project AND bead = :bead AND {UNFINISHED}"
        for run in self._rows(unfinished, where):
            raise AlreadyActive(_in_the_way(run))
        if self._count(unfinished, also=where):
            raise AlreadyActive(f"{order.bead} has a run that only a newer Beadwork understands: see there.")
        before = self._get(retry_of) if retry_of else None
        if before is not None and before.retried_by:
            raise AlreadyActive(f"Run {before.id[:8]} has been retried: see run {before.retried_by[:8]}.")
        execution = Execution(
            id=str(uuid.uuid4()),
            order=order,
            state=State.QUEUED,
            queued_at=now,
            not_before=min(not_before, time.time() + LATEST),
            retry_of=retry_of,
            attempt=before.attempt + 1 if before else 1,
        )
        self._insert(execution)
        if before is not None:
            self._update(before, {"retried_by": execution.id})
        return self._get(execution.id)

    def _insert(self, execution: Execution) -> None:
        row = rows.row_of(execution)
        names = ", ".join(row)
        marks = ", ".join(f":{name}" for name in row)
        self._db.execute(f"INSERT INTO execution ({names}) VALUES ({marks})", row)  # noqa: S608  (own names)

    def _cancel(self, present: Execution, intent: Intent) -> Execution:
        fields: dict[str, object] = {"intent": intent, "intent_at": time.time()}
        # What its bead was told when it rested was not how it ended.
        fields |= {"reason": Reason.CANCELLED, "ended_at": time.time(), "told": False, "ask": None}
        started = present.started_at is not None
        fields |= {"summary": "Cancelled while it rested." if started else "Cancelled before it started."}
        return self._move(present, State.CANCELLED, fields)

    def _first_rank(self) -> float:
        found = self._db.execute("SELECT min(rank) FROM execution WHERE state = 'queued'").fetchone()
        return min(0.0, float(found[0] or 0.0)) - 1.0

    def _move(self, present: Execution, state: State, fields: Mapping[str, object]) -> Execution:
        require_transition(present.id, present.state, state)
        return self._update(present, {**fields, "state": state})

    def _update(self, present: Execution, fields: Mapping[str, object]) -> Execution:
        if fields:
            values = {name: rows.column_value(value) for name, value in fields.items()}
            assignments = ", ".join(f"{name} = :{name}" for name in values)
            changed = self._db.execute(
                f"UPDATE execution SET {assignments} WHERE id = :id_ AND state = :old_",  # noqa: S608
                {**values, "id_": present.id, "old_": present.state.value},
            )
            if changed.rowcount != 1:
                raise IllegalTransition(f"Run {present.id[:8]} is not {present.state} any more.")
        return self._get(present.id)


def _in_the_way(run: Execution) -> str:
    """Say why the bead of `run` can have no further one now, and what can be done."""
    name, bead = run.id[:8], run.order.bead if run.order.about_bead else run.order.title
    match run.state:
        case State.PAUSED:
            return f"{bead} has a paused run, {name}: resume it, or cancel it."
        case State.NEEDS_INPUT:
            return f"{bead} has a run that waits for an answer, {name}: answer it, or cancel it."
        case _:
            return f"{bead} is already being worked on: run {name} is {run.state}. Wait for it, or cancel it."


def _require_noteworthy(fields: Mapping[str, Any]) -> None:
    strange = sorted(set(fields) - rows.NOTEWORTHY)
    if strange:
        raise TypeError(f"not to be noted of an execution: {', '.join(strange)}")
