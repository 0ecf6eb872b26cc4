"""Checkouts that are only read: what is reviewed, what of it changed, and on which lines."""

import os
from pathlib import Path

import pytest

from beadwork.checkouts import ChangeKind, Checkout, FileDiff, NothingToReview, Subject
from repositories import Desk, desk, picture


@pytest.fixture
def ada(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A user with a repository."""
    return desk(tmp_path, monkeypatch)


def on_branch(ada: Desk, branch: str, **files: str) -> str:
    """Commit `files` on a branch of the user's, go back to main, and give the commit."""
    ada.repository.git("checkout", "--quiet", "-b", branch)
    commit = ada.repository.commit(f"on {branch}", **files)
    ada.repository.git("checkout", "--quiet", "main")
    return commit


async def changed(ada: Desk, checkout: Checkout) -> dict[str, FileDiff]:
    """Give what is reviewed, by path."""
    found = await ada.checkouts.difference(checkout)
    return {file.path: file for file in found.files}


async def test_a_beads_branch_is_compared_with_where_it_left_main(ada: Desk) -> None:
    """What main got meanwhile is no part of it; nothing of the user's changes."""
    start = ada.repository.git("rev-parse", "HEAD")
    head = on_branch(ada, "bead/demo-1", **{"src/größe.py": "x = 1\ny = 2\n", "readme": "text 0\nmore\n"})
    ada.repository.commit("meanwhile", other="main went on\n")
    before = picture(ada.repository.top)
    checkout = await ada.checkouts.prepare_review(ada.repository.top, "demo-1", Subject.BEAD)
    assert (checkout.start, checkout.base, checkout.branch) == (start, head, "bead/demo-1")
    assert (checkout.path / "src" / "größe.py").read_text("utf-8") == "x = 1\ny = 2\n"
    files = await changed(ada, checkout)
    assert {path: file.kind for path, file in files.items()} == {
        "readme": ChangeKind.CHANGED,
        "src/größe.py": ChangeKind.ADDED,
    }
    assert files["readme"].text.splitlines() == ["@@", "     1   text 0", "     2 + more"]
    assert await ada.checkouts.count_lines(checkout, ["readme", "src/größe.py", "absent"]) == {
        "readme": 2,
        "src/größe.py": 2,
    }
    assert picture(ada.repository.top) == before


async def test_what_a_reader_wrote_is_seen(ada: Desk) -> None:
    """A commit, and a file that is not committed, show in the evidence; the next review begins clean."""
    on_branch(ada, "bead/demo-1", new="1\n")
    checkout = await ada.checkouts.prepare_review(ada.repository.top, "demo-1", Subject.BEAD)
    assert await ada.checkouts.evidence(checkout) == await ada.checkouts.evidence(checkout)
    (checkout.path / "planted").write_text("x")
    evidence = await ada.checkouts.evidence(checkout)
    assert evidence.leftovers == ("planted",)
    assert not evidence.commits
    again = await ada.checkouts.prepare_review(ada.repository.top, "demo-1", Subject.BEAD)
    assert not (again.path / "planted").exists()


async def test_uncommitted_changes_are_reviewed_as_a_copy(ada: Desk) -> None:
    """New files too; the user's tree and index stay as they are."""
    ada.repository.write("other", "changed\n")
    ada.repository.write("fresh.txt", "new\n")
    before = picture(ada.repository.top)
    checkout = await ada.checkouts.prepare_review(ada.repository.top, "@changes", Subject.CHANGES)
    files = await changed(ada, checkout)
    assert {path: file.kind for path, file in files.items()} == {
        "fresh.txt": ChangeKind.ADDED,
        "other": ChangeKind.CHANGED,
    }
    assert picture(ada.repository.top) == before


async def test_the_branch_that_is_checked_out_is_reviewed_against_main(ada: Desk) -> None:
    """Whatever it is called."""
    on_branch(ada, "feature/größer", new="1\n")
    ada.repository.git("checkout", "--quiet", "feature/größer")
    checkout = await ada.checkouts.prepare_review(ada.repository.top, "@branch", Subject.BRANCH)
    assert checkout.branch == "feature/größer"
    assert list(await changed(ada, checkout)) == ["new"]


@pytest.mark.parametrize("subject", Subject)
async def test_nothing_to_review_is_said_at_once(ada: Desk, subject: Subject) -> None:
    """No branch, nothing on it, or nothing uncommitted: in a sentence, and no checkout is left."""
    with pytest.raises(NothingToReview):
        await ada.checkouts.require_review(ada.repository.top, "demo-1", subject)
    with pytest.raises(NothingToReview):
        await ada.checkouts.prepare_review(ada.repository.top, "demo-1", subject)


async def test_every_sort_of_change_is_named(ada: Desk) -> None:
    """Renamed, deleted, binary, a changed mode, a link instead of a file, names that are hard to read."""
    text = "".join(f"line {number}\n" for number in range(30))
    ada.repository.commit(
        "before", **{"old name.txt": text, "gone.txt": "1\n", "mode.sh": "1\n", "link": "text\n"}
    )
    ada.repository.git("checkout", "--quiet", "-b", "bead/demo-1")
    ada.repository.git("mv", "old name.txt", "new\nname.txt")
    ada.repository.write("new\nname.txt", text.replace("line 20", "line twenty"))
    ada.repository.git("rm", "--quiet", "gone.txt", "link")
    (ada.repository.top / "mode.sh").chmod(0o755)
    (ada.repository.top / "link").symlink_to("mode.sh")
    ada.repository.write("picture.png", bytes(range(256)))
    Path(os.fsdecode(os.fsencode(ada.repository.top) + b"/\xff")).write_text("something else\n")
    ada.repository.commit("after")
    ada.repository.git("checkout", "--quiet", "main")
    checkout = await ada.checkouts.prepare_review(ada.repository.top, "demo-1", Subject.BEAD)
    files = await changed(ada, checkout)
    assert {path: file.kind for path, file in files.items()} == {
        "gone.txt": ChangeKind.DELETED,
        "link": ChangeKind.CHANGED,
        "mode.sh": ChangeKind.CHANGED,
        "new\nname.txt": ChangeKind.RENAMED,
        "picture.png": ChangeKind.ADDED,
        os.fsdecode(b"\xff"): ChangeKind.ADDED,
    }
    assert files["new\nname.txt"].old_path == "old name.txt"
    assert "    21 + line twenty" in files["new\nname.txt"].text
    assert "       - line 20" in files["new\nname.txt"].text
    assert files["link"].text.splitlines() == ["@@", "       - text", "@@", "     1 + mode.sh"]
    assert (files["picture.png"].note, files["picture.png"].unseen) == ("binary, or larger than 8 MiB", True)
    assert files["mode.sh"].note == "no line of it changed"


async def test_words_of_a_diff_inside_a_file_are_text(ada: Desk) -> None:
    """Lines that look like a diff's own do not confuse the numbers."""
    trick = "diff --git a/x b/x\n@@ -1 +1 @@\n--- a/x\n+++ b/x\nBinary files differ\n"
    on_branch(ada, "bead/demo-1", **{"trick.patch": trick})
    checkout = await ada.checkouts.prepare_review(ada.repository.top, "demo-1", Subject.BEAD)
    files = await changed(ada, checkout)
    assert files["trick.patch"].text.splitlines() == [
        "@@",
        *(f"{number:6} + {line}" for number, line in enumerate(trick.splitlines(), 1)),
    ]
