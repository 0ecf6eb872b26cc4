"""What executions cost, read from the store's file. What it leaves out: days and sums of them."""

import time
from collections.abc import Sequence

import attrs

from beadwork.storage import Database


@attrs.frozen
class Spending:
    """What one execution cost."""

    project: str
    bead: str
    at: float
    """When it ended or came to rest, in seconds since the epoch; now, while it goes on."""
    cost_usd: float
    """0 where the agent told no cost."""
    input_tokens: int
    output_tokens: int


class Costs:
    """The costs of all executions that were begun. Every method may raise StoreError."""

    def __init__(self, db: Database) -> None:
        """Use `db`, which the store owns."""
        self._db = db

    def since(self, moment: float, project: str | None = None) -> Sequence[Spending]:
        """Give what was spent after `moment` (seconds since the epoch), in one project or in all."""
        with self._db.reading():
            found = self._db.execute(
                "SELECT project, bead, coalesce(ended_at, :now) AS at, coalesce(cost_usd, 0.0) AS cost, "
                "input_tokens, output_tokens FROM execution WHERE started_at IS NOT NULL "
                "AND coalesce(ended_at, :now) >= :since AND (:project IS NULL OR project = :project) "
                "ORDER BY number",
                {"now": time.time(), "since": moment, "project": project},
            )
            return tuple(Spending(*row) for row in found.fetchall())
