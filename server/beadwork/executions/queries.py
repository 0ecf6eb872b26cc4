"""What is asked of the store: its executions by id, in lists and in numbers, and who is next in the queue.

What it leaves out: every change (`store.py`).
"""

import time
from collections.abc import Iterator, Mapping, Sequence

import attrs

from beadwork.executions import rows
from beadwork.executions.model import Execution, ExecutionNotFound, State, Verb
from beadwork.storage import Database

LIVE = "(state = 'running' OR (state = 'needs_input' AND worker_pid IS NOT NULL))"
UNFINISHED = "state IN ('queued', 'running', 'needs_input', 'paused')"
LATEST = 24 * 3600.0
"""Seconds that one may wait for its time; with longer ones the clock was set back since."""
_WAITING = f"not_before > :now AND not_before <= :now + {LATEST}"
_CLAIMABLE = f"state = 'queued' AND NOT ({_WAITING}) AND verb IN ({', '.join(repr(v.value) for v in Verb)})"
_BY_AGENT = f"verb IN ({', '.join(repr(verb.value) for verb in Verb if verb.by_agent)})"
_TELLING = f"verb = '{Verb.WORK.value}'"
_MENTIONS = (
    "(instr(lower(bead), :text) OR instr(lower(json_extract(ordered, '$.title')), :text) "
    "OR instr(lower(summary), :text) OR instr(lower(agent_label), :text) OR instr(id, :text))"
)


@attrs.frozen
class Queue:
    """How the queue is served."""

    slots: int
    """How many with an agent may be live at once."""
    errands: int = 2
    """How many without one may."""
    by_priority: bool = False
    """Whether the more urgent bead comes first; else who came first."""
    budget_usd: float = 0.0
    """What all runs together may cost before no further one begins; 0 for any."""
    budget_since: float = 0.0
    """From when on costs count against it, in seconds since the epoch."""


class Queries:
    """The executions of a user, to be read. Every method is quick, and may raise StoreError."""

    def __init__(self, db: Database) -> None:
        """Use `db`, which the store owns."""
        self._db = db

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
        walk: str = "",
        since: float = 0.0,
        text: str = "",
    ) -> Sequence[Execution]:
        """Give executions, the newest first; each argument that is given narrows them.

        `since` is the earliest time of queueing; `text` stands in the bead's id, the title, the summary, the
        agent's label or the run's id, in any case. Rows that only a newer version understands are left out.
        """
        wanted = ", ".join(f"'{state.value}'" for state in states) if states is not None else ""
        conditions = ["queued_at >= :since"]
        conditions += ["project = :project"] if project is not None else []
        conditions += ["bead = :bead"] if bead else []
        conditions += [f"state IN ({wanted})"] if states is not None else []
        conditions += ["walk = :walk"] if walk else []
        conditions += [_MENTIONS] if text else []
        values = {"project": project, "bead": bead, "limit": limit, "walk": walk, "since": since}
        with self._db.reading():
            return self._rows(
                " AND ".join(conditions) + " ORDER BY number DESC LIMIT :limit",
                {**values, "text": text.casefold()},
            )

    def queue(self, *, by_priority: bool = False) -> Sequence[Execution]:
        """Give what is queued, in the order in which it will begin as slots become free."""
        with self._db.reading():
            return self._rows(f"state = 'queued' ORDER BY {_order(by_priority=by_priority)}", {})

    def live(self) -> Sequence[Execution]:
        """Give the executions that have a worker, the oldest first."""
        with self._db.reading():
            return self._rows(f"{LIVE} ORDER BY number", {})

    def newest_by_bead(self, project: str) -> Mapping[str, Execution]:
        """Give how it stands with each bead of a project that has an execution, by the bead's id.

        It is the newest one that worked on it, or whichever is not finished: any other that has ended, such
        as a review, says nothing of where the bead stands.
        """
        telling = f"project = :project AND ({_TELLING} OR {UNFINISHED})"
        with self._db.reading():
            found = self._rows(
                f"number IN (SELECT max(number) FROM execution WHERE {telling} GROUP BY bead)",  # noqa: S608
                {"project": project},
            )
        return {run.order.bead: run for run in found}

    def projects(self) -> Sequence[str]:
        """Give the folders that have executions, sorted."""
        with self._db.reading():
            found = self._db.execute("SELECT DISTINCT project FROM execution ORDER BY project").fetchall()
        return tuple(row["project"] for row in found)

    def logs(self) -> frozenset[str]:
        """Give the paths of all logs, also of executions that only a newer version understands."""
        with self._db.reading():
            found = self._db.execute("SELECT log FROM execution WHERE log <> ''").fetchall()
        return frozenset(row["log"] for row in found)

    def counts(self, *, now: float | None = None) -> tuple[int, int]:
        """Give how many are live, and how many are queued and may begin now."""
        with self._db.reading():
            return self._count(LIVE), self._count(_CLAIMABLE, now)

    def startable(self, queue: Queue) -> int:
        """Give how many queued executions a worker could claim now: those there are slots and money for."""
        with self._db.reading():
            return len(self._startable(queue))

    def waits(self, queue: Queue) -> bool:
        """Whether something is queued that no worker's end will start: its time, or money, is yet to come."""
        if self.next_due() is not None:
            return True
        with self._db.reading():
            if not self._broke(queue):
                return False
            return any(run.order.verb.by_agent for run in self._claimable(queue))

    def next_due(self) -> float | None:
        """Give when the next of those that wait for their time may begin; None when none waits."""
        with self._db.reading():
            found = self._db.execute(
                f"SELECT min(not_before) FROM execution WHERE state = 'queued' AND {_WAITING}",  # noqa: S608
                {"now": time.time()},
            ).fetchone()
        return None if found[0] is None else float(found[0])

    def spent(self, since: float) -> float:
        """Give what the executions cost (US dollars) that ended after `since` or go on."""
        with self._db.reading():
            return self._spent(since)

    def signal(self) -> str:
        """Give a text that differs whenever the store was changed since, by whichever process; cheap."""
        with self._db.reading():
            return self._db.signal()

    def _startable(self, queue: Queue) -> Sequence[Execution]:
        """Give what could begin now, in its order: there is a slot, money, and nothing of its kind before it.

        Agents have slots and cost money; what needs none has a bound of its own, and of landings a project
        has one at a time.
        """
        agents = 0 if self._broke(queue) else queue.slots - self._count(f"{LIVE} AND {_BY_AGENT}")
        errands = queue.errands - self._count(f"{LIVE} AND NOT {_BY_AGENT}")
        landing = {run.order.project for run in self._rows(f"{LIVE} AND verb = '{Verb.LAND.value}'", {})}
        found: list[Execution] = []
        for run in self._claimable(queue):
            if run.order.verb is Verb.LAND and run.order.project in landing:
                continue
            free = agents if run.order.verb.by_agent else errands
            if free <= 0:
                continue
            found.append(run)
            if run.order.verb.by_agent:
                agents -= 1
            else:
                errands -= 1
            if run.order.verb is Verb.LAND:
                landing.add(run.order.project)
        return found

    def _claimable(self, queue: Queue) -> Iterator[Execution]:
        """Give the queue of what may begin now; rows of a version to come let the others pass."""
        order = _order(by_priority=queue.by_priority)
        found = self._db.execute(
            f"SELECT * FROM execution WHERE {_CLAIMABLE} ORDER BY {order}",  # noqa: S608
            {"now": time.time()},
        )
        return rows.known_executions(found)

    def _broke(self, queue: Queue) -> bool:
        return queue.budget_usd > 0 and self._spent(queue.budget_since) >= queue.budget_usd

    def _spent(self, since: float) -> float:
        found = self._db.execute(
            "SELECT total(cost_usd) FROM execution WHERE coalesce(ended_at, :now) >= :since",
            {"since": since, "now": time.time()},
        ).fetchone()
        return float(found[0])

    def _get(self, run: str) -> Execution:
        row = self._db.execute("SELECT * FROM execution WHERE id = :id", {"id": run}).fetchone()
        if row is None:
            raise ExecutionNotFound(f"There is no run {run!r}; `beadwork runs` lists them.")
        return rows.execution_of(row)

    def _rows(self, where: str, values: Mapping[str, object]) -> tuple[Execution, ...]:
        found = self._db.execute(f"SELECT * FROM execution WHERE {where}", dict(values))  # noqa: S608
        return tuple(rows.known_executions(found.fetchall()))

    def _count(self, where: str, now: float | None = None, also: Mapping[str, object] | None = None) -> int:
        values = {"now": time.time() if now is None else now, **(also or {})}
        found = self._db.execute(f"SELECT count(*) FROM execution WHERE {where}", values)  # noqa: S608
        return int(found.fetchone()[0])


def _order(*, by_priority: bool) -> str:
    return "rank, priority, number" if by_priority else "rank, number"
