"""The room of executions: their states, store, logs, queue and workers. This is its door."""

from beadwork.executions.ending import Conclusion
from beadwork.executions.events import Event, EventKind
from beadwork.executions.identity import alive, this_worker
from beadwork.executions.log import EventLog, readable_path
from beadwork.executions.model import (
    ACTIVE,
    FINAL,
    AlreadyActive,
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
from beadwork.executions.places import new_log_path
from beadwork.executions.pump import StartersBusy, start_workers
from beadwork.executions.readable import readable, words
from beadwork.executions.reading import follow, read_events
from beadwork.executions.reasons import conclusion_of_error, reason_of_error
from beadwork.executions.recovery import recover
from beadwork.executions.stopping import stop_worker
from beadwork.executions.store import Store
from beadwork.executions.watch import Stopped
from beadwork.executions.worker import Assignment, Job, serve_one

__all__ = [
    "ACTIVE",
    "FINAL",
    "AlreadyActive",
    "Assignment",
    "Conclusion",
    "Event",
    "EventKind",
    "EventLog",
    "Execution",
    "ExecutionError",
    "ExecutionNotFound",
    "IllegalTransition",
    "Intent",
    "Job",
    "LogError",
    "Order",
    "Phase",
    "Reason",
    "StartersBusy",
    "State",
    "Stopped",
    "Store",
    "StoreError",
    "Verb",
    "Worker",
    "alive",
    "conclusion_of_error",
    "follow",
    "new_log_path",
    "read_events",
    "readable",
    "readable_path",
    "reason_of_error",
    "recover",
    "serve_one",
    "start_workers",
    "stop_worker",
    "this_worker",
    "words",
]
