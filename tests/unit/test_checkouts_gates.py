"""Checkouts in which gates run: exactly a commit, and what git ignores; nothing of the user's changes."""

from pathlib import Path

import pytest

from beadwork.checkouts import Checkout, CheckoutError
from repositories import Desk, Sample, desk, picture


@pytest.fixture
def ada(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A user with a repository that ignores `built/`."""
    ada = desk(tmp_path, monkeypatch)
    ada.repository.commit("ignore", **{".gitignore": "built/\n", "src/code": "one\n"})
    return ada


async def gates_on(ada: Desk, commit: str = "HEAD") -> Checkout:
    """Give the checkout for gates on a commit; nothing of the user's repository may change by that."""
    sha = ada.repository.git("rev-parse", commit)
    before = picture(ada.repository.top)
    checkout = await ada.checkouts.prepare_gates(ada.repository.top, "demo-1", sha)
    assert picture(ada.repository.top) == before
    return checkout


def is_exactly(checkout: Checkout, ada: Desk, commit: str = "HEAD") -> None:
    """The checkout's files are those of the commit, and its own git says so too."""
    inside = Sample(checkout.path)
    sha = ada.repository.git("rev-parse", commit)
    assert inside.git("rev-parse", "HEAD") == sha == checkout.base
    assert inside.git("branch", "--show-current") == "bead/demo-1"
    assert inside.git("status", "--porcelain") == ""
    names = ada.repository.git("ls-tree", "-r", "--name-only", sha).splitlines()
    for name in names:
        assert (checkout.path / name).read_text("utf-8") == ada.repository.git("show", f"{sha}:{name}") + "\n"


async def test_what_is_ignored_stays_and_all_else_is_the_commit(ada: Desk) -> None:
    """What a gate changed, removed, made or committed is undone; so are git folders and links of its own."""
    checkout = await gates_on(ada)
    is_exactly(checkout, ada)
    inside = Sample(checkout.path)
    inside.write("built/cache", "slow to make\n")
    inside.write("src/code", "two\n")
    inside.write("new/file", "planted\n")
    inside.commit("by a gate", other="theirs\n")
    (checkout.path / "readme").unlink()
    inside.git("init", "--quiet", "nested")
    (checkout.path / "nested" / "x").write_text("x")
    (checkout.path / "link").symlink_to(ada.repository.top)
    inside.git("config", "core.fsmonitor", "false")
    head = ada.repository.commit("went on", **{"src/code": "three\n", "src/more": "more\n"})
    again = await gates_on(ada)
    assert again.base == head
    assert again.notes == ()
    is_exactly(again, ada)
    assert (checkout.path / "built" / "cache").read_text("utf-8") == "slow to make\n"
    assert not [name for name in ("new", "nested", "link") if (checkout.path / name).exists()]
    assert "fsmonitor" not in (checkout.path / ".git" / "config").read_text("utf-8")


async def test_a_folder_that_a_gate_made_a_link_leads_nowhere_of_the_users(ada: Desk) -> None:
    """The folder is one again, and what the link pointed at is as it was."""
    checkout = await gates_on(ada)
    elsewhere = ada.home / "precious"
    elsewhere.mkdir()
    (elsewhere / "code").write_text("mine\n")
    (checkout.path / "src" / "code").unlink()
    (checkout.path / "src").rmdir()
    (checkout.path / "src").symlink_to(elsewhere)
    is_exactly(await gates_on(ada), ada)
    assert not (checkout.path / "src").is_symlink()
    assert (elsewhere / "code").read_text("utf-8") == "mine\n"


async def test_a_checkout_that_cannot_be_mended_is_made_anew(ada: Desk) -> None:
    """What git cannot undo is no reason to fail: the caches go too, and that is said."""
    checkout = await gates_on(ada)
    Sample(checkout.path).write("built/cache", "slow to make\n")
    index = next((ada.home.parent / "state" / "shadows").rglob("shadow.git/index"))
    index.write_bytes(b"no index")
    again = await gates_on(ada)
    is_exactly(again, ada)
    assert not (again.path / "built").exists()
    assert "made anew" in again.notes[0]


async def test_a_commit_that_is_not_there_is_an_error(ada: Desk) -> None:
    """And leaves no checkout of anything else to run in."""
    with pytest.raises(CheckoutError):
        await ada.checkouts.prepare_gates(ada.repository.top, "demo-1", "0" * 40)
    imagined = await ada.checkouts.imagine_gates(ada.repository.top, "demo-1", "0" * 40)
    assert not imagined.path.exists()


async def test_the_users_tree_is_seen_as_it_is(ada: Desk) -> None:
    """New and changed files as they are now; without what is ignored, and without what was removed."""
    ada.repository.write("new", "new\n")
    ada.repository.write("readme", "changed\n")
    ada.repository.write("built/x", "x\n")
    (ada.repository.top / "other").unlink()
    (ada.repository.top / "out").symlink_to("/etc/hostname")
    before = picture(ada.repository.top)
    tree = await ada.checkouts.tree_of_user(ada.repository.top / "src")
    survey = await ada.checkouts.survey(tree)
    assert (tree.path, tree.base, tree.branch) == (ada.repository.top, "", "main")
    assert survey.files == (".gitignore", "new", "out", "readme", "src/code")
    found = await ada.checkouts.read(tree, survey, ["new", "readme", "out", "other"])
    assert found == {"new": b"new\n", "readme": b"changed\n", "out": None, "other": None}
    assert picture(ada.repository.top) == before
