"""What a closed bead leaves behind here goes: its checkouts, and the homes of its agents.

What it leaves out: what is worth keeping (`keeping/retained_checkouts.py`), which says it for both.
"""

import time
from pathlib import Path

from beadwork.settings import Settings
from beadwork.workflows.house import House
from beadwork.workflows.keeping.retained_checkouts import remove_checkouts


async def tidy_up(house: House, project: Path, bead: str, settings: Settings) -> str:
    """Remove the checkouts of a bead that was just closed, but for what is nowhere else; say what was done.

    Its one unfinished run is the one that closed it.
    """
    said = await remove_checkouts(house, (str(project), bead), settings, time.time())
    return " ".join(said)
