"""What an agent left is seen, and comes back into the user's repository as one ref."""

import os
from pathlib import Path

import pytest

from beadwork.checkouts import BranchInUse, BranchMoved, CheckoutError, GitFailed
from repositories import Desk, Sample, desk, picture


@pytest.fixture
def at_desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Give a user with a repository."""
    return desk(tmp_path, monkeypatch)


async def test_the_users_repository_is_untouched_byte_for_byte(at_desk: Desk, tmp_path: Path) -> None:
    """Preparing, with and without changes, and looking change nothing; bringing back writes one ref."""
    user = at_desk.repository
    marker = tmp_path / "ran"
    user.write("readme", "stashed\n")
    user.git("stash")
    user.write("readme", "staged\n")
    user.git("add", "readme")
    user.write("readme", "staged, then changed\n")
    user.write("untracked", "untracked\n")
    hooks = user.top / ".git" / "hooks"
    hooks.mkdir()
    for name in ("reference-transaction", "post-index-change", "post-checkout", "pre-auto-gc"):
        (hooks / name).write_text(f"#!/bin/sh\necho {name} >> '{marker}'\n")
        (hooks / name).chmod(0o755)
    user.git("config", "fetch.prune", "true")
    user.git("config", "gc.auto", "1")
    os.utime(user.top / "other")  # the index no longer knows this file: a careless `git status` writes it
    before = picture(user.top)

    checkout = await at_desk.checkouts.prepare(user.top, "demo-1", with_changes=True)
    Sample(checkout.path).commit("work", new="new\n")
    evidence = await at_desk.checkouts.evidence(checkout)
    await at_desk.checkouts.prepare(user.top, "demo-2")
    assert picture(user.top) == before

    before = picture(user.top, without_objects=True)
    refs = user.git("for-each-ref").splitlines()
    await at_desk.checkouts.bring_back(checkout, evidence)
    assert picture(user.top, without_objects=True) == before
    now = user.git("for-each-ref").splitlines()
    assert [line for line in now if line not in refs] == [f"{evidence.head} commit\trefs/heads/bead/demo-1"]
    assert not marker.exists()


async def test_commits_and_leftovers_are_evidence(at_desk: Desk) -> None:
    """New commits are listed the oldest first; what is changed, deleted, staged or untracked is left over."""
    checkout = await at_desk.worked()
    tree = Sample(checkout.path)
    tree.commit("second \x1b[31m", more="more\n")
    tree.write("readme", "changed\n")
    (tree.top / "other").unlink()
    tree.write("staged", "staged\n")
    tree.git("add", "staged")
    tree.write("folder/ä ö", "untracked\n")
    evidence = await at_desk.checkouts.evidence(checkout)
    assert [commit.subject for commit in evidence.commits] == ["work by an agent", "second  [31m"]
    assert evidence.head == tree.git("rev-parse", "HEAD") == evidence.commits[-1].sha
    assert set(evidence.leftovers) == {"readme", "other", "staged", "folder/"}
    assert "2 files changed" in evidence.diffstat


async def test_an_agent_that_commits_nothing_has_no_commits(at_desk: Desk) -> None:
    """The copy of the user's changes is part of the base, so it is not counted as work."""
    at_desk.repository.write("readme", "changed\n")
    checkout = await at_desk.checkouts.prepare(at_desk.repository.top, "demo-1", with_changes=True)
    evidence = await at_desk.checkouts.evidence(checkout)
    assert evidence.commits == ()
    assert evidence.leftovers == ()
    assert evidence.diffstat == ""


async def test_work_on_another_branch_does_not_count_and_is_said(at_desk: Desk) -> None:
    """Commits beside the bead's branch are no evidence; a note names the branch that was left checked out."""
    checkout = await at_desk.checkouts.prepare(at_desk.repository.top, "demo-1")
    tree = Sample(checkout.path)
    tree.git("switch", "--quiet", "--create", "fix/it")
    tree.commit("elsewhere", new="new\n")
    evidence = await at_desk.checkouts.evidence(checkout)
    assert evidence.commits == ()
    assert "fix/it" in evidence.notes[0]
    await at_desk.checkouts.prepare(at_desk.repository.top, "demo-1")
    assert tree.git("log", "-1", "--format=%s", "fix/it") == "elsewhere"


async def test_a_rewritten_branch_is_said(at_desk: Desk) -> None:
    """A branch that lost the commit it began from is named in a note, and is not brought back over work."""
    await at_desk.returned()
    checkout = await at_desk.checkouts.prepare(at_desk.repository.top, "demo-1")
    tree = Sample(checkout.path)
    tree.git("commit", "--quiet", "--amend", "--message", "another history")
    evidence = await at_desk.checkouts.evidence(checkout)
    assert "rewritten" in evidence.notes[0]
    with pytest.raises(BranchMoved):
        await at_desk.checkouts.bring_back(checkout, evidence)


async def test_packed_refs_of_the_agent_are_read(at_desk: Desk) -> None:
    """An agent whose git packs refs and objects is seen like any other."""
    checkout = await at_desk.worked()
    tree = Sample(checkout.path)
    tree.git("gc", "--quiet", "--prune=now")
    evidence = await at_desk.checkouts.evidence(checkout)
    assert len(evidence.commits) == 1
    await at_desk.checkouts.bring_back(checkout, evidence)
    assert at_desk.repository.git("rev-parse", "bead/demo-1") == evidence.head


@pytest.mark.parametrize("linked", [False, True])
async def test_a_branch_that_is_checked_out_is_not_written(
    at_desk: Desk, tmp_path: Path, linked: bool
) -> None:
    """Neither the main tree nor a linked one has its branch moved away under it; the error says which."""
    first = await at_desk.returned()
    checkout = await at_desk.worked(more="more\n")
    evidence = await at_desk.checkouts.evidence(checkout)
    user = at_desk.repository
    where = tmp_path / "linked tree" if linked else user.top
    if linked:
        user.git("worktree", "add", "--quiet", str(where), "bead/demo-1")
    else:
        user.git("switch", "--quiet", "bead/demo-1")
    with pytest.raises(BranchInUse, match=str(where)):
        await at_desk.checkouts.bring_back(checkout, evidence)
    with pytest.raises(BranchInUse, match=str(where)):
        await at_desk.checkouts.prepare(user.top, "demo-1")
    assert user.git("rev-parse", "bead/demo-1") == first.head
    if not linked:
        user.git("switch", "--quiet", "main")
        await at_desk.checkouts.bring_back(checkout, evidence)
        assert user.git("rev-parse", "bead/demo-1") == evidence.head


async def test_a_branch_that_went_on_elsewhere_is_not_overwritten(at_desk: Desk) -> None:
    """A commit of the user on the bead's branch stays; the agent's stays in the checkout."""
    checkout = await at_desk.worked()
    evidence = await at_desk.checkouts.evidence(checkout)
    user = at_desk.repository
    other = user.commit("meanwhile", mine="mine\n")
    user.git("branch", "bead/demo-1", other)
    with pytest.raises(BranchMoved, match="merge it by hand"):
        await at_desk.checkouts.bring_back(checkout, evidence)
    assert user.git("rev-parse", "bead/demo-1") == other
    with pytest.raises(BranchMoved, match="different ways"):
        await at_desk.checkouts.prepare(user.top, "demo-1")
    assert Sample(checkout.path).git("rev-parse", "HEAD") == evidence.head


async def test_a_locked_ref_is_an_error_with_the_words_of_git(at_desk: Desk) -> None:
    """A lock that another git holds on the branch is told, and the work can be brought back later."""
    checkout = await at_desk.worked()
    evidence = await at_desk.checkouts.evidence(checkout)
    lock = at_desk.repository.write(".git/refs/heads/bead/demo-1.lock", "")
    with pytest.raises(GitFailed) as caught:
        await at_desk.checkouts.bring_back(checkout, evidence)
    assert "demo-1.lock" in caught.value.detail
    lock.unlink()
    await at_desk.checkouts.bring_back(checkout, evidence)
    again = await at_desk.checkouts.bring_back(checkout, evidence)
    assert at_desk.repository.git("rev-parse", "bead/demo-1") == again.head


@pytest.mark.parametrize("name", ["bead", "bead/demo-1/more"])
async def test_a_branch_name_in_the_way_is_named(at_desk: Desk, name: str) -> None:
    """Git cannot have `bead` beside `bead/x`: said before any work is done."""
    at_desk.repository.git("branch", name)
    with pytest.raises(CheckoutError, match=f"The branch {name} is in the way"):
        await at_desk.checkouts.prepare(at_desk.repository.top, "demo-1")
