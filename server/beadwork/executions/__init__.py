"""The room of executions: their states, store, logs, queue and workers. This is its door."""

from beadwork.executions.asking import (
    Ask,
    AskKind,
    Choice,
    Message,
    MessageKind,
    Permit,
    Question,
    ask_of,
)
from beadwork.executions.assignment import Assignment
from beadwork.executions.cost_store import Spending
from beadwork.executions.ending import Conclusion, close_log_of, conclusion_of_intent
from beadwork.executions.events import Event, EventKind
from beadwork.executions.identity import alive, this_worker
from beadwork.executions.log import EventLog, readable_path
from beadwork.executions.model import (
    ACTIVE,
    BRANCH,
    CHANGES,
    FINAL,
    HERE,
    UNFINISHED,
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
    Verb,
    Worker,
)
from beadwork.executions.places import new_log_path
from beadwork.executions.pump import StartersBusy, start_workers
from beadwork.executions.queries import Queue
from beadwork.executions.readable import readable, words
from beadwork.executions.reading import follow, read_events
from beadwork.executions.reasons import conclusion_of_error, reason_of_error
from beadwork.executions.rebuilding import Rebuilt, mend_store, open_store
from beadwork.executions.recovery import recover
from beadwork.executions.seeking import last_seq
from beadwork.executions.silence import Signs
from beadwork.executions.stopping import nudge_worker, stop_worker
from beadwork.executions.store import Again, Store
from beadwork.executions.walks import Walk
from beadwork.executions.watch import Stopped
from beadwork.executions.worker import Job, serve_one
from beadwork.storage import StoreDamaged, StoreError

__all__ = [
    "ACTIVE",
    "BRANCH",
    "CHANGES",
    "FINAL",
    "HERE",
    "UNFINISHED",
    "Again",
    "AlreadyActive",
    "Ask",
    "AskKind",
    "Assignment",
    "Choice",
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
    "Message",
    "MessageKind",
    "Order",
    "Permit",
    "Phase",
    "Question",
    "Queue",
    "Reason",
    "Rebuilt",
    "Signs",
    "Spending",
    "StartersBusy",
    "State",
    "Stopped",
    "Store",
    "StoreDamaged",
    "StoreError",
    "Verb",
    "Walk",
    "Worker",
    "alive",
    "ask_of",
    "close_log_of",
    "conclusion_of_error",
    "conclusion_of_intent",
    "follow",
    "last_seq",
    "mend_store",
    "new_log_path",
    "nudge_worker",
    "open_store",
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
