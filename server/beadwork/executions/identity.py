"""Which process a worker is: the identity of the room of processes, as the store keeps it."""

from beadwork.executions.model import Worker
from beadwork.processes import Identity, own_identity
from beadwork.processes import alive as _alive


def this_worker() -> Worker:
    """Give the identity of the process that calls."""
    own = own_identity()
    return Worker(own.pid, own.started, own.boot)


def identity_of(worker: Worker) -> Identity:
    """Give `worker` as the room of processes knows it, to be signalled."""
    return Identity(worker.pid, worker.started, worker.boot)


def alive(worker: Worker) -> bool:
    """Say whether that very process still runs: not one that has its number now, and not a zombie."""
    return _alive(identity_of(worker))
