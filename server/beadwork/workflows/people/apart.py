"""The program that tells people of one run, for those who have no time to: `… RUN`, the run's whole id.

What it leaves out: all of how (`notifying.py`).
"""

import asyncio
import sys

from beadwork.state_folder import StateFolder
from beadwork.workflows.house import furnish
from beadwork.workflows.people.notifying import tell_people


def main(run: str) -> None:
    """Tell people how it stands with a run. Raises BeadworkError: its output is a log."""
    house = furnish(StateFolder.of_user())
    try:
        asyncio.run(tell_people(house, house.store.get(run)))
    finally:
        house.close()


if __name__ == "__main__":
    main(sys.argv[1])
