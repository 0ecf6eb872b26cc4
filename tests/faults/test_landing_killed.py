"""A landing whose worker is killed at any moment: the base is as it was or as it is to be, never between."""

import os
import signal
from collections.abc import Mapping
from pathlib import Path

import pytest

from beadwork.executions import Reason, State
from beadwork.workflows import LandRequest, Refused
from beadwork.workflows.keeping.retention import keep_house
from faults.ground import Ground
from remote_places import REF, branch, remote
from repositories import picture

OURS = (
    ".beads",
    ".git/objects",
    ".git/refs/heads/main",
    ".git/logs/refs/heads/main",
    ".git/refs/remotes",
    ".git/logs/refs/remotes",
)
MOMENTS = {
    "the merge": "--no-ff",
    "fetching what was merged": "--no-write-fetch-head",
    "moving the ref": "beadwork: land bead/demo-1",
    "the push": "push",
}


def others(ground: Ground) -> Mapping[str, str]:
    """Give the user's repository but for what a landing may change."""
    seen = picture(ground.made.project)
    return {path: about for path, about in seen.items() if not path.startswith(OURS)}


def places(ground: Ground) -> list[Path]:
    """Give the places to merge in that there are."""
    return [path for path in ground.made.state.rglob("land+*") if path.suffix != ".lock"]


async def held(ground: Ground, word: str, request: LandRequest) -> str:
    """Begin a landing, and hold it where git is called with `word`; give the run."""
    gate = ground.gates / word
    gate.parent.mkdir(exist_ok=True)
    gate.touch()
    run = await ground.application.land(ground.made.project, request)
    assert not isinstance(run, Refused), run
    await ground.there(f"{word}.there", run.id)
    return run.id


async def killed(ground: Ground, run: str) -> None:
    """Kill the worker of a run, and wait until somebody has noticed."""
    worker = ground.get(run).worker
    assert worker is not None
    os.kill(worker.pid, signal.SIGKILL)
    done = await ground.ended(run)
    assert (done.state, done.reason) == (State.FAILED, Reason.INTERRUPTED), ground.report(run)


async def lands_then(ground: Ground, request: LandRequest) -> None:
    """Land once more, with nobody in the way, and find nothing left of the one before."""
    for gate in ground.gates.rglob("*"):
        if gate.is_file() and gate.parent.name != "bin":
            gate.unlink()
    run = await ground.application.land(ground.made.project, request)
    assert not isinstance(run, Refused), run
    done = await ground.ended(run.id)
    assert done.reason is Reason.LANDED, ground.report(run.id)
    assert places(ground) == []


@pytest.fixture
def diverged(ground: Ground) -> Ground:
    """A user with a bead's branch whose base went on, on another branch themselves."""
    sample = ground.made.repository
    start = sample.git("rev-parse", "main")
    remote(sample, ground.made.folder / "origin.git")
    sample.git("update-ref", "refs/heads/main", branch(sample, bead="aside", later="later\n"))
    sample.git("update-ref", "-d", "refs/heads/bead/aside")
    sample.git("update-ref", REF, start)
    branch(sample)
    sample.git("switch", "-q", "--detach", start)
    return ground


@pytest.mark.parametrize("moment", MOMENTS)
async def test_killed_at(diverged: Ground, moment: str) -> None:
    """Before its ref moved the base is as it was; after, it is whole. The next landing goes through."""
    ground, sample = diverged, diverged.made.repository
    main, before = sample.git("rev-parse", "main"), others(ground)
    request = LandRequest("demo-1", push=moment == "the push")
    run = await held(ground, MOMENTS[moment], request)
    await killed(ground, run)
    assert others(ground) == before
    assert sample.git("for-each-ref", "refs/beadwork") == ""
    if moment == "the push":
        assert sample.git("show", "main:new", "main:later") == "new\nlater"
        assert ground.get(run).results["land"]
    else:
        assert sample.git("rev-parse", "main") == main
    await lands_then(ground, request)
    assert others(ground) == before
    assert sample.git("show", "main:new", "main:later") == "new\nlater"
    sample.git("fsck", "--strict")


async def test_nobody_lands_after(diverged: Ground) -> None:
    """Whoever keeps house removes the place of a killed landing, and not that of one that goes on."""
    ground = diverged
    run = await held(ground, MOMENTS["moving the ref"], LandRequest("demo-1"))
    assert await keep_house(ground.application._house, force=True) == ()
    assert places(ground)
    await killed(ground, run)
    assert await keep_house(ground.application._house, force=True) == ()
    assert places(ground) == []


async def test_killed_among_the_users_files(diverged: Ground) -> None:
    """Worker and git are gone, half of the files are new: the next landing begins by putting them back."""
    ground, sample = diverged, diverged.made.repository
    sample.git("switch", "-q", "main")
    branch(sample, a="a\n", readme="changed\n", **{"z/z": "z\n"})
    there, gate = ground.gates / "smudge.there", ground.gates / "smudge"
    wait = f"touch '{there}'; while [ -f '{gate}' ]; do sleep 0.02; done"
    smudge = f"if mkdir '{gate}.once' 2>/dev/null; then {wait}; fi; cat"
    sample.write(".git/info/attributes", "readme filter=slow\n")
    sample.git("config", "filter.slow.smudge", smudge)
    sample.git("config", "filter.slow.clean", "cat")
    main, before = sample.git("rev-parse", "main"), others(ground)
    request = LandRequest("demo-1", update_tree=True)
    run = await held(ground, "smudge", request)
    assert (sample.top / "a").exists()
    await killed(ground, run)
    assert sample.git("rev-parse", "main") == main
    await lands_then(ground, request)
    assert sample.git("status", "--porcelain", "--", ":!.beads") == ""
    assert (sample.top / "readme").read_text() == "changed\n"
    changed = {path for path, about in others(ground).items() if before.get(path) != about}
    assert changed <= {"a", "new", "readme", "z", "z/z", ".git/index", ".git/logs/HEAD", ".git/ORIG_HEAD"}
