"""What is done for a run that has ended or rests, once its state is written and the next worker was started.

What it leaves out: all that a run's own end needs. Nothing here changes how it ended, or holds up the queue.
"""

from beadwork.executions import Execution
from beadwork.workflows.house import House
from beadwork.workflows.notifying import tell_people


async def afterwards(house: House, run: Execution) -> None:
    """Do what is to be done after `run`; raises nothing."""
    await tell_people(house, run)
