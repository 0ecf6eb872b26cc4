"""Landing in git alone: what is merged, what of the user's repository moves, and what never does."""

import os
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
    in_the_way,
    land_merged,
    merge,
    target_of,
)
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
    """It becomes the branch's head, a merge of both, or one commit with all of it; nothing else moves."""
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


@pytest.mark.parametrize("how", How)
async def test_a_base_that_went_on(ada: Desk, how: How) -> None:
    """Both sides are in what the base becomes; a fast-forward brings the base into the branch first."""
    sample, before = ada.repository, unmoved(ada)
    base, head = go_on(sample, later="later\n"), sample.git("rev-parse", BRANCH)
    done = await merged(ada, how)
    assert not done.same_files
    assert done.checkout is not None
    assert (done.checkout.path / "later").read_text() == "later\n"
    assert git(done.checkout.path, "status", "--porcelain") == ""
    assert git(done.checkout.path, "rev-parse", "HEAD") == done.commit
    await land(ada, done)
    assert unmoved(ada) == before
    assert sample.git("rev-parse", "main") == done.commit
    assert sample.git("show", "main:hello", "main:later") == "hello\nhello\nlater"
    assert sample.git("rev-parse", BRANCH) == (done.commit if how is How.FAST_FORWARD else head)
    parents = {How.FAST_FORWARD: [head, base], How.MERGE: [base, head], How.SQUASH: [base]}[how]
    assert sample.git("log", "-1", "--format=%P", "main").split() == parents
    await discard_merge(ada.checkouts.state, sample.top)
    assert not done.checkout.path.exists()
    sample.git("fsck", "--strict")


async def test_the_remote_is_further(ada: Desk) -> None:
    """What is known of origin counts: it is landed on that, and the user's own base comes along."""
    sample = ada.repository
    sample.git("update-ref", "refs/remotes/origin/main", "main")
    further = go_on(sample, "refs/remotes/origin/main", there="there\n")
    found = await target(ada)
    assert (found.onto, found.onto_ref, found.base, found.behind) == (further, "origin/main", "main", 1)
    await land(ada, await merged(ada, How.SQUASH))
    assert sample.git("rev-parse", "main~1") == further


async def test_the_user_is_further_than_the_remote(ada: Desk) -> None:
    """Then it is landed on the user's own, also when origin/main is what work starts from."""
    sample = ada.repository
    sample.git("update-ref", "refs/remotes/origin/main", "main")
    sample.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    own = go_on(sample, own="own\n")
    found = await target(ada)
    assert (found.onto, found.onto_ref, found.diverged) == (own, "main", False)
    go_on(sample, "refs/remotes/origin/main", there="there\n")
    assert (await target(ada)).diverged


async def test_a_base_that_only_the_remote_has(ada: Desk) -> None:
    """The user's own branch of that name is made."""
    sample = ada.repository
    sample.git("update-ref", "refs/remotes/origin/main", "main")
    sample.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    sample.git("branch", "-q", "-D", "main")
    await land(ada, await merged(ada, How.MERGE))
    assert sample.git("rev-parse", "main~1") == sample.git("rev-parse", "origin/main")


async def test_a_base_that_is_no_branch(ada: Desk) -> None:
    """A tag cannot be landed on; the sentence says what to set."""
    ada.repository.git("tag", "v1", "main")
    with pytest.raises(NoBase, match="set `base`"):
        await target(ada, base="v1")
    assert await target_of(ada.repository.top, "demo-2") is None


async def test_the_base_moves_between_merge_and_landing(ada: Desk) -> None:
    """Nothing is changed then; merged anew, both are in it."""
    sample = ada.repository
    done = await merged(ada, How.MERGE)
    moved, before = go_on(sample, later="later\n"), picture(sample.top)
    with pytest.raises(BaseMoved):
        await land(ada, done)
    assert {path for path, about in picture(sample.top).items() if before.get(path) != about} == {
        path for path in picture(sample.top) if path not in before and "/objects/" in path
    }
    await land(ada, await merged(ada, How.MERGE))
    assert sample.git("rev-parse", "main~1") == moved


async def test_a_conflict(ada: Desk) -> None:
    """It is named file by file, and nothing of the attempt is left, here or there."""
    sample = ada.repository
    go_on(sample, **{"hello": "good day\n", "späce \t.txt": "not in conflict\n"})
    before = picture(sample.top)
    done = await merge(ada.checkouts.state, sample.top, await target(ada), How.SQUASH, TITLE)
    assert done == Conflicts(("hello",))
    assert await conflicts_of(ada.checkouts.state, sample.top, await target(ada)) == ("hello",)
    assert picture(sample.top) == before
    left = [path for path in ada.checkouts.state.root.rglob("*") if "@" in path.name or "HEAD" in path.name]
    assert left == []


async def test_the_base_is_checked_out_and_clean(ada: Desk) -> None:
    """Without leave nothing is touched; with it the files come along, and what git does not know stays."""
    sample = ada.repository
    sample.git("switch", "-q", "main")
    sample.write("notes.txt", "mine\n")
    done = await merged(ada, How.MERGE)
    before = picture(sample.top)
    with pytest.raises(BranchInUse, match="checked out"):
        await land(ada, done)
    refs = {path for path in before if not path.startswith(".git/objects")}
    assert {path: about for path, about in picture(sample.top).items() if path in refs} == {
        path: before[path] for path in refs
    }
    await land(ada, done, update_tree=True)
    assert (sample.top / "hello").read_text() == "hello\nhello\n"
    assert sample.git("rev-parse", "HEAD", "main").splitlines() == [done.commit] * 2
    assert sample.git("status", "--porcelain") == "?? notes.txt"
    assert sample.git("stash", "list") == ""
    assert not (sample.top / ".git" / "FETCH_HEAD").exists()


async def test_the_base_is_checked_out_and_beads_have_changed(ada: Desk) -> None:
    """Beads are changed by runs themselves, so they are in nobody's way, and stay as they are."""
    sample = ada.repository
    sample.git("switch", "-q", "main")
    sample.write(".beads/issues.jsonl", "{}\n")
    sample.git("add", ".beads")
    sample.git("commit", "-qm", "beads")
    sample.write(".beads/issues.jsonl", "{}\n{}\n")
    found = await target(ada)
    assert found.dirty == ()
    await land(ada, await merged(ada, How.MERGE), update_tree=True)
    assert (sample.top / ".beads" / "issues.jsonl").read_text() == "{}\n{}\n"
    assert (sample.top / "hello").exists()


async def test_beads_that_have_changed_on_both_sides(ada: Desk) -> None:
    """What is not committed of them would be overwritten, though it begins like what would come: it stays."""
    sample = ada.repository
    sample.git("switch", "-q", "main")
    sample.commit("beads", **{".beads/issues.jsonl": "1\n"})
    sample.git("switch", "-q", BRANCH)
    sample.git("merge", "-q", "--no-edit", "main")
    sample.commit("more beads", **{".beads/issues.jsonl": "1\n2\n3\n"})
    sample.git("switch", "-q", "main")
    sample.write(".beads/issues.jsonl", "1\n2\n")
    done = await merged(ada, How.MERGE)
    assert await in_the_way(ada.checkouts.state, sample.top, done) == (".beads/issues.jsonl",)
    with pytest.raises(InTheWay):
        await land(ada, done, update_tree=True)
    assert (sample.top / ".beads" / "issues.jsonl").read_text() == "1\n2\n"
    assert sample.git("rev-parse", "main") == done.target.old


async def test_the_base_is_checked_out_and_dirty(ada: Desk) -> None:
    """What is not committed is named, staged or not, with its whole path."""
    sample = ada.repository
    sample.git("switch", "-q", "main")
    sample.write("readme", "mine\n")
    sample.write("a földer/staged", "mine\n")
    sample.git("add", "a földer")
    assert (await target(ada)).dirty == ("a földer/staged", "readme")


@pytest.mark.parametrize("ignored", [False, True])
async def test_a_file_in_the_way(ada: Desk, ignored: bool) -> None:
    """A file that git does not know, or is told to ignore, is not overwritten; nothing is changed."""
    sample = ada.repository
    sample.git("switch", "-q", "main")
    if ignored:
        (sample.top / ".git" / "info").mkdir(exist_ok=True)
        (sample.top / ".git" / "info" / "exclude").write_text("hello\n")
    done = await merged(ada, How.SQUASH)
    assert await in_the_way(ada.checkouts.state, sample.top, done) == ()
    sample.write("hello", "mine\n")
    assert await in_the_way(ada.checkouts.state, sample.top, done) == ("hello",)
    with pytest.raises(InTheWay) as caught:
        await land(ada, done, update_tree=True)
    assert caught.value.paths == ("hello",)
    assert (sample.top / "hello").read_text() == "mine\n"
    assert sample.git("rev-parse", "main") == done.target.old
    assert sample.git("diff", "--cached", "--name-only") == ""


async def test_the_base_is_checked_out_in_a_linked_worktree(ada: Desk) -> None:
    """That is the one that comes along; the user's own, which is elsewhere, is not touched."""
    sample, linked = ada.repository, ada.home / "linked"
    sample.git("worktree", "add", "-q", str(linked), "main")
    assert [tree.top for tree in (await target(ada)).trees] == [linked]
    before = unmoved(ada)
    await land(ada, await merged(ada, How.MERGE), update_tree=True)
    assert (linked / "hello").exists()
    changed = {path for path, about in unmoved(ada).items() if before.get(path) != about}  # type: ignore[attr-defined]
    assert {path for path in changed if not path.startswith(".git/worktrees/linked")} == set()


async def test_head_is_detached(ada: Desk) -> None:
    """Then no branch is in use: only the ref moves, and the files stay at the commit that is checked out."""
    sample = ada.repository
    sample.git("switch", "-q", "--detach", "main")
    before = unmoved(ada)
    assert (await target(ada)).trees == ()
    await land(ada, await merged(ada, How.FAST_FORWARD))
    assert unmoved(ada) == before
    assert sample.git("rev-parse", "main") == sample.git("rev-parse", BRANCH)


async def test_the_base_is_being_rebased(ada: Desk) -> None:
    """The end of a rebase moves the branch, so it counts as checked out, and is not for us to move."""
    sample = ada.repository
    go_on(sample, hello="mine\n")
    sample.git("switch", "-q", "main")
    with pytest.raises(AssertionError, match="CONFLICT"):
        sample.git("rebase", BRANCH)
    (tree,) = (await target(ada)).trees
    assert (tree.branch, tree.busy) == ("main", "a rebase")
    sample.git("rebase", "--abort")


async def test_no_program_of_anybody_runs(ada: Desk) -> None:
    """Not the hooks of the user's repository, and no filter or merge driver that a branch asks for."""
    sample, ran = ada.repository, ada.home / "ran"
    for name in ("post-merge", "post-checkout", "reference-transaction", "pre-merge-commit", "post-commit"):
        hook = sample.write(f".git/hooks/{name}", f"#!/bin/sh\necho {name} >> '{ran}'\n")
        hook.chmod(0o755)
    sample.git("config", "merge.mine.driver", f"touch '{ran}'")
    sample.git("config", "filter.mine.smudge", f"tee '{ran}'")
    sample.git("switch", "-q", BRANCH)
    sample.commit("attributes", **{".gitattributes": "* merge=mine filter=mine\n", "other": "theirs\n"})
    sample.git("switch", "-q", "elsewhere")
    go_on(sample, other="another\nand more\n")
    ran.unlink(missing_ok=True)
    assert await merge(ada.checkouts.state, sample.top, await target(ada), How.MERGE, TITLE) == Conflicts(
        ("other",)
    )
    assert not ran.exists()


async def test_sha256(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A repository with the longer names is landed in as well, also where the base has to be made."""
    made = desk(tmp_path, monkeypatch, object_format="sha256")
    sample = made.repository
    sample.git("switch", "-qc", BRANCH)
    sample.commit("Add hello", hello="hello\n")
    sample.git("update-ref", "refs/remotes/origin/main", "main")
    sample.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    sample.git("branch", "-q", "-D", "main")
    done = await merged(made, How.SQUASH)
    await land(made, done)
    assert sample.git("rev-parse", "main") == done.commit
