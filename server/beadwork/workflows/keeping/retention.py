"""Keeping house: once a day old runs, logs and checkouts go, as the user's settings say.

Whoever comes by does it; of several, one. What it leaves out: which runs (`retained_runs.py`), checkouts
(`retained_checkouts.py`) and gates (`retained_gates.py`).
"""

import asyncio
import time
from collections.abc import Sequence

from beadwork.errors import BeadworkError
from beadwork.settings import Settings
from beadwork.workflows.house import House
from beadwork.workflows.keeping import small_logs
from beadwork.workflows.keeping.retained_checkouts import keep_checkouts
from beadwork.workflows.keeping.retained_gates import remove_gates
from beadwork.workflows.keeping.retained_runs import DAY, remove_runs
from beadwork.workflows.landing.left_behind import tidy_landings
from beadwork.workflows.locking import alone

SET_BACK = 3600.0
"""Seconds by which a clock may go back without that being taken for a clock that was wrong before."""


async def keep_house(house: House, *, now: float | None = None, force: bool = False) -> Sequence[str]:
    """Remove what is not to be kept any more; give sentences about what went, and what could not.

    At most once a day, over all processes of the user, unless `force`. What has not ended is never touched,
    nor the newest run of a bead that is not closed, nor a checkout with work that is nowhere else. Being
    ended half-way does no harm. Raises nothing: what went wrong is a sentence too.
    """
    moment = time.time() if now is None else now
    try:
        if not force and not await asyncio.to_thread(_due, house, moment):
            return ()
        async with alone(house.state, "retention", patience=0) as ours:
            if not ours or not (force or await asyncio.to_thread(_due, house, moment)):
                return ()
            await asyncio.to_thread(_mark, house, moment)
            return await _keep(house, house.user_settings(), moment)
    except (BeadworkError, OSError) as error:
        return (f"Old runs and logs could not be removed: {error}",)


async def _keep(house: House, settings: Settings, now: float) -> Sequence[str]:
    untidy = await tidy_landings(house)
    kept = await keep_checkouts(house, settings, now)
    gone = await asyncio.to_thread(remove_runs, house.state, settings, kept.beads, now)
    forgotten = await asyncio.to_thread(remove_gates, house.state, settings, now)
    for log in (house.state.worker_output, house.state.defects, house.state.notifications):
        await asyncio.to_thread(small_logs.rotate, log)
    return (*untidy, *kept.said, *gone, *forgotten)


def _due(house: House, now: float) -> bool:
    """Whether a day has gone by since it was done, or a clock was set back meanwhile, and not by a little."""
    try:
        done = float(house.state.kept.read_text("ascii"))
    except (OSError, ValueError):
        return True
    return not -SET_BACK <= now - done < DAY


def _mark(house: House, now: float) -> None:
    """Write down that it is done, before it is: what cannot be done is not tried all day long."""
    house.state.kept.write_text(f"{now:.0f}", "ascii")
