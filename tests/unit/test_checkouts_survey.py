"""What a commit holds: listed and read from git's objects, whatever lies in the work tree."""

import os
from pathlib import Path

import pytest

from beadwork.checkouts import Checkout
from beadwork.checkouts.survey import COMMITS, FILES_OF_COMMIT, LARGEST
from repositories import Desk, Sample, desk, picture


@pytest.fixture
def ada(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A user with a repository."""
    return desk(tmp_path, monkeypatch)


async def prepared(ada: Desk) -> Checkout:
    """A checkout of what is committed."""
    return await ada.checkouts.prepare(ada.repository.top, "demo-1")


async def test_files_commits_and_contents(ada: Desk) -> None:
    """The listing is the base commit's, the newest commit comes first, with its day and its files."""
    head = ada.repository.commit("Add ünicode", **{"src/größe.py": "x = 1\n"})
    checkout = await prepared(ada)
    survey = await ada.checkouts.survey(checkout)
    assert survey.commit == head
    assert survey.files == ("other", "readme", "src/größe.py")
    assert survey.past[0].subject == "Add ünicode"
    assert survey.past[0].files == ("src/größe.py",)
    assert survey.past[1].files == ()
    contents = await ada.checkouts.read(checkout, survey, ["src/größe.py", "absent", "src", ""])
    assert contents == {"src/größe.py": b"x = 1\n", "absent": None, "src": None, "": None}


async def test_names_that_are_hard_to_read(ada: Desk) -> None:
    """A line end, bytes that are no UTF-8, a leading dash and a glob are names like others."""
    names = [b"a\nb", b"\xff\xfe", b"-x", b"*", b":(top)y", b"tab\tname"]
    for name in names:
        Path(os.fsdecode(os.fsencode(ada.repository.top) + b"/" + name)).write_bytes(name)
    ada.repository.commit("Odd\x1bnames")
    checkout = await prepared(ada)
    survey = await ada.checkouts.survey(checkout)
    told = [os.fsdecode(name) for name in names]
    assert set(told) < set(survey.files)
    contents = await ada.checkouts.read(checkout, survey, told)
    assert contents == dict(zip(told, names, strict=True))


async def test_links_lead_nowhere_but_into_the_commit(ada: Desk) -> None:
    """A link inside is followed; a loop, a link out of the repository and one to a folder give nothing."""
    secret = ada.home / "secret"
    secret.write_text("secret")
    for name, target in {
        "out": str(secret),
        "up": "../" * 20 + "etc/passwd",
        "loop": "pool",
        "pool": "loop",
        "folder": "sub",
        "sub/inside": "../readme",
        "twice": "sub/inside",
    }.items():
        link = ada.repository.top / name
        link.parent.mkdir(exist_ok=True)
        link.symlink_to(target)
    ada.repository.commit()
    checkout = await prepared(ada)
    survey = await ada.checkouts.survey(checkout)
    assert survey.links >= {"out", "up", "loop", "pool", "folder", "sub/inside", "twice"}
    contents = dict(await ada.checkouts.read(checkout, survey, sorted(survey.links)))
    assert contents.pop("sub/inside") == contents.pop("twice") == b"text 0\n"
    assert set(contents.values()) == {None}


async def test_a_file_that_is_too_large_is_not_read(ada: Desk) -> None:
    """The limit is a byte exact."""
    ada.repository.write("small", b"x" * LARGEST)
    ada.repository.write("large", b"x" * (LARGEST + 1))
    ada.repository.commit()
    checkout = await prepared(ada)
    contents = await ada.checkouts.read(checkout, await ada.checkouts.survey(checkout), ["small", "large"])
    assert contents["large"] is None
    assert len(contents["small"] or b"") == LARGEST


async def test_a_large_commit_and_a_long_history_are_cut(ada: Desk) -> None:
    """So many commits and files of each, and the true number of files."""
    ada.repository.commit("many", **{f"f{number}": "x" for number in range(FILES_OF_COMMIT + 5)})
    for number in range(COMMITS):
        ada.repository.commit(f"change {number}", file=str(number))
    survey = await ada.checkouts.survey(await prepared(ada))
    assert len(survey.past) == COMMITS
    ada.repository.git("reset", "--quiet", "--hard", f"HEAD~{COMMITS}")
    again = await ada.checkouts.survey(await ada.checkouts.prepare(ada.repository.top, "demo-2"))
    assert again.past[0].file_count == FILES_OF_COMMIT + 5
    assert len(again.past[0].files) == FILES_OF_COMMIT


async def test_settings_of_a_checkout_are_not_read(ada: Desk, tmp_path: Path) -> None:
    """What an agent plants in its `.git/config`, or in its work tree, changes nothing of what is seen."""
    checkout = await prepared(ada)
    before = await ada.checkouts.survey(checkout)
    for key in ("core.pager", "core.fsmonitor", "diff.external", "log.showSignature"):
        Sample(checkout.path).git("config", key, f"touch {tmp_path}/planted")
    (checkout.path / "readme").unlink()
    (checkout.path / "readme").symlink_to(ada.home / "secret")
    assert await ada.checkouts.survey(checkout) == before
    assert (await ada.checkouts.read(checkout, before, ["readme"]))["readme"] == b"text 0\n"
    assert not (tmp_path / "planted").exists()


async def test_imagining_a_checkout_leaves_no_trace(ada: Desk, tmp_path: Path) -> None:
    """It is what `prepare` then makes, and nothing is written anywhere."""
    ada.repository.write("untracked", "x")
    before = picture(tmp_path)
    imagined = await ada.checkouts.imagine(ada.repository.top, "demo-1")
    survey = await ada.checkouts.survey(imagined)
    await ada.checkouts.read(imagined, survey, ["readme"])
    assert picture(tmp_path) == before
    assert imagined == await prepared(ada)


@pytest.mark.parametrize("came_back", [True, False])
async def test_imagining_a_branch_with_work_on_it(ada: Desk, *, came_back: bool) -> None:
    """It goes on where the next run would: at the work that came back, or that was only looked at."""
    checkout = await ada.worked()
    evidence = await ada.checkouts.evidence(checkout)
    if came_back:
        await ada.checkouts.bring_back(checkout, evidence)
    imagined = await ada.checkouts.imagine(ada.repository.top, "demo-1")
    assert imagined.base == evidence.head
    assert imagined.continued
    assert "new" in (await ada.checkouts.survey(imagined)).files
    assert imagined == await prepared(ada)


async def test_imagining_over_commits_that_nobody_looked_at(ada: Desk) -> None:
    """They cannot be read without a fetch, so it is said that they are missing."""
    await ada.worked()
    imagined = await ada.checkouts.imagine(ada.repository.top, "demo-1")
    assert imagined.base == ada.repository.git("rev-parse", "main")
    assert "never looked at" in imagined.notes[0]


async def test_a_sha256_repository_and_a_shallow_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Longer commit ids and a history that ends early are surveyed like others."""
    ada = desk(tmp_path, monkeypatch, object_format="sha256", commits=3)
    assert len((await ada.checkouts.survey(await prepared(ada))).commit) == 64
    shallow = tmp_path / "shallow"
    ada.repository.git("clone", "--quiet", "--depth=1", f"file://{ada.repository.top}", str(shallow))
    checkout = await ada.checkouts.prepare(shallow, "demo-1")
    survey = await ada.checkouts.survey(checkout)
    assert [commit.subject for commit in survey.past] == ["commit 2"]
