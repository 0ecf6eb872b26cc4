"""What killed landings left behind, where no other landing came after them.

What it leaves out: when that is looked for (`keeping/retention.py`).
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from beadwork.checkouts import CheckoutBusy, discard_merge, settle_landing
from beadwork.errors import BeadworkError
from beadwork.executions import Verb
from beadwork.workflows.house import House


async def tidy_landings(house: House) -> Sequence[str]:
    """See to what landings left half-way in all projects; give sentences about what cannot be done.

    Raises StoreError.
    """
    said: list[str] = []
    for project in house.store.projects():
        try:
            await settle_landing(house.state, Path(project), patience=0)
            await discard_merge(
                house.state, Path(project), unless=partial(_lands, house, project), patience=0
            )
        except CheckoutBusy:
            continue
        except (BeadworkError, OSError) as error:
            said.append(f"What a landing left in {project} could not be tidied: {error}")
    return said


def _lands(house: House, project: str) -> bool:
    live = house.store.live()
    return any(run.order.verb is Verb.LAND and run.order.project == project for run in live)
