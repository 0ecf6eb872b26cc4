"""A trial with real bead files: the embedded tracker against what bd makes of the same file.

BEADWORK_PUBLIC_BEADS names files, separated by `:`, such as `.beads/issues.jsonl` of the beads repository
itself at the commits ce622f56 and e5d6fe01. They are not part of the project. `--log-cli-level=INFO` shows
the figures.
"""

import asyncio
import json
import logging
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bead_places import BdPlace, bare_environment
from beadwork.beads import Bead, Index, open_tracker

pytestmark = [pytest.mark.bd, pytest.mark.timeout(900)]

_log = logging.getLogger(__name__)

FILES = [Path(name) for name in os.environ.get("BEADWORK_PUBLIC_BEADS", "").split(":") if name]
TYPES = "agent,convoy,event,gate,merge-request,message,molecule,rig,role"
ORPHAN = "bd-7bs4.1"
"""Its parent is a tombstone, for which bd refuses the whole file."""


def test_public_files_are_named() -> None:
    """Without files there is nothing to try, and that is said."""
    if not FILES:
        pytest.skip("name public bead files in BEADWORK_PUBLIC_BEADS to try them")


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
async def test_a_public_file_lists_the_same_through_both_trackers(
    file: Path, bd_program: Path, tmp_path: Path
) -> None:
    """Ids, titles, statuses, types, priorities, ready and blocked beads are the same through both."""
    data = await asyncio.to_thread(file.read_bytes)
    workspace = tmp_path / "embedded"
    (workspace / ".beads").mkdir(parents=True)
    (workspace / ".beads" / "issues.jsonl").write_bytes(data)
    environment = bare_environment(tmp_path)
    embedded = await open_tracker(
        workspace, bd="none", timeout=60, locks=tmp_path / "locks", environment=environment
    )
    start = time.perf_counter()
    listing = await embedded.list()
    listed = time.perf_counter()
    index = Index(listing)
    groups = {group.value: len(beads) for group, beads in index.groups().items()}
    _log.info(f"{file.name}: {len(listing.beads)} beads, {len(listing.troubles)} troubles, {groups}")
    _log.info(f"listed in {listed - start:.3f} s, grouped in {time.perf_counter() - listed:.3f} s")

    place = BdPlace(bd_program, tmp_path / "bd", tmp_path)
    place.bd("config", "set", "types.custom", TYPES)
    lines = [line for line in data.decode().splitlines() if json.loads(line)["id"] != ORPHAN]
    start = time.perf_counter()
    reply = json.loads(place.bd("import", "-", "--json", stdin="\n".join(lines) + "\n"))
    skipped = reply.get("skipped_dependencies", [])
    _log.info(f"imported in {time.perf_counter() - start:.0f} s, {len(skipped)} edges dropped by bd")
    real = await open_tracker(
        place.folder,
        bd=str(bd_program),
        timeout=60,
        locks=tmp_path / "locks",
        environment=place.environment,
    )
    theirs = Index(await real.list())

    ours = {bead.id: _face(bead) for bead in listing.beads if bead.id != ORPHAN}
    their_faces = {bead.id: _face(bead) for bead in theirs.beads}
    _log.info(f"bd lists {len(their_faces)}")
    assert set(ours) == set(their_faces)
    assert [bead for bead in ours if ours[bead] != their_faces[bead]] == []

    # Of the edges that bd kept, our rules give what bd gives; of all edges, only what hangs on dropped ones
    # may differ.
    ready, blocked = place.ids("ready", "--limit", "0"), place.ids("blocked")
    assert set(theirs.ready) == ready
    assert set(theirs.blocked) == blocked
    touched = set(_with_children(index, {edge.partition(" -> ")[0] for edge in skipped} | {ORPHAN}))
    _log.info(f"ready {len(index.ready)} here, {len(ready)} bd; {sorted(set(index.ready) ^ ready)}")
    _log.info(f"blocked {len(index.blocked)} here, {len(blocked)} bd; {sorted(index.blocked ^ blocked)}")
    assert set(index.ready) ^ ready <= touched
    assert index.blocked ^ blocked <= touched


def _face(bead: Bead) -> tuple[str, str, str, int]:
    return bead.title, bead.status, bead.type, bead.priority


def _with_children(index: Index, beads: set[str]) -> Iterator[str]:
    """Give `beads` and all below them, since being blocked is handed down."""
    seen = set(beads)
    waiting = list(beads)
    while waiting:
        bead = waiting.pop()
        yield bead
        fresh = [child for child in index.children(bead) if child not in seen]
        seen.update(fresh)
        waiting += fresh
