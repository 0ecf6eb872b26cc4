"""One errand done here, at once: all of it is real but the process of its worker."""

import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

from beadwork.executions import Assignment, Conclusion, Execution, Queue, this_worker
from beadwork.executions.log import EventLog
from beadwork.executions.rebuilding import mend_store
from beadwork.executions.watch import Watch
from beadwork.workflows import Refused
from beadwork.workflows.house import House
from beadwork.workflows.kit import Kit, kit_for


async def carried_out(
    house: House, ordered: Execution | Refused, job: Callable[[Assignment, Kit], Awaitable[Conclusion]]
) -> Execution:
    """Do what was ordered, to its end, and give the run; what is refused at once fails the test."""
    assert not isinstance(ordered, Refused), ordered
    run = house.store.claim(this_worker(), Queue(slots=1))
    assert run is not None
    path = house.state.root / "logs" / f"{run.id}.jsonl"
    house.store.note(run.id, log=str(path))
    with contextlib.closing(EventLog.create(path)) as log:
        watch = Watch(house.store, lambda: mend_store(house.state))
        ended = await job(Assignment(house.store, run, log, watch), await kit_for(house, run.order))
    fields: dict[str, Any] = {"told": True, **ended.fields}
    return house.store.finish(run.id, ended.state, reason=ended.reason, summary=ended.summary, **fields)
