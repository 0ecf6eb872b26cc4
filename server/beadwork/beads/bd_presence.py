"""Which bd is there: asks the program itself. What it leaves out: judging the answer (`bd_version.py`)."""

from collections.abc import Mapping
from pathlib import Path

from beadwork.beads.bd_call import BdCalls
from beadwork.beads.bd_version import BdVersion
from beadwork.beads.file_lock import WorkspaceLock
from beadwork.beads.port import TrackerGarbled
from beadwork.beads.record import text


async def bd_version(
    program: str,
    environment: Mapping[str, str],
    timeout: float,  # noqa: ASYNC109  (the program is ended when it is over)
) -> BdVersion:
    """Give the version of the bd called `program` (a name or a path), judged; touches no database.

    Raises TrackerMissing without one, TrackerTimeout or TrackerGarbled for one that is broken.
    """
    nowhere = Path("/")
    lock = WorkspaceLock(nowhere / "unused", 0)  # `version` takes none
    return await version_of(BdCalls(program, nowhere, None, environment, timeout, lock))


async def version_of(calls: BdCalls) -> BdVersion:
    """Give the version of the bd behind `calls`, judged. Raises as `bd_version` does."""
    answer = await calls.unlocked("version", "--json")
    reply = answer.json()
    version = text(reply.get("version")) if isinstance(reply, Mapping) else ""
    if not version:
        raise TrackerGarbled(
            f"`{calls.program} version` did not say a version; is it bd? The setting `bd` names it.",
            detail=answer.words,
        )
    return BdVersion.judge(version)
