"""What an agent plants in its checkout is never run by us: each plant would leave a marker file."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from beadwork.checkouts import CheckoutError
from repositories import Desk, Sample, desk, git


@pytest.fixture
def at_desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Give a user with a repository."""
    return desk(tmp_path, monkeypatch)


def _trap(tree: Sample, marker: Path) -> Path:
    """Write a program that leaves the marker, whatever it is called with."""
    trap = tree.top / ".git" / "trap"
    trap.write_text(f"#!/bin/sh\necho \"$0 $*\" >> '{marker}'\ncat\n")
    trap.chmod(0o755)
    return trap


def _settings(tree: Sample, trap: Path) -> None:
    for name in (
        "core.fsmonitor",
        "core.sshCommand",
        "core.pager",
        "core.editor",
        "core.alternateRefsCommand",
        "uploadpack.packObjectsHook",
        "gpg.program",
        "diff.external",
        "diff.evil.textconv",
        "diff.evil.command",
        "filter.evil.clean",
        "filter.evil.smudge",
        "filter.evil.process",
        "merge.evil.driver",
        "credential.helper",
        "remote.origin.uploadpack",
    ):
        tree.git("config", name, str(trap))
    tree.git("config", "filter.evil.required", "true")
    tree.git("config", "log.showSignature", "true")
    tree.git("config", "remote.origin.promisor", "true")
    tree.git("config", "remote.origin.url", str(tree.top))


def _include(tree: Sample, trap: Path) -> None:
    (tree.top / "more").write_text(f"[core]\n\tfsmonitor = {trap}\n\tworktree = /\n")
    tree.git("config", "include.path", str(tree.top / "more"))


def _hooks(tree: Sample, trap: Path) -> None:
    hooks = tree.top / ".git" / "hooks"
    hooks.mkdir()
    for name in (
        "reference-transaction",
        "post-index-change",
        "post-checkout",
        "pre-auto-gc",
        "fsmonitor-watchman",
        "post-rewrite",
    ):
        shutil.copy(trap, hooks / name)


def _attributes(tree: Sample, trap: Path) -> None:
    tree.write(".gitattributes", "* filter=evil diff=evil merge=evil\n")
    tree.git("-c", "filter.evil.required=false", "add", ".gitattributes")
    tree.git("commit", "--quiet", "--message", "attributes")
    _settings(tree, trap)
    (tree.top / ".git" / "info").mkdir(exist_ok=True)
    (tree.top / ".git" / "info" / "attributes").write_text("* filter=evil diff=evil\n")


def _inner_repository(tree: Sample, trap: Path) -> None:
    inner = tree.top / "inner"
    inner.mkdir()
    git(inner, "init", "--quiet", "--template=")
    (inner / ".gitattributes").write_text("tracked filter=evil\n")
    (inner / "tracked").write_text("x")
    git(inner, "add", "--all")
    git(inner, "commit", "--quiet", "--message", "inner")
    tree.git("add", "inner")
    tree.git("commit", "--quiet", "--message", "a link to a repository")
    git(inner, "config", "core.fsmonitor", str(trap))
    git(inner, "config", "filter.evil.clean", str(trap))
    (inner / "tracked").write_text("y")


@pytest.mark.parametrize("plant", [_settings, _include, _hooks, _attributes, _inner_repository])
async def test_nothing_planted_in_a_checkout_is_run(
    at_desk: Desk, tmp_path: Path, plant: Callable[[Sample, Path], None]
) -> None:
    """Evidence, bringing back and going on run no setting, hook, filter or driver of the checkout."""
    marker = tmp_path / "ran"
    checkout = await at_desk.worked()
    tree = Sample(checkout.path)
    plant(tree, _trap(tree, marker))
    tree.write("readme", "changed, not committed\n")
    marker.unlink(missing_ok=True)

    evidence = await at_desk.checkouts.evidence(checkout)
    assert evidence.commits[0].subject == "work by an agent"
    assert "readme" in evidence.leftovers
    await at_desk.checkouts.bring_back(checkout, evidence)
    again = await at_desk.checkouts.prepare(at_desk.repository.top, "demo-1")

    assert not marker.exists(), marker.read_text()
    config = (again.path / ".git" / "config").read_text()
    assert "trap" not in config
    assert "include" not in config
    assert not (again.path / ".git" / "hooks").exists()


async def test_the_trap_of_these_tests_bites(at_desk: Desk, tmp_path: Path) -> None:
    """A git that does read the planted settings leaves the marker, so that its absence means something."""
    marker = tmp_path / "ran"
    checkout = await at_desk.worked()
    tree = Sample(checkout.path)
    _settings(tree, _trap(tree, marker))
    tree.git("status")
    assert marker.exists()


async def test_a_filter_of_the_users_own_settings_is_not_fed_by_an_agent(
    at_desk: Desk, tmp_path: Path
) -> None:
    """A filter in the user's global settings does not run on what an agent left in its checkout."""
    marker = tmp_path / "ran"
    checkout = await at_desk.worked()
    tree = Sample(checkout.path)
    trap = _trap(tree, marker)
    (at_desk.home / ".gitconfig").write_text(f"[filter \"evil\"]\n\tclean = '{trap}'\n\tsmudge = '{trap}'\n")
    tree.write(".gitattributes", "* filter=evil\n")
    tree.write("readme", "changed\n")
    evidence = await at_desk.checkouts.evidence(checkout)
    assert set(evidence.leftovers) == {".gitattributes", "readme"}
    assert not marker.exists()


def _as_file(git_dir: Path, elsewhere: Path) -> None:
    git_dir.rename(elsewhere)
    git_dir.write_text(f"gitdir: {elsewhere}\n")


def _as_link(git_dir: Path, elsewhere: Path) -> None:
    git_dir.rename(elsewhere)
    git_dir.symlink_to(elsewhere)


def _objects_as_link(git_dir: Path, elsewhere: Path) -> None:
    (git_dir / "objects").rename(elsewhere)
    (git_dir / "objects").symlink_to(elsewhere)


def _pipe_as_object(git_dir: Path, elsewhere: Path) -> None:
    (git_dir / "objects" / "00").mkdir(exist_ok=True)
    os.mkfifo(git_dir / "objects" / "00" / ("1" * 38))


def _borrowed(git_dir: Path, elsewhere: Path) -> None:
    (git_dir / "objects" / "info" / "alternates").write_text(f"{elsewhere}\n")


def _removed(git_dir: Path, elsewhere: Path) -> None:
    shutil.rmtree(git_dir)


def _branch_removed(git_dir: Path, elsewhere: Path) -> None:
    (git_dir / "refs" / "heads" / "bead" / "demo-1").unlink()
    (git_dir / "packed-refs").unlink()


def _branch_as_pipe(git_dir: Path, elsewhere: Path) -> None:
    _branch_removed(git_dir, elsewhere)
    os.mkfifo(git_dir / "refs" / "heads" / "bead" / "demo-1")


def _branch_of_rubbish(git_dir: Path, elsewhere: Path) -> None:
    (git_dir / "refs" / "heads" / "bead" / "demo-1").write_text("f" * 40)


@pytest.mark.parametrize(
    "replace",
    [
        _as_file,
        _as_link,
        _objects_as_link,
        _pipe_as_object,
        _borrowed,
        _removed,
        _branch_removed,
        _branch_as_pipe,
        _branch_of_rubbish,
    ],
)
async def test_a_replaced_git_folder_is_an_error_and_nothing_is_lost(
    at_desk: Desk, tmp_path: Path, replace: Callable[[Path, Path], None]
) -> None:
    """A git folder that is no longer one ends evidence and the next prepare in a sentence; the files stay."""
    checkout = await at_desk.worked()
    replace(checkout.path / ".git", tmp_path / "elsewhere")
    for step in (
        at_desk.checkouts.evidence(checkout),
        at_desk.checkouts.prepare(at_desk.repository.top, "demo-1"),
    ):
        with pytest.raises(CheckoutError):
            await step
    assert (checkout.path / "new").read_text() == "new\n"
    await at_desk.checkouts.remove(at_desk.repository.top, "demo-1")
    assert not checkout.path.exists()


async def test_variables_of_the_caller_do_not_lead_git_astray(
    at_desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`GIT_DIR`, `GIT_INDEX_FILE` and the like in our own environment change nothing."""
    marker = tmp_path / "ran"
    trap = _trap(at_desk.repository, marker)
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR"):
        monkeypatch.setenv(name, str(tmp_path / "nowhere"))
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", str(trap))
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.fsmonitor")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", str(trap))
    returned = await at_desk.returned()
    assert at_desk.repository.git("rev-parse", "bead/demo-1") == returned.head
    assert not marker.exists()
