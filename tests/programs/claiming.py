"""Claims and ends runs, when told to by a line, until none is queued. Arguments: store, slots.

Prints the id of each run it got, and fails when more are running than there are slots.
"""

# ruff: noqa: T201
import sys
from pathlib import Path

from beadwork.executions import Queue, Reason, State, Store, this_worker

store, slots = Store(Path(sys.argv[1])), int(sys.argv[2])
print("ready", flush=True)
sys.stdin.readline()
while store.counts()[1]:
    claimed = store.claim(this_worker(), Queue(slots))
    if claimed is None:
        continue
    running = store.counts()[0]
    assert running <= slots, running
    assert claimed.worker == this_worker()
    print(claimed.id)
    store.finish(claimed.id, State.COMPLETED, reason=Reason.VERIFIED, summary="")
