"""What is done for a run that has ended or rests, once its state is written and the next worker was started.

What it leaves out: all that a run's own end needs. Nothing here changes how it ended, or holds up the queue.
"""

import asyncio
import logging

from beadwork.errors import BeadworkError
from beadwork.executions import Execution
from beadwork.workflows.house import House
from beadwork.workflows.people.notifying import tell_people
from beadwork.workflows.queueing.tending import look_after

logger = logging.getLogger(__name__)


async def afterwards(house: House, run: Execution) -> None:
    """Do what is to be done after `run`; raises nothing."""
    await asyncio.gather(_look_after(house), tell_people(house, run))


async def _look_after(house: House) -> None:
    """Queue and start what the end of a run makes possible, and look after runs whose worker was lost."""
    try:
        for sentence in await look_after(house):
            logger.warning("%s", sentence)
    except (BeadworkError, OSError) as error:
        logger.warning("what is ready could not be queued: %s", error)
