"""Landing in git alone: what is merged, what of the user's repository moves, and what never does."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from beadwork.checkouts import (
    BaseMoved,
    BranchInUse,
    Conflicts,
    How,
    InTheWay,
    Merged,
    NoBase,
    Target,
    conflicts_of,
    discard_merge,
    land_merged,
    merge,
    target_of,
)
from beadwork.state_folder import StateFolder
from repositories import Desk, Sample, desk, git, picture

BRANCH = "bead/demo-1"
TITLE = "demo-1: Add a greeting"


@pytest.fixture
def ada(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Give a user on branch `elsewhere`, with a bead's branch of two commits on main."""
    made = desk(tmp_path, monkeypatch)
    sample = made.repository
    sample.git("switch", "-qc", BRANCH)
    sample.commit("Add hello", hello="hello\n")
    sample.commit("Greet twice", hello="hello\nhello\n")
    sample.git("switch", "-q", "main")
    sample.git("switch", "-qc", "elsewhere")
    return made


def go_on(sample: Sample, ref: str = "main", **files: str) -> str:
    """Let a branch that is checked out nowhere go on by a commit; give that."""
    index = {"GIT_INDEX_FILE": str(sample.top / ".git" / "other-index")}
    sample.git("read-tree", ref, **index)
    for name, text in files.items():
        blob = sample.top / ".git" / "blob"
        blob.write_text(text)
        hashed = sample.git("hash-object", "-w", str(blob))
        blob.unlink()
        sample.git("update-index", "--add", "--cacheinfo", f"100644,{hashed},{name}", **index)
    tree = sample.git("write-tree", **index)
    Path(index["GIT_INDEX_FILE"]).unlink()
    commit = sample.git("commit-tree", tree, "-p", ref, "-m", "the base went on")
    sample.git("update-ref", f"refs/heads/{ref}" if "/" not in ref else ref, commit)
    return commit


async def target(ada: Desk, **more: str) -> Target:
    """Give how it stands with demo-1."""
    found = await target_of(ada.repository.top, "demo-1", **more)
    assert found is not None
    return found


async def merged(ada: Desk, how: How) -> Merged:
    """Merge demo-1 into its base, which must go."""
    done = await merge(ada.checkouts.state, ada.repository.top, await target(ada), how, TITLE)
    assert isinstance(done, Merged), done
    return done


async def land(ada: Desk, done: Merged, *, update_tree: bool = False) -> None:
    """Land what was merged."""
    top = ada.repository.top
    await land_merged(ada.checkouts.state, top, done, update_tree=update_tree, environment=dict(os.environ))


def unmoved(ada: Desk) -> object:
    """Give all of the repository but objects, the refs of the bead and of main, and their logs."""
    left_out = ("refs/heads/main", "refs/heads/bead")
    seen = picture(ada.repository.top, without_objects=True)
    return {path: about for path, about in seen.items() if not any(name in path for name in left_out)}


@pytest.mark.parametrize("how", How)
async def test_a_base_that_stands_still(ada: Desk, how: How) -> None:
    """It moves to the branch's head, to a merge of both, or to one commit with all of it; nothing else does."""
    sample, before = ada.repository, unmoved(ada)
    base, head = sample.git("rev-parse", "main", BRANCH).splitlines()
    done = await merged(ada, how)
    assert done.same_files
    assert done.checkout is None
    assert sample.git("rev-parse", "main") == base
    await land(ada, done)
    assert unmoved(ada) == before
    assert sample.git("rev-parse", BRANCH) == head
    assert sample.git("diff", "--stat", "main", BRANCH) == ""
    parents = sample.git("log", "-1", "--format=%P", "main").split()
    message = sample.git("log", "-1", "--format=%B", "main")
    match how:
        case How.FAST_FORWARD:
            assert sample.git("rev-parse", "main") == head
        case How.MERGE:
            assert parents == [base, head]
            assert message.startswith(f"Merge {TITLE}\n")
        case How.SQUASH:
            assert parents == [base]
            assert message == f"{TITLE}\n\n- Add hello\n- Greet twice"
    assert sample.git("log", "-1", "--format=%an <%ae>, %cn", "main").endswith(
        "Ada <ada@example.org>, Ada" if how is How.FAST_FORWARD else "Ada Ünsal <ada@example.org>, Ada Ünsal"
    )
    assert sample.git("reflog", "-1", "--format=%gs", "main") == f"beadwork: land {BRANCH}"
    sample.git("fsck", "--strict")
