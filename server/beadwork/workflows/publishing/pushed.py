"""What we pushed of a bead's branch: so that a rewrite of our own is told apart from commits of others.

A commit is noted before it is pushed, since nobody may be there afterwards. A note that is lost or damaged
only makes a forced push impossible. What it leaves out: what the remote has now.
"""

import contextlib
import json
from collections.abc import Sequence
from pathlib import Path

from beadwork.state_folder import StateFolder, safe_name

_KEPT = 50


def commits_pushed(state: StateFolder, project: Path, bead: str, remote: str) -> Sequence[str]:
    """Give the commits that were pushed to a remote as the branch of a bead, the newest last."""
    found = _read(_file(state, project, bead)).get(remote)
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []


def note_push(state: StateFolder, project: Path, bead: str, remote: str, commit: str) -> None:
    """Note that a commit is being pushed, or is found to be there. Raises OSError."""
    file = _file(state, project, bead)
    before = [each for each in commits_pushed(state, project, bead, remote) if each != commit]
    known = {**_read(file), remote: [*before, commit][-_KEPT:]}
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = file.with_suffix(".new")  # a bead has one run at a time, so one writer
    new.write_text(json.dumps(known), "utf-8")
    new.replace(file)


def _file(state: StateFolder, project: Path, bead: str) -> Path:
    return state.pushed_of(project) / f"{safe_name(bead)}.json"


def _read(file: Path) -> dict[str, object]:
    with contextlib.suppress(OSError, ValueError, RecursionError):
        found = json.loads(file.read_text("utf-8"))
        if isinstance(found, dict):
            return found
    return {}
