"""What a person may call a run: the beginning of its id, or a bead, meaning the bead's newest run.

The one place where such a name is resolved.
"""

import re
from pathlib import Path

from beadwork.beads import TrackerMissing
from beadwork.executions import ExecutionNotFound
from beadwork.workflows import Application, RunView

_LIKE_A_RUN = re.compile(r"[0-9a-f]{1,8}|[0-9a-f]{8}-[0-9a-f-]{0,27}")


async def run_called(application: Application, folder: Path, name: str) -> RunView:
    """Give the run that `name` stands for. Raises ExecutionNotFound.

    A bead is looked for in the project of `folder` alone: two projects may have beads of one name.
    """
    if not name.strip():  # an unset variable in a script; an empty bead would mean every bead
        raise ExecutionNotFound("An empty name names no run; `beadwork runs` lists what there is.")
    not_found = ExecutionNotFound(
        f"No run is called {name}, and no bead of that id has a run in this project. "
        "`beadwork runs --all` lists what there is.",
    )
    if _LIKE_A_RUN.fullmatch(name):
        try:
            return await application.run(name)
        except ExecutionNotFound as error:
            not_found = error
    try:
        project = await application.project_of(folder)
    except TrackerMissing:
        raise not_found from None
    newest = await application.runs(project, bead=name, limit=1)
    if not newest:
        raise not_found
    return newest[0]
