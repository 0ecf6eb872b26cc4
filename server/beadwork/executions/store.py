"""The store: one SQLite file with a row for each execution, shared by every process of the user.

Each change is one transaction that looks at the present state first (`where state = old`), so of two that
would change the same row, one wins and the other is told. What it leaves out: processes and logs.
"""

import time
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from beadwork.executions import rows
from beadwork.executions.database import Database
from beadwork.executions.model import (
    AlreadyActive,
    Execution,
    ExecutionNotFound,
    IllegalTransition,
    Intent,
    Order,
    Phase,
    Reason,
    State,
    Worker,
    require_transition,
)

_UNATTENDED = frozenset({State.QUEUED, State.NEEDS_INPUT, State.PAUSED})
"""States without a worker: nobody has to be asked before such a row is cancelled."""


class Store:
    """All executions of a user. Every method is quick; use it from one thread at a time."""

    def __init__(self, path: Path) -> None:
        """Open the store at `path`, or make it, readable by its user alone.

        Raises StoreError when it cannot be read or written, is no store, or is of a newer Beadwork.
        """
        self._db = Database(path)

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def add(self, order: Order, *, now: float | None = None) -> Execution:
        """Queue an order. Raises AlreadyActive when its bead has a queued or running execution."""
        queued_at = time.time() if now is None else now
        execution = Execution(id=str(uuid.uuid4()), order=order, state=State.QUEUED, queued_at=queued_at)
        row = rows.row_of(execution)
        names = ", ".join(row)
        marks = ", ".join(f":{name}" for name in row)
        with self._db.changing():
            active = self._rows(
                "project = :project AND bead = :bead AND state IN ('queued', 'running')",
                {"project": row["project"], "bead": row["bead"]},
            )
            if active:
                raise AlreadyActive(
                    f"{order.bead} is already being worked on: run {active[0].id[:8]} is {active[0].state}. "
                    "Wait for it, or cancel it.",
                )
            self._db.execute(f"INSERT INTO execution ({names}) VALUES ({marks})", row)  # noqa: S608  (own names)
            return self._get(execution.id)

    def get(self, run: str) -> Execution:
        """Give the execution with exactly this id. Raises ExecutionNotFound."""
        with self._db.reading():
            return self._get(run)

    def find(self, prefix: str) -> Execution:
        """Give the execution whose id begins with `prefix`. Raises ExecutionNotFound for none, or several."""
        wanted = prefix.strip().lower()
        with self._db.reading():
            found = self._rows(
                "substr(id, 1, :size) = :prefix ORDER BY number DESC LIMIT 6",
                {"size": len(wanted), "prefix": wanted},
            )
        if not wanted or not found:
            raise ExecutionNotFound(f"There is no run {prefix!r}; `beadwork runs` lists them.")
        if len(found) > 1:
            some = ", ".join(f"{run.id[:12]} ({run.order.bead})" for run in found[:5])
            raise ExecutionNotFound(f"{prefix!r} is ambiguous: it could be {some}. Give more of the id.")
        return found[0]

    def list(
        self,
        *,
        project: str | None = None,
        bead: str = "",
        limit: int = 50,
        states: frozenset[State] | None = None,
    ) -> Sequence[Execution]:
        """Give executions, the newest first: of one project, of one bead, in some states, or all."""
        wanted = ", ".join(f"'{state.value}'" for state in states) if states is not None else ""
        conditions = ["1"]
        conditions += ["project = :project"] if project is not None else []
        conditions += ["bead = :bead"] if bead else []
        conditions += [f"state IN ({wanted})"] if states is not None else []
        with self._db.reading():
            return self._rows(
                " AND ".join(conditions) + " ORDER BY number DESC LIMIT :limit",
                {"project": project, "bead": bead, "limit": limit},
            )

    def newest_by_bead(self, project: str) -> Mapping[str, Execution]:
        """Give the newest execution of each bead of a project that has one, by the bead's id."""
        with self._db.reading():
            found = self._rows(
                "number IN (SELECT max(number) FROM execution WHERE project = :project GROUP BY bead)",
                {"project": project},
            )
        return {run.order.bead: run for run in found}

    def projects(self) -> Sequence[str]:
        """Give the folders that have executions, sorted."""
        with self._db.reading():
            found = self._db.execute("SELECT DISTINCT project FROM execution ORDER BY project").fetchall()
        return tuple(row["project"] for row in found)

    def counts(self) -> tuple[int, int]:
        """Give how many are running, and how many are queued."""
        with self._db.reading():
            return self._count(State.RUNNING), self._count(State.QUEUED)

    def claim(self, worker: Worker, slots: int) -> Execution | None:
        """Make the oldest queued execution `worker`'s, if fewer than `slots` are running; else None.

        It becomes running, in phase preparing, with its worker recorded, in one step.
        """
        with self._db.changing():
            if self._count(State.RUNNING) >= slots:
                return None
            queued = self._rows("state = 'queued' ORDER BY number LIMIT 1", {})
            if not queued:
                return None
            fields = {"phase": Phase.PREPARING, "started_at": time.time(), **rows.worker_columns(worker)}
            return self._move(queued[0], State.RUNNING, fields)

    def note(self, run: str, **fields: object) -> Execution:
        """Write what is known by now of a running execution: phase, session, branch, cost, log …

        Raises IllegalTransition when it is not running, TypeError for a field that is not to be noted.
        """
        _require_noteworthy(fields)
        with self._db.changing():
            present = self._get(run)
            if present.state is not State.RUNNING:
                raise IllegalTransition(
                    f"Run {run[:8]} is {present.state}; only a running one can be written to."
                )
            return self._update(present, fields)

    def mark_told(self, run: str) -> Execution:
        """Write that the bead has been told how an execution ended, in whatever state it is."""
        with self._db.changing():
            return self._update(self._get(run), {"told": True})

    def intend(self, run: str, intent: Intent) -> Execution:
        """Say that an execution is about to be ended, and why; the first to say so wins.

        One that nobody works on becomes cancelled at once. One that has ended stays as it is.
        """
        with self._db.changing():
            present = self._get(run)
            if present.intent is not None or present.state in _ended():
                return present
            fields = {"intent": intent, "intent_at": time.time()}
            if present.state not in _UNATTENDED:
                return self._update(present, fields)
            fields |= {"reason": Reason.CANCELLED, "ended_at": time.time()}
            fields |= {"summary": "Cancelled before it started."} if present.state is State.QUEUED else {}
            return self._move(present, State.CANCELLED, fields)

    def finish(self, run: str, state: State, *, reason: Reason, summary: str, **fields: object) -> Execution:
        """Write how a running execution ended. Raises IllegalTransition when it is not running (any more)."""
        _require_noteworthy(fields)
        with self._db.changing():
            present = self._get(run)
            if present.state is not State.RUNNING:
                raise IllegalTransition(f"Run {run[:8]} is {present.state}; it cannot become {state}.")
            ended = {"reason": reason, "ended_at": time.time(), **fields, "summary": summary}
            return self._move(present, state, ended)

    def signal(self) -> str:
        """Give a text that differs whenever the store was changed since, by whichever process; cheap."""
        with self._db.reading():
            return self._db.signal()

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

    def _get(self, run: str) -> Execution:
        found = self._rows("id = :id", {"id": run})
        if not found:
            raise ExecutionNotFound(f"There is no run {run!r}; `beadwork runs` lists them.")
        return found[0]

    def _rows(self, where: str, values: Mapping[str, object]) -> tuple[Execution, ...]:
        found = self._db.execute(f"SELECT * FROM execution WHERE {where}", dict(values))  # noqa: S608
        return tuple(rows.execution_of(row) for row in found.fetchall())

    def _count(self, state: State) -> int:
        found = self._db.execute(
            "SELECT count(*) FROM execution WHERE state = :state", {"state": state.value}
        ).fetchone()
        return int(found[0])


def _require_noteworthy(fields: Mapping[str, Any]) -> None:
    strange = sorted(set(fields) - rows.NOTEWORTHY)
    if strange:
        raise TypeError(f"not to be noted of an execution: {', '.join(strange)}")


def _ended() -> frozenset[State]:
    return frozenset(State) - _UNATTENDED - {State.RUNNING}
