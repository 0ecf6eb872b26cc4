"""Ends runs in the background, and owns the tasks that do: a person is answered before a run has ended.

What it leaves out: how a worker is ended, which is the room of executions'.
"""

import asyncio
import time

from beadwork.executions import Execution, Intent, stop_worker
from beadwork.workflows.house import House

PATIENCE = 60.0
"""Seconds that a worker has to end its run in good order before it is ended itself."""


class Stopping:
    """The runs that are being ended from here."""

    def __init__(self, house: House) -> None:
        """Know the house; nothing is ended yet."""
        self._house = house
        self._tasks: set[asyncio.Task[None]] = set()

    async def stop(self, run: Execution, patience: float = PATIENCE) -> None:
        """Make a live run end for its intent; returns as soon as its worker has its signal."""
        if any(task.get_name() == run.id for task in self._tasks):
            return
        intent = run.intent or Intent.CANCEL
        stopping = stop_worker(self._house.store, self._house.state, run.id, intent, patience=patience)
        task = asyncio.create_task(stopping, name=run.id)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        await asyncio.sleep(0)  # so that the worker has its signal even when we are closed right away

    async def press_the_deaf(self) -> None:
        """End the workers that were told to end their run long ago, by whomever."""
        for run in self._house.store.live():
            if run.intent_at is not None and time.time() - run.intent_at > PATIENCE:
                await self.stop(run, 0.0)

    async def settle(self) -> None:
        """Wait until the runs that are being ended here have ended."""
        if self._tasks:
            await asyncio.wait(self._tasks)

    def close(self) -> None:
        """Let go. No run is touched; whoever tends next sees to those that do not end."""
        for task in self._tasks:
            task.cancel()
