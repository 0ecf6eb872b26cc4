"""A checkout is made from whatever repository the user has, or it is said why not."""

import asyncio
import os
import resource
import shutil
import signal
from pathlib import Path

import pytest

from beadwork.checkouts import (
    BranchMoved,
    CheckoutBusy,
    CheckoutError,
    GitCheckouts,
    GitMissing,
    NoCommit,
    NoRepository,
)
from beadwork.checkouts.places import Places
from beadwork.state_folder import StateFolder
from repositories import Desk, Sample, desk, git, picture, repository


@pytest.fixture
def at_desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Give a user with a repository."""
    return desk(tmp_path, monkeypatch)


def _others(desk_: Desk, repository_: Sample) -> Desk:
    return Desk(desk_.home, repository_, desk_.checkouts)


async def _round(at: Desk, workspace: Path | None = None) -> Sample:
    """Prepare, work, look and bring back; give the checkout."""
    checkout = await at.checkouts.prepare(workspace or at.repository.top, "demo-1")
    tree = Sample(checkout.path)
    tree.commit("work", new="new\n")
    evidence = await at.checkouts.evidence(checkout)
    assert [commit.subject for commit in evidence.commits] == ["work"]
    assert evidence.leftovers == ()
    await at.checkouts.bring_back(checkout, evidence)
    assert at.repository.git("rev-parse", "refs/heads/bead/demo-1") == evidence.head
    return tree


async def test_a_checkout_stands_alone(at_desk: Desk) -> None:
    """It has its own objects, the user's identity, no remote, no hook, and their other refs to read."""
    user = at_desk.repository
    user.git("branch", "topic")
    user.git("tag", "v1")
    user.git("update-ref", "refs/remotes/upstream/x", "HEAD")
    checkout = await at_desk.checkouts.prepare(user.top, "demo-1")
    tree = Sample(checkout.path)
    assert tree.git("branch", "--show-current") == "bead/demo-1" == checkout.branch
    assert tree.git("remote") == ""
    assert tree.git("config", "user.name") == "Ada Ünsal"
    assert tree.git("fsck", "--full") == ""
    assert tree.git("status", "--porcelain") == ""
    assert {"local/topic", "upstream/x", "local/main"} == set(
        tree.git("branch", "--remotes", "--format=%(refname:lstrip=2)").splitlines()
    )
    assert tree.git("tag") == "v1"
    assert not (checkout.path / ".git" / "hooks").exists()
    assert not (checkout.path / ".git" / "objects" / "info" / "alternates").exists()
    inodes = {path.stat().st_ino for path in (user.top / ".git" / "objects").rglob("*") if path.is_file()}
    copies = {
        path.stat().st_ino for path in (checkout.path / ".git" / "objects").rglob("*") if path.is_file()
    }
    assert not inodes & copies
    assert (checkout.base_ref, checkout.continued) == ("main", False)
    assert checkout.path == at_desk.checkouts.path_of(user.top, "demo-1")


async def test_hard_links_are_made_when_asked_for(at_desk: Desk) -> None:
    """With `hard_links` the object files are the user's own."""
    linking = GitCheckouts(at_desk.checkouts.state, hard_links=True)
    checkout = await linking.prepare(at_desk.repository.top, "demo-1")
    loose = [path for path in (at_desk.repository.top / ".git" / "objects").rglob("*") if path.is_file()]
    for path in loose:
        copy = (
            checkout.path / ".git" / "objects" / path.relative_to(at_desk.repository.top / ".git" / "objects")
        )
        assert copy.stat().st_ino == path.stat().st_ino


async def test_a_user_without_a_name(at_desk: Desk) -> None:
    """Who has not told git who they are commits as Beadwork."""
    at_desk.repository.git("config", "--remove-section", "user")
    checkout = await at_desk.checkouts.prepare(at_desk.repository.top, "demo-1")
    assert Sample(checkout.path).git("config", "user.email") == "beadwork@localhost"


async def test_the_base_is_what_is_named_else_origins_default_else_main(at_desk: Desk) -> None:
    """Each kind of base in its turn; what the user has not pushed is said to be left out."""
    user = at_desk.repository
    first = user.git("rev-parse", "HEAD")
    second = user.commit("second")
    at = at_desk.checkouts
    user.git("switch", "--quiet", "--create", "topic")
    third = user.commit("third")
    assert (await at.prepare(user.top, "a")).base == second
    assert (await at.prepare(user.top, "b", base="topic")).base == third
    user.git("branch", "--move", "main", "master")
    assert (await at.prepare(user.top, "c")).base_ref == "master"
    user.git("branch", "--move", "master", "trunk")
    assert (await at.prepare(user.top, "d")).base_ref == "topic"
    user.git("branch", "--move", "trunk", "main")
    user.git("update-ref", "refs/remotes/origin/main", first)
    user.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    pushed = await at.prepare(user.top, "e")
    assert (pushed.base_ref, pushed.base) == ("origin/main", first)
    assert "main has 1 commits that origin/main has not" in pushed.notes[0]
    assert Sample(pushed.path).git("rev-parse", "origin/HEAD") == first
    for nothing in ("nosuch", "--all", "-x"):
        with pytest.raises(CheckoutError, match="There is no branch or commit"):
            await at.prepare(user.top, "f", base=nothing)


async def test_no_repository_and_no_commit(at_desk: Desk, tmp_path: Path) -> None:
    """A folder outside git, and a repository without a commit, are told apart."""
    (tmp_path / "plain").mkdir()
    with pytest.raises(NoRepository):
        await at_desk.checkouts.prepare(tmp_path / "plain", "demo-1")
    with pytest.raises(NoCommit):
        await at_desk.checkouts.prepare(repository(tmp_path / "empty", commits=0).top, "demo-1")
    with pytest.raises(CheckoutError, match="no folder"):
        await at_desk.checkouts.prepare(tmp_path / "gone", "demo-1")


async def test_a_detached_head(at_desk: Desk) -> None:
    """Without main or master, work starts from the commit that is checked out, named by itself."""
    user = at_desk.repository
    head = user.git("rev-parse", "HEAD")
    user.git("switch", "--quiet", "--detach")
    user.git("branch", "--move", "main", "other")
    checkout = await at_desk.checkouts.prepare(user.top, "demo-1")
    assert (checkout.base_ref, checkout.base) == (head[:12], head)
    await _round(at_desk)


async def test_a_shallow_clone(at_desk: Desk, tmp_path: Path) -> None:
    """A shallow clone works as far as its history goes, and that is said."""
    for number in range(3):
        at_desk.repository.commit(f"more {number}")
    git(tmp_path, "clone", "--quiet", "--depth=2", f"file://{at_desk.repository.top}", "shallow")
    at = _others(at_desk, Sample(tmp_path / "shallow"))
    tree = await _round(at)
    assert tree.git("rev-list", "--count", "HEAD") == "3"
    assert "shallow" in " ".join((await at.checkouts.prepare(at.repository.top, "demo-1")).notes)


async def test_a_clone_that_borrows_its_objects(at_desk: Desk, tmp_path: Path) -> None:
    """What `git clone --shared` borrows is copied into the checkout."""
    git(tmp_path, "clone", "--quiet", "--shared", str(at_desk.repository.top), "sharing")
    tree = await _round(_others(at_desk, Sample(tmp_path / "sharing")))
    assert tree.git("fsck", "--full") == ""


async def test_submodules_stay_empty_and_that_is_said(at_desk: Desk, tmp_path: Path) -> None:
    """Submodules are not filled; the note names them, and they are no leftovers."""
    module = repository(tmp_path / "module")
    at_desk.repository.git(
        "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(module.top), "lib"
    )
    at_desk.repository.commit("with a submodule")
    checkout = await at_desk.checkouts.prepare(at_desk.repository.top, "demo-2")
    assert "Submodules are not filled in the checkout: lib." in checkout.notes
    await _round(at_desk)


async def test_a_workspace_below_the_top_and_a_linked_tree(at_desk: Desk, tmp_path: Path) -> None:
    """A subfolder's repository is found; a linked worktree brings the branch into the one repository."""
    below = at_desk.repository.write("part/of it/file", "text\n").parent
    at_desk.repository.commit("a folder")
    tree = await _round(at_desk, below)
    assert (tree.top / "part" / "of it" / "file").exists()
    at_desk.repository.git("branch", "--delete", "--force", "bead/demo-1")
    at_desk.repository.git("worktree", "add", "--quiet", str(tmp_path / "linked"))
    linked = Sample(tmp_path / "linked")
    linked.write("only here", "text\n")
    along = await at_desk.checkouts.prepare(linked.top, "demo-2", with_changes=True)
    assert (along.path / "only here").exists()
    await _round(_others(at_desk, linked))


async def test_a_bare_repository(at_desk: Desk, tmp_path: Path) -> None:
    """A bare repository gives and takes branches like another; it has no changes to take along."""
    git(tmp_path, "clone", "--quiet", "--bare", str(at_desk.repository.top), "bare.git")
    at = _others(at_desk, Sample(tmp_path / "bare.git"))
    await _round(at)
    assert (await at.checkouts.prepare(at.repository.top, "demo-2", with_changes=True)).notes == ()


async def test_a_sha256_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A repository with SHA-256 names works all the way."""
    at = desk(tmp_path, monkeypatch, object_format="sha256")
    tree = await _round(at)
    assert len(tree.git("rev-parse", "HEAD")) == 64


async def test_large_file_pointers_stay_pointers(at_desk: Desk, tmp_path: Path) -> None:
    """A filter of the user's is not run on the checkout's files: pointers of git-lfs stay as they are."""
    user = at_desk.repository
    user.commit("a pointer", **{".gitattributes": "*.bin filter=lfs\n", "x.bin": "version https://git-lfs\n"})
    (at_desk.home / ".gitconfig").write_text(
        '[filter "lfs"]\n\tsmudge = false\n\tclean = cat\n\trequired = true\n'
    )
    tree = await _round(at_desk)
    assert (tree.top / "x.bin").read_text() == "version https://git-lfs\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to another user")
async def test_a_repository_of_another_user(at_desk: Desk) -> None:
    """Git's distrust is told with the command that ends it, and that command is enough."""
    user = at_desk.repository
    for path in (user.top, user.top / ".git"):
        os.chown(path, 65534, 65534)
    with pytest.raises(CheckoutError, match=r"git config --global --add safe\.directory"):
        await at_desk.checkouts.prepare(user.top, "demo-1")
    (at_desk.home / ".gitconfig").write_text(f'[safe]\n\tdirectory = "{user.top}"\n')
    checkout = await at_desk.worked()
    evidence = await at_desk.checkouts.evidence(checkout)
    assert (await at_desk.checkouts.bring_back(checkout, evidence)).head == evidence.head


async def test_no_git(at_desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without git on the PATH the error says so."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GitMissing, match="install it"):
        await at_desk.checkouts.prepare(at_desk.repository.top, "demo-1")


async def test_a_disk_that_is_full_leaves_no_half_checkout(at_desk: Desk) -> None:
    """When writing fails, no checkout appears under its name; the next try makes it whole."""
    at_desk.repository.commit("a big file", big=os.urandom(200_000).hex())
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(CheckoutError, match="cannot be made"):
            await at_desk.checkouts.prepare(at_desk.repository.top, "demo-1")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)
    place = Places.of(at_desk.checkouts.state, at_desk.repository.top, "demo-1")
    assert not place.checkout.exists()
    assert not place.making.exists()
    await _round(at_desk)


async def test_a_process_that_ended_half_way(at_desk: Desk) -> None:
    """A half-made checkout is made anew; an old git folder that was set aside comes back."""
    place = Places.of(at_desk.checkouts.state, at_desk.repository.top, "demo-1")
    (place.making / ".git" / "objects").mkdir(parents=True)
    checkout = await at_desk.worked()
    place.making.mkdir()
    (checkout.path / ".git").rename(place.making / "old.git")
    again = await at_desk.checkouts.prepare(at_desk.repository.top, "demo-1")
    assert Sample(again.path).git("log", "-1", "--format=%s") == "work by an agent"


async def test_work_that_was_not_brought_back_goes_on(at_desk: Desk) -> None:
    """The commits, the leftovers, other branches and the stash of the last run are there in the next."""
    checkout = await at_desk.worked()
    tree = Sample(checkout.path)
    head = tree.git("rev-parse", "HEAD")
    tree.git("branch", "aside")
    tree.write("readme", "stashed\n")
    tree.git("stash")
    tree.write("readme", "left\n")
    tree.write("left", "left\n")
    again = await at_desk.checkouts.prepare(at_desk.repository.top, "demo-1")
    assert (again.base, again.continued) == (head, True)
    assert "left 2 paths that are not committed" in again.notes[0]
    assert (tree.top / "readme").read_text() == "left\n"
    assert tree.git("rev-parse", "aside") == head
    assert "readme" in tree.git("stash", "show", "--name-only", "refs/stash")
    assert tree.git("status", "--porcelain").splitlines() == ["M readme", "?? left"]
    assert (await at_desk.checkouts.evidence(again)).commits == ()


async def test_a_branch_the_user_moved_ahead_is_followed(at_desk: Desk) -> None:
    """The checkout is brought forward, leftovers stay; one in the way is told, and nothing is overwritten."""
    await at_desk.returned()
    user = at_desk.repository
    user.git("switch", "--quiet", "bead/demo-1")
    ahead = user.commit("by the user", mine="mine\n")
    user.git("switch", "--quiet", "main")
    path = at_desk.checkouts.path_of(user.top, "demo-1")
    (path / "mine").write_text("in the way\n")
    (path / "readme").write_text("left\n")
    with pytest.raises(BranchMoved, match="in the way") as caught:
        await at_desk.checkouts.prepare(user.top, "demo-1")
    assert "mine" in caught.value.detail
    assert (path / "mine").read_text() == "in the way\n"
    assert Sample(path).git("rev-parse", "HEAD") != ahead
    (path / "mine").unlink()
    checkout = await at_desk.checkouts.prepare(user.top, "demo-1")
    assert (checkout.base, checkout.continued) == (ahead, True)
    assert (path / "mine").read_text() == "mine\n"
    assert (path / "readme").read_text() == "left\n"
    assert (await at_desk.checkouts.evidence(checkout)).leftovers == ("readme",)


async def test_a_run_that_did_nothing_starts_again_from_todays_base(at_desk: Desk) -> None:
    """A checkout without work follows the base, unless something in it is not committed."""
    user = at_desk.repository
    await at_desk.checkouts.prepare(user.top, "demo-1")
    second = user.commit("second", more="more\n")
    checkout = await at_desk.checkouts.prepare(user.top, "demo-1")
    assert (checkout.base, checkout.continued) == (second, False)
    (checkout.path / "left").write_text("left\n")
    user.commit("third", left="another\n")
    assert (await at_desk.checkouts.prepare(user.top, "demo-1")).base == second


async def test_uncommitted_changes_stay_out_and_are_counted(at_desk: Desk) -> None:
    """What is not committed is not in the checkout, and the note says how much."""
    at_desk.repository.write("readme", "changed\n")
    for number in range(300):
        at_desk.repository.write(f"many/{number}", "x")
    at_desk.repository.write("ünten", "x")
    checkout = await at_desk.checkouts.prepare(at_desk.repository.top, "demo-1")
    assert "1 changed and 2 untracked paths" in checkout.notes[0]
    assert not (checkout.path / "many").exists()


async def test_beads_are_no_uncommitted_changes(at_desk: Desk) -> None:
    """The tracker keeps them and a run itself changes them: they are neither counted nor taken along."""
    user = at_desk.repository
    user.commit("with beads", **{".beads/issues.jsonl": "1\n"})
    user.write(".beads/issues.jsonl", "2\n")
    user.write("part/.beads/issues.jsonl", "3\n")
    assert (await at_desk.checkouts.prepare(user.top, "demo-1")).notes == ()
    user.write("readme", "changed\n")
    checkout = await at_desk.checkouts.prepare(user.top, "demo-2", with_changes=True)
    assert (checkout.path / "readme").read_text() == "changed\n"
    assert (checkout.path / ".beads" / "issues.jsonl").read_text() == "1\n"
    assert not (checkout.path / "part").exists()


def _change(user: Sample) -> None:
    user.write("tool", "#!/bin/sh\n")
    user.write("binary", b"\x00\x01\x02")
    user.write("doomed", "x")
    user.write(".gitignore", "*.log\n")
    user.commit("more kinds of files")
    user.write("binary", b"\x00\xff\x03")
    user.git("add", "binary")
    user.write("readme", "changed\n")
    (user.top / "tool").chmod(0o755)
    (user.top / "doomed").unlink()
    (user.top / "link").symlink_to("readme")
    user.write("ünten/in a folder", "untracked\n")
    user.write("noise.log", "ignored\n")


async def test_changes_that_go_along_are_a_copy_of_the_tree(at_desk: Desk) -> None:
    """Kinds of changes, staged or not, are in the first commit; the user's repository stays as it was."""
    user = at_desk.repository
    _change(user)
    before = picture(user.top)
    checkout = await at_desk.checkouts.prepare(user.top, "demo-1", with_changes=True)
    assert picture(user.top) == before
    tree = Sample(checkout.path)
    assert tree.git("status", "--porcelain") == ""
    assert tree.git("log", "--format=%an", "-1") == "Ada Ünsal"
    for name in ("binary", "readme", "ünten/in a folder"):
        assert (tree.top / name).read_bytes() == (user.top / name).read_bytes()
    assert os.access(tree.top / "tool", os.X_OK)
    assert (tree.top / "link").readlink() == Path("readme")
    assert not (tree.top / "doomed").exists()
    assert not (tree.top / "noise.log").exists()
    again = await at_desk.checkouts.prepare(user.top, "demo-1", with_changes=True)
    assert again.base == checkout.base


async def test_changes_on_another_branch_are_brought_onto_the_base(at_desk: Desk) -> None:
    """Only the changes go along, not the commits of the user's branch; those that clash are told."""
    user = at_desk.repository
    user.git("switch", "--quiet", "--create", "topic")
    user.commit("on the topic", topic="topic\n", readme="topic's own\n")
    user.write("other", "changed\n")
    checkout = await at_desk.checkouts.prepare(user.top, "demo-1", with_changes=True)
    assert (checkout.path / "other").read_text() == "changed\n"
    assert not (checkout.path / "topic").exists()
    user.write("readme", "clashes\n")
    with pytest.raises(CheckoutError, match="do not fit on main"):
        await at_desk.checkouts.prepare(user.top, "demo-2", with_changes=True)
    assert not at_desk.checkouts.path_of(user.top, "demo-2").exists()


async def test_a_repository_inside_does_not_go_along(at_desk: Desk) -> None:
    """An untracked folder that is a repository of its own is left out by name."""
    repository(at_desk.repository.top / "inner")
    at_desk.repository.write("readme", "changed\n")
    checkout = await at_desk.checkouts.prepare(at_desk.repository.top, "demo-1", with_changes=True)
    assert "repositories of their own: inner." in checkout.notes[0]
    assert not (checkout.path / "inner").exists()


async def test_two_at_once(at_desk: Desk, tmp_path: Path) -> None:
    """Two that prepare the same checkout take turns; one that waits too long is told in a sentence."""
    user = at_desk.repository
    both = await asyncio.gather(*(at_desk.checkouts.prepare(user.top, "demo-1") for _ in range(2)))
    assert both[0] == both[1]
    hasty = GitCheckouts(StateFolder(tmp_path / "state"), patience=0.0)
    async with Places.of(hasty.state, user.top, "demo-1").held(1.0):
        with pytest.raises(CheckoutBusy, match="try again when it is done"):
            await hasty.prepare(user.top, "demo-1")
        await hasty.prepare(user.top, "demo-2")


async def test_removing(at_desk: Desk) -> None:
    """A checkout goes with all that belongs to it, also folders made read-only; none is no error."""
    checkout = await at_desk.worked()
    locked = checkout.path / "cache" / "module"
    locked.mkdir(parents=True)
    (locked / "file").write_text("x")
    locked.chmod(0o500)
    (checkout.path / "outside").symlink_to(at_desk.repository.top)
    for _ in range(2):
        await at_desk.checkouts.remove(at_desk.repository.top, "demo-1")
    left = [path for path in at_desk.checkouts.state.root.rglob("*") if path.is_file()]
    assert all(path.suffix == ".lock" for path in left)
    assert (at_desk.repository.top / "readme").exists()


@pytest.mark.parametrize("forgotten", [False, True])
async def test_a_checkout_outlives_the_objects_it_came_from(at_desk: Desk, forgotten: bool) -> None:
    """When the user's git drops what a bead began from, the work in the checkout is still whole."""
    user = at_desk.repository
    user.commit("to be dropped", doomed="doomed\n")
    checkout = await at_desk.worked()
    await at_desk.checkouts.evidence(checkout)
    head = Sample(checkout.path).git("rev-parse", "HEAD")
    if forgotten:
        shutil.rmtree(at_desk.checkouts.state.root / "shadows")
    user.git("reset", "--quiet", "--hard", "HEAD~1")
    user.git("reflog", "expire", "--expire=now", "--all")
    user.git("gc", "--quiet", "--prune=now")
    if not forgotten:
        assert (await at_desk.checkouts.evidence(checkout)).head == head
    again = await at_desk.checkouts.prepare(user.top, "demo-1")
    assert (again.base, again.continued) == (head, True)
    assert Sample(again.path).git("fsck", "--full") == ""
    await at_desk.checkouts.bring_back(again, await at_desk.checkouts.evidence(again))
    assert user.git("fsck", "--connectivity-only") == ""
    assert user.git("rev-parse", "bead/demo-1") == head
