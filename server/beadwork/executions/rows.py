"""The table of executions: its schema, and rows to attrs classes and back.

What it leaves out: transactions and guards (`store.py`).
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any

import attrs

from beadwork.executions.asking import Ask, ask_of
from beadwork.executions.model import Execution, Intent, Order, Phase, Reason, State, Verb, Worker
from beadwork.storage import Schema

_STATEMENTS = (
    """
    CREATE TABLE execution (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        project TEXT NOT NULL,
        bead TEXT NOT NULL,
        verb TEXT NOT NULL,
        priority INTEGER NOT NULL,
        walk TEXT NOT NULL,
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
        not_before REAL NOT NULL,
        rank REAL NOT NULL,
        used REAL NOT NULL,
        resumed INTEGER NOT NULL,
        ask TEXT,
        blocked_by TEXT NOT NULL,
        results TEXT NOT NULL,
        told INTEGER NOT NULL,
        CHECK (state <> 'running' OR worker_pid IS NOT NULL)
    )
    """,
    """
    CREATE UNIQUE INDEX one_unfinished ON execution (project, bead)
    WHERE state IN ('queued', 'running', 'needs_input', 'paused')
    """,
    """
    CREATE TABLE message (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        run TEXT NOT NULL,
        kind TEXT NOT NULL,
        texts TEXT NOT NULL,
        ask TEXT NOT NULL,
        at REAL NOT NULL,
        taken INTEGER NOT NULL
    )
    """,
    "CREATE INDEX by_run ON message (run, number)",
    """
    CREATE TABLE walk (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        project TEXT NOT NULL,
        begun_at REAL NOT NULL,
        bound INTEGER NOT NULL,
        failures INTEGER NOT NULL,
        cost_usd REAL NOT NULL,
        asked TEXT NOT NULL,
        ended_at REAL,
        why TEXT NOT NULL
    )
    """,
    "CREATE INDEX by_bead ON execution (project, bead, number)",
    "CREATE INDEX by_state ON execution (state, number)",
)
"""The statements that make an empty store. A running row without its worker cannot be written."""

_FROM_1 = (
    "ALTER TABLE execution ADD COLUMN verb TEXT NOT NULL DEFAULT 'work'",
    "ALTER TABLE execution ADD COLUMN priority INTEGER NOT NULL DEFAULT 2",
    "ALTER TABLE execution ADD COLUMN walk TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE execution ADD COLUMN not_before REAL NOT NULL DEFAULT 0",
    "ALTER TABLE execution ADD COLUMN rank REAL NOT NULL DEFAULT 0",
    "ALTER TABLE execution ADD COLUMN used REAL NOT NULL DEFAULT 0",
    "ALTER TABLE execution ADD COLUMN resumed INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE execution ADD COLUMN ask TEXT",
    "ALTER TABLE execution ADD COLUMN blocked_by TEXT NOT NULL DEFAULT ''",
    # Schema 1 knew no way to answer, and let a bead have a second run beside one that waited.
    "UPDATE execution SET state = 'failed' WHERE state IN ('needs_input', 'paused')",
    "DROP INDEX one_active",
    *_STATEMENTS[1:-2],
)
"""The statements that make a store of schema 1 into one of schema 2."""

_FROM_2 = ("ALTER TABLE execution ADD COLUMN results TEXT NOT NULL DEFAULT '{}'",)

STORE = Schema(version=3, statements=_STATEMENTS, upgrades={1: (*_FROM_1, *_FROM_2), 2: _FROM_2})
"""What the store's file holds."""

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
        "used",
        "ask",
        "blocked_by",
        "results",
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
        "verb": order.verb.value,
        "priority": order.priority,
        "walk": order.walk,
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
    if isinstance(value, Ask):
        return json.dumps(attrs.asdict(value))
    if isinstance(value, Mapping):
        return json.dumps(value, default=dict)
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if value is None or isinstance(value, int | float):
        return value
    return str(value)


def execution_of(row: sqlite3.Row) -> Execution:
    """Give the execution of a row. Raises ValueError for a state, verb … that this version does not know."""
    try:
        return _execution_of(row)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"it lacks or misuses {error}") from error


def _execution_of(row: sqlite3.Row) -> Execution:
    columns: Mapping[str, Any] = {name: row[name] for name in row.keys()}  # noqa: SIM118  (a Row yields values)
    plain = {name: columns[name] for name in _PLAIN}
    plain["state"] = State(plain["state"])
    plain["phase"] = Phase(plain["phase"]) if plain["phase"] else None
    plain["reason"] = Reason(plain["reason"]) if plain["reason"] else None
    plain["ask"] = ask_of(json.loads(plain["ask"])) if plain["ask"] else None
    plain["results"] = json.loads(plain["results"])
    plain["told"] = bool(plain["told"])
    plain["intent"] = Intent(plain["intent"]) if plain["intent"] else None
    return Execution(order=order_of(json.loads(columns["ordered"])), worker=_worker_of(columns), **plain)


def known_executions(found: Iterable[sqlite3.Row]) -> Iterator[Execution]:
    """Give the executions of rows, without those that hold what only a newer version knows."""
    for row in found:
        try:
            known = execution_of(row)
        except ValueError:
            continue
        yield known


def _worker_of(columns: Mapping[str, Any]) -> Worker | None:
    if columns["worker_pid"] is None:
        return None
    return Worker(columns["worker_pid"], columns["worker_started"], columns["worker_boot"])


def order_of(ordered: Mapping[str, Any]) -> Order:
    """Give the order that JSON made of it holds; raises ValueError, KeyError or TypeError."""
    known = {name: ordered[name] for name in _ORDER if name in ordered}
    known["verb"] = Verb(known["verb"])
    for name, value in known.items():
        known[name] = tuple(value) if isinstance(value, list) else value
    return Order(**known)
