"""The room of processes: the only one that starts, signals and reaps them. This is its door."""

from beadwork.processes.child import Child, start_child
from beadwork.processes.detached import start_detached
from beadwork.processes.ending import Ended, end_found, end_tree, sweep, wait_until_gone
from beadwork.processes.identity import Identity, alive, identity, own_identity, send
from beadwork.processes.program import RUN_MARK, Finished, ProgramFlood, ProgramMissing, ProgramTimeout, run
from beadwork.processes.table import Row, namespace_pid, program_name, row_of, table
from beadwork.processes.tree import become_subreaper, descendants, marked

__all__ = [
    "RUN_MARK",
    "Child",
    "Ended",
    "Finished",
    "Identity",
    "ProgramFlood",
    "ProgramMissing",
    "ProgramTimeout",
    "Row",
    "alive",
    "become_subreaper",
    "descendants",
    "end_found",
    "end_tree",
    "identity",
    "marked",
    "namespace_pid",
    "own_identity",
    "program_name",
    "row_of",
    "run",
    "send",
    "start_child",
    "start_detached",
    "sweep",
    "table",
    "wait_until_gone",
]
