"""Landing in odd repositories: awkward names and shapes, settings of the user's, locks that others hold."""

import os
from pathlib import Path

import pytest

from beadwork.checkouts import (
    BranchInUse,
    CheckoutError,
    Conflicts,
    GitFailed,
    How,
    InTheWay,
    Merged,
    NoBase,
    Target,
    in_the_way,
    land_merged,
    merge,
    settle_landing,
    target_of,
)
from beadwork.checkouts.half_moved import Move
from beadwork.checkouts.merging import landing_places
from repositories import Desk, Sample, desk, git, picture

BRANCH = "bead/demo-1"


@pytest.fixture
def ada(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Give a user on main, with a bead's branch of one commit on it."""
    made = desk(tmp_path, monkeypatch)
    made.repository.git("branch", BRANCH)
    work(made.repository, hello="hello\n")
    return made


def work(sample: Sample, *removed: str, **files: str) -> None:
    """Bring main into the bead's branch, commit files there, and go back."""
    sample.git("switch", "-q", BRANCH)
    sample.git("merge", "-q", "--no-edit", "main")
    if removed:
        sample.git("rm", "-qr", *removed)
    sample.commit("work", **files)
    sample.git("switch", "-q", "-")


async def target(top: Path) -> Target:
    """Give how it stands with demo-1."""
    found = await target_of(top, "demo-1")
    assert found is not None
    return found


async def merged(ada: Desk, how: How = How.MERGE, *, top: Path | None = None) -> Merged:
    """Merge demo-1 into its base, which must go."""
    at = top or ada.repository.top
    done = await merge(ada.checkouts.state, at, await target(at), how, "demo-1: it")
    assert isinstance(done, Merged), done
    return done


async def land(ada: Desk, done: Merged, *, top: Path | None = None) -> None:
    """Land what was merged, the working tree included."""
    at = top or ada.repository.top
    await land_merged(ada.checkouts.state, at, done, update_tree=True, environment=dict(os.environ))


def own(top: Path) -> None:
    """Give a clone an identity and the bead's branch."""
    git(top, "config", "user.name", "Ada")
    git(top, "config", "user.email", "ada@example.org")
    git(top, "branch", "-q", BRANCH, f"origin/{BRANCH}")
    git(top, "switch", "-q", "main")


@pytest.mark.parametrize("options", ["--squash", "-s ours"])
async def test_options_for_merging_into_the_base(ada: Desk, options: str) -> None:
    """What the user has set for merges of their own does not keep the base from coming along."""
    sample = ada.repository
    sample.git("config", "branch.main.mergeOptions", options)
    done = await merged(ada)
    await land(ada, done)
    assert sample.git("rev-parse", "main") == done.commit
    assert sample.git("status", "--porcelain") == ""


async def test_a_folder_becomes_a_file(ada: Desk) -> None:
    """A folder of which git knows all is not in the way of a file of that name."""
    sample = ada.repository
    sample.commit("folders", **{"docs/a": "a\n"})
    work(sample, "docs", docs="now a file\n")
    done = await merged(ada)
    assert await in_the_way(ada.checkouts.state, sample.top, done) == ()
    await land(ada, done)
    assert (sample.top / "docs").read_text() == "now a file\n"
    assert sample.git("status", "--porcelain") == ""


async def test_a_folder_with_something_of_theirs_becomes_a_file(ada: Desk) -> None:
    """What git does not know in it is in the way, also where it is ignored."""
    sample = ada.repository
    sample.commit("folder", **{"docs/a": "a\n", ".gitignore": "cache\n"})
    work(sample, "docs", docs="now a file\n")
    sample.write("docs/cache", "mine\n")
    done = await merged(ada)
    assert await in_the_way(ada.checkouts.state, sample.top, done) == ("docs/cache",)
    with pytest.raises(InTheWay):
        await land(ada, done)
    assert (sample.top / "docs/cache").read_text() == "mine\n"
    assert sample.git("status", "--porcelain") == ""


@pytest.mark.parametrize("link", [False, True])
async def test_a_file_where_a_folder_is_to_be(ada: Desk, link: bool) -> None:
    """A file, or a link, is not overwritten by a folder, also where it is ignored."""
    sample = ada.repository
    work(sample, **{"new/inside": "x\n"})
    sample.write(".git/info/exclude", "new\n")
    if link:
        (sample.top / "new").symlink_to(ada.home)
    else:
        sample.write("new", "mine\n")
    done = await merged(ada)
    assert await in_the_way(ada.checkouts.state, sample.top, done) == ("new",)


async def test_a_lock_of_somebody_else_on_the_index(ada: Desk) -> None:
    """It stays, as that of a `git commit` that waits for an editor; nothing is changed."""
    sample = ada.repository
    done = await merged(ada)
    lock = sample.write(".git/index.lock", "theirs")
    before = picture(sample.top, without_objects=True)
    with pytest.raises(CheckoutError, match=r"index\.lock"):
        await land(ada, done)
    assert picture(sample.top, without_objects=True) == before
    lock.unlink()
    await land(ada, done)
    assert sample.git("rev-parse", "main") == done.commit


async def test_a_lock_on_the_base(ada: Desk) -> None:
    """A base that cannot move leaves files and index as they were."""
    sample = ada.repository
    work(sample, **{"readme": "text 0\nmore\n", "dir/new": "x\n"})
    done = await merged(ada)
    lock = sample.write(".git/refs/heads/main.lock", "")
    with pytest.raises(CheckoutError, match=r"main\.lock"):
        await land(ada, done)
    lock.unlink()
    assert sample.git("status", "--porcelain") == ""
    assert sample.git("rev-parse", "main") == done.target.old
    await land(ada, done)
    assert sample.git("rev-parse", "main") == done.commit


@pytest.mark.parametrize("name", [b"linked \xe9", "linked\u2028two\nlines".encode()])
async def test_a_linked_worktree_with_an_odd_name(ada: Desk, name: bytes) -> None:
    """It is seen that the base is checked out there, so it comes along."""
    sample = ada.repository
    sample.git("switch", "-qc", "elsewhere")
    linked = Path(os.fsdecode(os.fsencode(ada.home) + b"/" + name))
    sample.git("worktree", "add", "-q", str(linked), "main")
    assert [tree.top for tree in (await target(sample.top)).trees] == [linked]
    await land(ada, await merged(ada))
    assert (linked / "hello").exists()
    assert git(linked, "status", "--porcelain") == ""


async def test_a_linked_worktree_on_a_disk_that_is_not_here(ada: Desk) -> None:
    """One that is locked will be back with its files, so its branch does not move away from them."""
    sample, linked = ada.repository, ada.home / "linked"
    sample.git("switch", "-qc", "elsewhere")
    sample.git("worktree", "add", "-q", "--lock", str(linked), "main")
    linked.rename(ada.home / "away")
    with pytest.raises(CheckoutError, match="no folder"):
        await target(sample.top)


@pytest.mark.parametrize("submodule", [False, True])
async def test_a_git_folder_elsewhere(ada: Desk, tmp_path: Path, submodule: bool) -> None:
    """In a submodule, or where somebody wanted it so, the working tree comes along all the same."""
    sample, top = ada.repository, tmp_path / "apart"
    if submodule:
        sample.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(sample.top), "sub")
        top = sample.top / "sub"
    else:
        git(tmp_path, "clone", "-q", f"--separate-git-dir={top}.git", str(sample.top), str(top))
    own(top)
    (tree,) = (await target(top)).trees
    assert tree.top == top
    done = await merged(ada, top=top)
    await land(ada, done, top=top)
    assert git(top, "rev-parse", "main") == done.commit
    assert git(top, "status", "--porcelain") == ""


async def test_the_branch_is_checked_out_meanwhile(ada: Desk) -> None:
    """It does not move away from the files there, and neither does the base."""
    sample, linked = ada.repository, ada.home / "linked"
    sample.commit("the base went on", later="later\n")
    done = await merged(ada, How.FAST_FORWARD)
    sample.git("worktree", "add", "-q", str(linked), BRANCH)
    with pytest.raises(BranchInUse, match="linked"):
        await land(ada, done)
    assert sample.git("rev-parse", "main", BRANCH).splitlines() == [done.target.old, done.target.head]


async def test_a_monitor_of_the_users(ada: Desk) -> None:
    """No program is started for it while files come along."""
    sample, ran = ada.repository, ada.home / "ran"
    hook = sample.write(".git/monitor", f"#!/bin/sh\ntouch '{ran}'\n")
    hook.chmod(0o755)
    sample.git("config", "core.fsmonitor", str(hook))
    await land(ada, await merged(ada))
    assert not ran.exists()


async def test_a_sparse_tree_left_half_way(ada: Desk) -> None:
    """Put back is what the user wants to have there, and no more."""
    sample, state = ada.repository, ada.checkouts.state
    sample.commit("folders", **{"in/a": "a\n", "out/b": "b\n"})
    work(sample, **{"in/a": "a\nnew\n", "out/b": "new\n"})
    sample.git("sparse-checkout", "set", "--cone", "in")
    old, new = sample.git("rev-parse", "main", BRANCH).splitlines()
    Move(sample.top, "refs/heads/main", old, new).note(landing_places(state, sample.top))
    sample.write("in/a", "a\nne")
    await settle_landing(state, sample.top)
    assert (sample.top / "in/a").read_text() == "a\n"
    assert not (sample.top / "out").exists()
    assert sample.git("status", "--porcelain") == ""


async def test_a_base_without_a_commit_of_its_own(ada: Desk) -> None:
    """The user is about to make the first one there, so it is not for us to move."""
    sample = ada.repository
    sample.git("update-ref", "refs/remotes/origin/main", "main")
    sample.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    sample.git("update-ref", "-d", "refs/heads/main")
    (tree,) = (await target(sample.top)).trees
    assert (tree.branch, tree.busy) == ("main", "a first commit")


async def test_the_user_is_in_the_middle_of_a_merge(ada: Desk) -> None:
    """It counts also while nothing in the tree is uncommitted."""
    sample = ada.repository
    sample.git("merge", "-q", "--no-commit", "--no-ff", "-s", "ours", BRANCH)
    assert sample.git("status", "--porcelain") == ""
    (tree,) = (await target(sample.top)).trees
    assert tree.busy == "a merge"


async def test_a_base_whose_name_is_no_text(ada: Desk) -> None:
    """It could not be told to anybody, so it is to be renamed."""
    sample, name = ada.repository, os.fsdecode(b"m\xe9in")
    sample.git("update-ref", f"refs/remotes/origin/{name}", "main")
    sample.git("symbolic-ref", "refs/remotes/origin/HEAD", f"refs/remotes/origin/{name}")
    with pytest.raises(NoBase, match=r"m\\xe9in"):
        await target(sample.top)


async def test_line_ends_that_are_not_as_the_attributes_say(ada: Desk) -> None:
    """They are no change of anybody's: both sides are merged."""
    sample = ada.repository
    lines = ["one", "two", "three", "four", "five"]

    def put(*lines: str) -> None:
        sample.write("win.txt", "".join(f"{line}\r\n" for line in lines))
        blob = sample.git("hash-object", "-w", "--no-filters", "win.txt")
        sample.git("update-index", "--add", "--cacheinfo", f"100644,{blob},win.txt")
        sample.git("commit", "-qm", "a change")

    sample.commit("attributes", **{".gitattributes": "*.txt text eol=lf\n"})
    put(*lines)
    sample.git("checkout", "-qfB", BRANCH)
    put("ONE", *lines[1:])
    sample.git("checkout", "-qf", "main")
    put(*lines[:-1], "FIVE")
    for how in How:
        done = await merged(ada, how)
        assert done.checkout is not None
        assert git(done.checkout.path, "show", "HEAD:win.txt").split() == ["ONE", *lines[1:-1], "FIVE"]


async def test_conflicts_of_every_kind(ada: Desk) -> None:
    """All are named, by names that somebody gave them."""
    sample, body = ada.repository, "".join(f"line {number}\n" for number in range(30))
    names = ("lines", "picture", " lead", "-dash", "new\nline")
    sample.commit("base", **dict.fromkeys(names, "\0a"), gone="a\n", moved=body, twice=f"{body}twice\n")
    sample.git("switch", "-qC", BRANCH)
    sample.git("mv", "twice", "here")
    sample.git("mv", "moved", "moved here")
    sample.commit("ours", **dict.fromkeys(names, "\0b"), gone="b\n", new="b\n", kind="a file\n")
    sample.git("switch", "-q", "main")
    sample.git("mv", "twice", "there")
    sample.git("rm", "-q", "gone", "moved")
    sample.commit("theirs", **dict.fromkeys(names, "\0c"), new="c\n", **{"kind/of": "a folder\n"})
    before = picture(sample.top)
    for how in How:
        found = await merge(ada.checkouts.state, sample.top, await target(sample.top), how, "it")
        assert isinstance(found, Conflicts)
        assert set(found.paths) == {*names, "gone", "new", "kind", "moved here", "twice", "here", "there"}
    assert picture(sample.top) == before


async def test_a_shallow_clone(ada: Desk, tmp_path: Path) -> None:
    """It stays as shallow as it was."""
    sample, top = ada.repository, tmp_path / "shallow"
    sample.commit("two", two="2\n")
    work(sample, later="later\n")
    sample.commit("three", three="3\n")
    git(tmp_path, "clone", "-q", "--depth=3", "--no-single-branch", f"file://{sample.top}", str(top))
    own(top)
    before = (top / ".git" / "shallow").read_bytes()
    done = await merged(ada, top=top)
    await land(ada, done, top=top)
    assert git(top, "rev-parse", "main") == done.commit
    assert git(top, "status", "--porcelain") == ""
    assert (top / ".git" / "shallow").read_bytes() == before


async def test_a_partial_clone(ada: Desk, tmp_path: Path) -> None:
    """What was never fetched cannot be merged; the sentence says how to get it, and that helps."""
    sample, top = ada.repository, tmp_path / "partial"
    sample.commit("the base went on", readme="text 1\n")
    sample.git("config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "-q", "--filter=blob:none", f"file://{sample.top}", str(top))
    own(top)
    with pytest.raises(GitFailed, match="--refetch --no-filter"):
        await merged(ada, top=top)
    git(top, "fetch", "-q", "--refetch", "--no-filter")
    await land(ada, await merged(ada, top=top), top=top)


async def test_files_that_git_was_told_not_to_look_at(ada: Desk) -> None:
    """What the user has in them is not overwritten."""
    sample = ada.repository
    work(sample, readme="branch\n", other="branch\n")
    sample.git("update-index", "--assume-unchanged", "readme")
    sample.git("update-index", "--skip-worktree", "other")
    sample.write("readme", "mine\n")
    sample.write("other", "mine\n")
    with pytest.raises(InTheWay, match="other, readme"):
        await land(ada, await merged(ada))
    assert (sample.top / "readme").read_text() == (sample.top / "other").read_text() == "mine\n"
