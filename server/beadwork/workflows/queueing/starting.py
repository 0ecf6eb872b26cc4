"""Starts what is queued. What it leaves out: the pump itself, which is the room of executions'."""

import asyncio

from beadwork.executions import StartersBusy, start_workers
from beadwork.workflows.house import House

LOOK_EVERY = 0.1
"""Seconds between looks while others start workers."""
LOOKS = 50
"""How often others who start workers are waited for."""


async def start_queued(house: House) -> None:
    """Start what is queued; while another process does so it may be about to start ours, so wait for it.

    One that does not come to an end is no error of ours: the run stays queued, for whoever tends next.
    Raises SettingsError, StoreError.
    """
    queue = house.queue()
    for _ in range(LOOKS):
        try:
            start_workers(house.store, queue, house.worker_argv, house.state, patience=0)
        except StartersBusy:
            await asyncio.sleep(LOOK_EVERY)
        else:
            return
