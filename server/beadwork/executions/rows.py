"""The table of executions: its schema, and rows to attrs classes and back.

What it leaves out: transactions and guards (`store.py`).
"""

import json
import sqlite3
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import attrs

from beadwork.executions.model import Execution, Intent, Order, Phase, Reason, State, Verb, Worker

SCHEMA_VERSION = 1
"""Kept in `user_version`. A higher one is of a newer Beadwork, and refused."""

SCHEMA = (
    """
    CREATE TABLE execution (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        project TEXT NOT NULL,
        bead TEXT NOT NULL,
        ordered TEXT NOT NULL,
        state TEXT NOT NULL,
        queued_at REAL NOT NULL,
        phase TEXT,
        reason TEXT,
        summary TEXT NOT NULL,
        intent TEXT,
        intent_at REAL,
        started_at REAL,
        ended_at REAL,
        worker_pid INTEGER,
        worker_started REAL,
        worker_boot TEXT,
        agent_label TEXT NOT NULL,
        runner_label TEXT NOT NULL,
        session TEXT NOT NULL,
        branch TEXT NOT NULL,
        base TEXT NOT NULL,
        head TEXT NOT NULL,
        cost_usd REAL,
        input_tokens INTEGER NOT NULL,
        output_tokens INTEGER NOT NULL,
        log TEXT NOT NULL,
        attempt INTEGER NOT NULL,
        retry_of TEXT NOT NULL,
        retried_by TEXT NOT NULL,
        told INTEGER NOT NULL,
        CHECK (state <> 'running' OR worker_pid IS NOT NULL)
    )
    """,
    "CREATE UNIQUE INDEX one_active ON execution (project, bead) WHERE state IN ('queued', 'running')",
    "CREATE INDEX by_bead ON execution (project, bead, number)",
    "CREATE INDEX by_state ON execution (state, number)",
)
"""The statements that make an empty store. A running row without its worker cannot be written."""

NOTEWORTHY = frozenset(
    {
        "phase",
        "summary",
        "agent_label",
        "runner_label",
        "session",
        "branch",
        "base",
        "head",
        "cost_usd",
        "input_tokens",
        "output_tokens",
        "log",
        "told",
    },
)
"""The fields that whoever does the work may write; all others belong to the store."""

_ORDER = tuple(field.name for field in attrs.fields(Order))
_PLAIN = tuple(f.name for f in attrs.fields(Execution) if f.name not in {"order", "worker"})


def row_of(execution: Execution) -> dict[str, Any]:
    """Give the columns of `execution`, by name."""
    plain = {name: column_value(getattr(execution, name)) for name in _PLAIN}
    return plain | order_columns(execution.order) | worker_columns(execution.worker)


def order_columns(order: Order) -> dict[str, Any]:
    """Give the columns of an order: what is searched by, and all of it as JSON, for it never changes."""
    return {
        "project": column_value(order.project),
        "bead": column_value(order.bead),
        "ordered": json.dumps({name: getattr(order, name) for name in _ORDER}, default=dict),
    }


def worker_columns(worker: Worker | None) -> dict[str, Any]:
    """Give the columns of a worker; all None without one."""
    return {
        "worker_pid": worker.pid if worker else None,
        "worker_started": worker.started if worker else None,
        "worker_boot": worker.boot if worker else None,
    }


def column_value(value: object) -> object:
    """Give `value` as SQLite takes it: text that is no Unicode (half a surrogate pair) is marked as such."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if value is None or isinstance(value, int | float):
        return value
    return str(value)


def execution_of(row: sqlite3.Row) -> Execution:
    """Give the execution of a row. Raises ValueError for a state, verb … that this version does not know."""
    columns: Mapping[str, Any] = {name: row[name] for name in row.keys()}  # noqa: SIM118  (a Row yields values)
    plain = {name: columns[name] for name in _PLAIN}
    plain["state"] = State(plain["state"])
    plain["phase"] = Phase(plain["phase"]) if plain["phase"] else None
    plain["reason"] = Reason(plain["reason"]) if plain["reason"] else None
    plain["told"] = bool(plain["told"])
    plain["intent"] = Intent(plain["intent"]) if plain["intent"] else None
    return Execution(order=_order_of(columns), worker=_worker_of(columns), **plain)


def _worker_of(columns: Mapping[str, Any]) -> Worker | None:
    if columns["worker_pid"] is None:
        return None
    return Worker(columns["worker_pid"], columns["worker_started"], columns["worker_boot"])


def _order_of(columns: Mapping[str, Any]) -> Order:
    ordered = json.loads(columns["ordered"])
    known = {name: ordered[name] for name in _ORDER if name in ordered}
    known["verb"] = Verb(known["verb"])
    for name, value in known.items():
        known[name] = tuple(value) if isinstance(value, list) else value
    return Order(**known)
