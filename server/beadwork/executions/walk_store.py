"""Where walks are kept: the table of walks in the store's file. What it leaves out: advancing them."""

import sqlite3
import time
import uuid
from collections.abc import Sequence

import attrs

from beadwork.executions.model import AlreadyActive
from beadwork.executions.walks import Walk
from beadwork.storage import Database


class Walks:
    """All walks of the user. Every method may raise StoreError."""

    def __init__(self, db: Database) -> None:
        """Use `db`, which the store owns."""
        self._db = db

    def begin(self, walk: Walk) -> Walk:
        """Begin `walk`, whose id is given here. Raises AlreadyActive when its project has one going on."""
        begun = attrs.evolve(walk, id=str(uuid.uuid4()))
        with self._db.changing():
            if self._found("project = :project AND ended_at IS NULL", {"project": walk.project}):
                raise AlreadyActive("A walk through the ready beads of this project is going on already.")
            self._db.execute(
                "INSERT INTO walk (id, project, begun_at, bound, failures, cost_usd, asked, ended_at, why) "
                "VALUES (:id, :project, :begun_at, :limit, :failures, :cost_usd, :asked, :ended_at, :why)",
                attrs.asdict(begun),
            )
        return begun

    def going(self, project: str | None = None) -> Sequence[Walk]:
        """Give the walks that go on: of one project, or all."""
        with self._db.reading():
            return self._found(
                "ended_at IS NULL AND (:project IS NULL OR project = :project)", {"project": project}
            )

    def newest(self, project: str) -> Walk | None:
        """Give the newest walk of a project, if it ever had one."""
        with self._db.reading():
            found = self._found("project = :project", {"project": project})
        return found[-1] if found else None

    def has_ended(self, walk: str) -> bool:
        """Whether there is such a walk, and it has ended."""
        with self._db.reading():
            return bool(self._found("id = :id AND ended_at IS NOT NULL", {"id": walk}))

    def end(self, walk: str, why: str) -> bool:
        """Write that a walk has ended; False when it had before."""
        with self._db.changing():
            done = self._db.execute(
                "UPDATE walk SET ended_at = :now, why = :why WHERE id = :id AND ended_at IS NULL",
                {"now": time.time(), "why": why, "id": walk},
            )
        return done.rowcount == 1

    def _found(self, where: str, values: dict[str, object]) -> tuple[Walk, ...]:
        found = self._db.execute(f"SELECT * FROM walk WHERE {where} ORDER BY number", values)  # noqa: S608
        return tuple(_walk_of(row) for row in found.fetchall())


def _walk_of(row: sqlite3.Row) -> Walk:
    return Walk(
        id=row["id"],
        project=row["project"],
        begun_at=row["begun_at"],
        limit=row["bound"],
        failures=row["failures"],
        cost_usd=row["cost_usd"],
        asked=row["asked"],
        ended_at=row["ended_at"],
        why=row["why"],
    )
