"""Finds the beads of a folder, and chooses who keeps them: the user's bd, or the embedded tracker.

What it leaves out: making a workspace (`beginning.py`).
"""

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path

from beadwork.beads.bd import BdTracker
from beadwork.beads.bd_call import BdCalls
from beadwork.beads.bd_presence import version_of
from beadwork.beads.file_lock import WorkspaceLock
from beadwork.beads.jsonl import EmbeddedTracker
from beadwork.beads.jsonl_store import JsonlStore
from beadwork.beads.port import Tracker, TrackerMissing, TrackerUnfit

_BEADS = ".beads"
_DATABASES = ("embeddeddolt/*/.dolt", "dolt/.dolt", "dolt/*/.dolt", "proxieddb/*", "*.db")


def find_workspace(folder: Path, environment: Mapping[str, str] | None = None) -> Path:
    """Give the folder whose beads serve `folder`, looking where bd looks.

    That is: what BEADS_DIR in `environment` (by default, ours) names; the nearest folder at or above with a
    `.beads`; for a git worktree, the repository that it belongs to. Raises TrackerMissing.
    """
    named = (os.environ if environment is None else environment).get("BEADS_DIR")
    if named and Path(named).is_dir():
        return Path(named).absolute().parent
    start = folder.absolute()
    for candidate in (start, *start.parents):
        if (candidate / _BEADS).is_dir():
            return candidate
    for candidate in (start, *start.parents):
        shared = _main_checkout(candidate / ".git")
        if shared is not None and (shared / _BEADS).is_dir():
            return shared
    raise TrackerMissing(
        f"There are no beads at or above {folder}; run `beadwork init` in your project first."
    )


async def open_tracker(
    workspace: Path,
    *,
    bd: str,
    timeout: float,  # noqa: ASYNC109  (of each later call, not of this one)
    locks: Path,
    environment: Mapping[str, str],
    actor: str = "",
) -> Tracker:
    """Give the tracker of a workspace that `find_workspace` found.

    - A bd database, and a bd that works: bd.
    - A bd database, and no bd or one that is too old: the embedded tracker over the exported issues.jsonl,
      read-only, with the reason, since what it wrote would not reach the database.
    - No database: the embedded tracker over issues.jsonl, also when bd is installed. A bd without a database
      refuses every command until `bd init`, which is the user's to run; until then the file is all there is,
      and `bd init` followed by `bd import` takes it over as it is.

    `bd` is a name or a path, `timeout` the seconds of one call and of waiting for others, `locks` the folder
    of lock files, `environment` what bd runs in, `actor` who makes beads with the embedded tracker.
    Raises TrackerMissing when there is nothing to read, TrackerUnfit for a bd too old and no issues.jsonl
    to show instead, TrackerTimeout or TrackerGarbled when bd is there but broken.
    """
    chosen = _chosen(workspace, environment)
    kept_in = _redirected(chosen or workspace / _BEADS)
    lock = WorkspaceLock.of(locks, kept_in, timeout)
    export = _export(kept_in)
    embedded = JsonlStore(export, WorkspaceLock.of(locks, export, timeout))
    prefix = _configured_prefix(kept_in)
    if not _has_database(kept_in):
        if not kept_in.is_dir():
            raise TrackerMissing(f"There are no beads in {workspace}; run `beadwork init` there first.")
        return EmbeddedTracker(embedded, workspace=workspace, actor=actor, prefix=prefix)
    calls = BdCalls(bd, workspace, chosen, environment, timeout, lock)
    try:
        return BdTracker(calls, await version_of(calls), kept_in)
    except (TrackerMissing, TrackerUnfit) as error:
        if not export.is_file():
            raise
        reason = (
            f"{error.message.rstrip('.')}. The beads are in a bd database, so its last export "
            f"({export.name}) is shown and nothing can be changed."
        )
        return EmbeddedTracker(embedded, workspace=workspace, read_only=reason)


def _chosen(workspace: Path, environment: Mapping[str, str]) -> Path | None:
    """Give what BEADS_DIR names, if that is how `find_workspace` came to `workspace`."""
    named = environment.get("BEADS_DIR")
    if not named or Path(named).absolute().parent != workspace.absolute():
        return None
    return Path(named).absolute()


def _has_database(kept_in: Path) -> bool:
    if any(True for pattern in _DATABASES for _ in kept_in.glob(pattern)):
        return True
    return _metadata(kept_in).get("dolt_mode") == "server"  # the data is with a server, not in a file here


def _export(kept_in: Path) -> Path:
    """Give the path of the JSONL file: the one that is configured, else the usual, else the former name."""
    configured = _metadata(kept_in).get("jsonl_export")
    names = [configured] if isinstance(configured, str) and configured == Path(configured).name else []
    candidates = [kept_in / name for name in (*names, "issues.jsonl", "beads.jsonl")]
    return next((path for path in candidates if path.is_file()), kept_in / "issues.jsonl")


def _metadata(kept_in: Path) -> Mapping[str, object]:
    try:
        value = json.loads((kept_in / "metadata.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}  # bd reads it too, and says more about what is wrong with it than we could
    return value if isinstance(value, dict) else {}


def _configured_prefix(kept_in: Path) -> str:
    try:
        config = (kept_in / "config.yaml").read_text("utf-8", "replace")
    except OSError:
        return ""
    match = re.search(r"^issue-prefix:\s*[\"']?([A-Za-z0-9_-]+)[\"']?\s*(?:#.*)?$", config, re.MULTILINE)
    return match.group(1).rstrip("-") if match else ""


def _redirected(kept_in: Path) -> Path:
    """Follow the file `redirect`, one step, as bd does; what it names is relative to the project."""
    try:
        lines = (kept_in / "redirect").read_text("utf-8").splitlines()
    except (OSError, ValueError):
        return kept_in
    named = next((line.strip() for line in lines if line.strip() and not line.strip().startswith("#")), "")
    target = kept_in.parent / named
    return target.resolve() if named and target.is_dir() else kept_in


def _main_checkout(git: Path) -> Path | None:
    """Give the checkout that a worktree's `.git` file belongs to, by git's common folder."""
    try:
        pointer = git.read_text("utf-8")
    except (OSError, ValueError):
        return None
    if not pointer.startswith("gitdir:"):
        return None
    folder = (git.parent / pointer.removeprefix("gitdir:").strip()).resolve()
    try:
        common = (folder / (folder / "commondir").read_text("utf-8").strip()).resolve()
    except (OSError, ValueError):
        return None  # a submodule, which has beads of its own or none
    return common.parent if common.name == ".git" else common


def opening_signal(workspace: Path) -> str:
    """Give a text that differs when another tracker may have to be opened: beads came, or a database did.

    Reads a few folder entries, starts no process.
    """
    kept_in = _redirected(workspace / _BEADS)
    if not kept_in.is_dir():
        return "none"
    return "database" if _has_database(kept_in) else "file"
