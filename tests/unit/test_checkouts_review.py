"""Checkouts that are only read: what is reviewed, what of it changed, and on which lines."""

import os
from pathlib import Path

import pytest

from beadwork.checkouts import ChangeKind, Checkout, CheckoutError, FileDiff, NothingToReview, Subject, diffs
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


async def test_what_would_be_reviewed_is_said_without_a_trace(ada: Desk) -> None:
    """The same checkout as is then made, with the same changes; of a later commit too."""
    for number in range(2):
        ada.repository.git("checkout", "--quiet", "-B", "bead/demo-1")
        ada.repository.commit("more", **{f"new{number}": "1\n"})
        ada.repository.git("checkout", "--quiet", "main")
        before = picture(ada.repository.top)
        imagined = await ada.checkouts.imagine_review(ada.repository.top, "demo-1", Subject.BEAD)
        files = await changed(ada, imagined)
        assert imagined.path.exists() == (number > 0)
        made = await ada.checkouts.prepare_review(ada.repository.top, "demo-1", Subject.BEAD)
        assert (imagined, files) == (made, await changed(ada, made))
        assert picture(ada.repository.top) == before
    with pytest.raises(CheckoutError, match="before it is reviewed"):
        await ada.checkouts.imagine_review(ada.repository.top, "@changes", Subject.CHANGES)


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


async def test_only_binary_files_are_said_to_be_unseen(ada: Desk) -> None:
    """There is something to review, and nothing of it can be shown."""
    on_branch(ada, "bead/demo-1", **{"a.png": "\0\1\2", "b.png": "\0"})
    checkout = await ada.checkouts.prepare_review(ada.repository.top, "demo-1", Subject.BEAD)
    assert [(file.text, file.unseen) for file in (await changed(ada, checkout)).values()] == [("", True)] * 2


async def test_what_is_too_much_is_read_file_by_file_and_bounded(
    ada: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The numbers stay right; what has no room, or is no text, is said not to be seen."""
    lines = "".join(f"line {number}\n" for number in range(400))
    ada.repository.commit(
        "before", **{"changed.txt": lines, "gone.txt": "gone\n", "old.txt": lines, "mode.sh": "1\n"}
    )
    ada.repository.git("checkout", "--quiet", "-b", "bead/demo-1")
    ada.repository.git("mv", "old.txt", "renamed.txt")
    ada.repository.git("rm", "--quiet", "gone.txt")
    (ada.repository.top / "mode.sh").chmod(0o755)
    ada.repository.write("renamed.txt", lines.replace("line 7\n", "line seven\n"))
    ada.repository.write("changed.txt", lines.replace("line 9\n", "line nine\n"))
    ada.repository.write("added.txt", "one\ntwo\n")
    ada.repository.write("empty.txt", "")
    ada.repository.write("binary.bin", bytes(range(256)))
    ada.repository.write("zz-large.txt", lines * 50)
    ada.repository.commit("after")
    ada.repository.git("checkout", "--quiet", "main")
    checkout = await ada.checkouts.prepare_review(ada.repository.top, "demo-1", Subject.BEAD)
    whole = await changed(ada, checkout)
    monkeypatch.setattr(diffs, "_MOST", 1000)
    monkeypatch.setattr(diffs, "_MOST_SHOWN", 100_000)
    bounded = await changed(ada, checkout)
    assert list(bounded) == list(whole)
    for path in ("added.txt", "changed.txt", "empty.txt", "mode.sh", "renamed.txt"):
        assert bounded[path] == whole[path]
    assert "     8 + line seven" in bounded["renamed.txt"].text
    assert [path for path, file in bounded.items() if file.unseen] == ["binary.bin", "zz-large.txt"]
    assert bounded["zz-large.txt"].note == "too much"
    assert (bounded["gone.txt"].note, bounded["gone.txt"].unseen) == ("deleted", False)


async def test_fifty_megabytes_of_changes_are_read_in_bounded_room(ada: Desk) -> None:
    """In files that are each too large to be shown, and in many that together are."""
    row = "x = 1\n"
    large = {f"large/{number}.txt": row * (2 * 1024 * 1024) for number in range(3)}
    small = {f"small/{number:02}.txt": row * (100 * 1024) for number in range(30)}
    on_branch(ada, "bead/demo-1", **large, **small)
    checkout = await ada.checkouts.prepare_review(ada.repository.top, "demo-1", Subject.BEAD)
    files = await changed(ada, checkout)
    assert len(files) == 33
    shown = [file for file in files.values() if not file.unseen]
    assert shown
    assert sum(len(file.text) for file in shown) < 16 * 1024 * 1024
    assert all(files[path].unseen for path in large)


async def test_two_thousand_changed_files_are_all_told(ada: Desk) -> None:
    """Each with its text."""
    on_branch(ada, "bead/demo-1", **{f"many/{number}.txt": f"{number}\n" for number in range(2000)})
    checkout = await ada.checkouts.prepare_review(ada.repository.top, "demo-1", Subject.BEAD)
    files = await changed(ada, checkout)
    assert len(files) == 2000
    assert files["many/1999.txt"].text.splitlines() == ["@@", "     1 + 1999"]


async def test_a_merge_at_the_head_and_a_detached_one_are_reviewed(ada: Desk) -> None:
    """What was merged in from main is no part of the work."""
    on_branch(ada, "topic", mine="1\n")
    ada.repository.commit("meanwhile", other="main went on\n")
    ada.repository.git("checkout", "--quiet", "topic")
    ada.repository.git("merge", "--quiet", "--no-edit", "main")
    ada.repository.git("checkout", "--quiet", "--detach")
    checkout = await ada.checkouts.prepare_review(ada.repository.top, "@branch", Subject.BRANCH)
    assert (checkout.branch, list(await changed(ada, checkout))) == ("detached", ["mine"])


async def test_what_is_reviewed_stays_when_the_branch_is_rewritten_meanwhile(ada: Desk) -> None:
    """The commit that is read is the one that was there; the next review sees the other."""
    head = on_branch(ada, "bead/demo-1", mine="1\n")
    checkout = await ada.checkouts.prepare_review(ada.repository.top, "demo-1", Subject.BEAD)
    ada.repository.git("branch", "--force", "bead/demo-1", "main")
    assert checkout.base == head
    assert list(await changed(ada, checkout)) == ["mine"]
    assert not (await ada.checkouts.evidence(checkout)).commits
    with pytest.raises(NothingToReview):
        await ada.checkouts.prepare_review(ada.repository.top, "demo-1", Subject.BEAD)


async def test_where_nothing_can_be_uncommitted_that_is_said(ada: Desk, tmp_path: Path) -> None:
    """A bare repository has no working tree; one without a commit has nothing to compare with."""
    bare = tmp_path / "bare.git"
    ada.repository.git("clone", "--quiet", "--bare", str(ada.repository.top), str(bare))
    with pytest.raises(NothingToReview, match="bare repository"):
        await ada.checkouts.require_review(bare, "@changes", Subject.CHANGES)
    ada.repository.git("init", "--quiet", str(tmp_path / "unborn"))
    (tmp_path / "unborn" / "file").write_text("1\n")
    for subject in (Subject.CHANGES, Subject.BRANCH):
        with pytest.raises(NothingToReview, match="no commit yet"):
            await ada.checkouts.require_review(tmp_path / "unborn", "@x", subject)


async def test_a_shallow_clone_says_so(ada: Desk, tmp_path: Path) -> None:
    """Where the commits in common are missing, and what to do; else that history is short."""
    on_branch(ada, "bead/demo-1", mine="1\n")
    for number in range(3):
        ada.repository.commit(f"main {number}", other=f"{number}\n")
    clone = tmp_path / "shallow"
    url = ada.repository.top.as_uri()
    ada.repository.git("clone", "--quiet", "--depth=1", "--no-single-branch", url, str(clone))
    ada.repository.git("-C", str(clone), "branch", "bead/demo-1", "origin/bead/demo-1")
    with pytest.raises(NothingToReview, match="--unshallow"):
        await ada.checkouts.require_review(clone, "demo-1", Subject.BEAD)
