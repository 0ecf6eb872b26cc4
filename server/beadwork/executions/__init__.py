"""The room of executions: their states, store, logs, queue and workers. This is its door."""

from beadwork.executions.events import Event, EventKind
from beadwork.executions.model import (
    ACTIVE,
    FINAL,
    Execution,
    ExecutionError,
    ExecutionNotFound,
    IllegalTransition,
    Intent,
    LogError,
    Order,
    Phase,
    Reason,
    State,
    StoreError,
    Verb,
    Worker,
)

__all__ = [
    "ACTIVE",
    "FINAL",
    "Event",
    "EventKind",
    "Execution",
    "ExecutionError",
    "ExecutionNotFound",
    "IllegalTransition",
    "Intent",
    "LogError",
    "Order",
    "Phase",
    "Reason",
    "State",
    "StoreError",
    "Verb",
    "Worker",
]
