"""What changed on a bead's branch: files with both sides, a patch that applies, the text of a file."""

from pathlib import Path

import pytest

from beadwork.checkouts import (
    ChangedPath,
    ChangeKind,
    CheckoutError,
    branch_in,
    changed_paths,
    content_at,
    patch_of,
)
from repositories import Sample, git, picture, repository

BRANCH = "bead/demo-1"


@pytest.fixture
def sample(tmp_path: Path) -> Sample:
    """Give a repository with a branch that adds, changes, deletes and renames, and a base that went on."""
    made = repository(tmp_path / "repo")
    top = made.top
    long = "".join(f"line {number}\n" for number in range(20))
    for name, text in {"kept.txt": "a\nb\n", "gone.txt": "gone\n", "old näme.txt": long}.items():
        (top / name).write_text(text)
    git(top, "add", ".")
    git(top, "commit", "-qm", "Begin")
    git(top, "switch", "-qc", BRANCH)
    (top / "kept.txt").write_text("a\nc\nd\n")
    (top / "gone.txt").unlink()
    git(top, "mv", "old näme.txt", "new\ttab.txt")
    (top / "picture.bin").write_bytes(b"\0\1\2")
    git(top, "add", ".")
    git(top, "commit", "-qm", "Change")
    git(top, "switch", "-q", "main")
    (top / "elsewhere.txt").write_text("the base went on\n")
    git(top, "add", ".")
    git(top, "commit", "-qm", "Go on")
    return made


async def test_how_it_stands_with_a_branch(sample: Sample) -> None:
    """It is counted from where it left its base."""
    branch = await branch_in(sample.top, "demo-1")
    assert branch is not None
    assert (branch.name, branch.base_ref, branch.ahead, branch.behind) == (BRANCH, "main", 1, 1)
    assert branch.fork == git(sample.top, "rev-parse", "main~1")
    assert not branch.landed
    git(sample.top, "merge", "-q", "--no-edit", BRANCH)
    landed = await branch_in(sample.top, "demo-1")
    assert landed is not None
    assert landed.landed
    assert await branch_in(sample.top, "demo-2") is None


async def test_files_with_both_sides(sample: Sample) -> None:
    """Each has its path on either side and its lines; nothing of what the base did since is among them."""
    branch = await branch_in(sample.top, "demo-1")
    assert branch is not None
    assert set(await changed_paths(sample.top, branch.fork, branch.head)) == {
        ChangedPath("gone.txt", ChangeKind.DELETED, "gone.txt", 0, 1),
        ChangedPath("kept.txt", ChangeKind.CHANGED, "kept.txt", 2, 1),
        ChangedPath("new\ttab.txt", ChangeKind.RENAMED, "old näme.txt", 0, 0),
        ChangedPath("picture.bin", ChangeKind.ADDED, "picture.bin", None, None),
    }


async def test_a_patch_applies(sample: Sample) -> None:
    """Also where the user's git is set up to show patches in another way; nothing of theirs is touched."""
    top = sample.top
    git(top, "rm", "-q", "--cached", "elsewhere.txt")  # so that something is staged
    git(top, "config", "diff.noprefix", "true")
    git(top, "config", "diff.external", "false")
    git(top, "config", "color.ui", "always")
    before = picture(top)
    patch = await patch_of(top, "main~1", BRANCH)
    assert "+c\n+d\n" in patch
    assert "\x1b" not in patch
    assert "kept.txt" in await patch_of(top, "main~1", BRANCH, stat=True)
    assert picture(top) == before
    git(top, "switch", "-qf", "--detach", "main~1")
    (top / "patch").write_text(patch.partition("diff --git a/picture.bin")[0])
    git(top, "apply", "patch")
    assert (top / "kept.txt").read_text() == "a\nc\nd\n"


async def test_a_file_of_a_commit(sample: Sample) -> None:
    """It is as it was there; what is not there, or outside, is nothing; no commit is an error."""
    assert await content_at(sample.top, "main~1", "kept.txt") == b"a\nb\n"
    assert await content_at(sample.top, BRANCH, "new\ttab.txt") == await content_at(
        sample.top, "main", "old näme.txt"
    )
    for path in ("none.txt", "", ":(top)kept.txt", "*.txt"):
        assert await content_at(sample.top, BRANCH, path) is None
    with pytest.raises(CheckoutError, match="outside"):
        await content_at(sample.top, BRANCH, "../repo/kept.txt")
    with pytest.raises(CheckoutError, match="There is no commit"):
        await content_at(sample.top, "--help", "kept.txt")
