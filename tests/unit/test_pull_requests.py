"""Pull requests by gh: opened, kept up to date, a draft while a review is not content; or why there is none.

What plays gh is a stand-in for the protocol of calls only (`programs/gh_stand_in.py`); the push is real.
"""

import asyncio
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bead_places import record
from beadwork.executions import Reason
from beadwork.findings import Finding, Place, Reported, ReviewRecord
from beadwork.forges import ForgeError, GitHub, Merging, NoForge, owner_in
from beadwork.gates import Gate, GateResult, GateState, KnownGates
from beadwork.workflows.publishing.pull_request import Known, body_of, harmless, title_of
from eventually import eventually
from publishing_trial import BEAD, Publishing, published, publishing
from remote_places import BRANCH, branch, hub, stand_in_gh

KNOWN = Known("demo-1", "Title", "", "Did it.", ("test: make test: passed",), ())


@pytest.fixture
def gh(tmp_path: Path) -> Path:
    """Give the folder of the stand-in for gh."""
    return stand_in_gh(tmp_path / "gh").parent


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gh: Path) -> Iterator[Publishing]:
    """Give a user with work on the branch of demo-1, and a remote that is on GitHub as far as git knows."""
    beads = record(BEAD, title="Say hello", external_ref="https://tracker.example/7"), record("demo-2")
    for made in publishing(tmp_path / "user", monkeypatch, *beads):
        _, ssh = hub(made.sample, tmp_path / "hub")
        made.sample.git("config", "core.sshCommand", str(ssh))
        made.settings(**{"gh": str(gh / "gh"), "gates.commands": ["true"]})
        yield made


def _calls(gh: Path) -> list[dict[str, Any]]:
    file = gh / "calls.jsonl"
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()] if file.exists() else []


def _verbs(gh: Path) -> list[str]:
    return [call["words"][1] for call in _calls(gh)]


def _pull(gh: Path) -> dict[str, Any]:
    (pull,) = json.loads((gh / "pulls.json").read_text("utf-8"))
    return dict(pull)


def _change(gh: Path, **fields: object) -> None:
    (gh / "pulls.json").write_text(json.dumps([{**_pull(gh), **fields}]), "utf-8")


def _review(place: Publishing, *, ready: bool, run: str) -> None:
    head = place.sample.git("rev-parse", BRANCH)
    found = Finding("Greets nobody", "It says nothing to @ada.", 1, place=Place("new", 1, 1))
    review = ReviewRecord(run, str(place.made.project), BEAD, BRANCH, "", head, "Read.", ready)
    place.house.findings.record(review, [] if ready else [Reported(found, None)])


async def test_opened_and_brought_up_to_date(place: Publishing, gh: Path) -> None:
    """One pull request, with what is known of the work; what a person writes beside our text stays."""
    _review(place, ready=False, run="r-1")
    gate = GateResult(Gate("gate", "true"), GateState.PASSED, 0, 1.0, "", "")
    known = KnownGates(place.house.state.gates_of(place.made.project))
    known.keep(place.sample.git("rev-parse", BRANCH), gate)
    run = await place.publish()
    assert run.reason is Reason.PUBLISHED, run.summary
    assert published(run)["pullRequest"] == {
        "number": 7,
        "url": "https://github.com/ada/demo/pull/7",
        "draft": True,
    }
    assert "Pull request https://github.com/ada/demo/pull/7 (a draft)." in run.summary
    pull = _pull(gh)
    assert (pull["title"], pull["headRefName"], pull["baseRefName"]) == ("demo-1: Say hello", BRANCH, "main")
    assert "- gate: true: passed" in pull["body"]
    assert "P1 new:1 Greets nobody" in pull["body"]
    assert "[demo-1](https://tracker.example/7)" in pull["body"]
    assert _verbs(gh) == ["list", "create", "view"]
    asked = _calls(gh)[1]
    assert asked["cwd"] == str(place.sample.top)
    assert f"ada:{BRANCH}" in asked["words"]
    assert asked["seen"]["GH_PROMPT_DISABLED"] == "1"
    _change(gh, title="Said better", body=f"Mine above.\n{pull['body']}\nMine below.")
    branch(place.sample, more="more\n")
    _review(place, ready=True, run="r-2")
    again = await place.publish()
    now = _pull(gh)
    assert (now["title"], now["isDraft"]) == ("Said better", False)
    assert now["body"].startswith("Mine above.")
    assert now["body"].endswith("Mine below.")
    assert "Greets nobody" not in now["body"]
    assert "gate: true" not in now["body"]  # not of this commit
    assert "(a draft)" not in again.summary
    assert [text.count("pull/7") for text in place.comments()] == [1, 1]
    _calls_before = len(_calls(gh))
    await place.publish()
    assert _verbs(gh)[_calls_before:] == ["list"]  # nothing to change
    assert len(place.comments()) == 2


async def test_a_person_says_whether_it_is_a_draft(place: Publishing, gh: Path) -> None:
    """Their word goes over the review's; without either, what it is stays."""
    await place.publish(draft=True)
    assert _pull(gh)["isDraft"]
    await place.publish()
    assert _pull(gh)["isDraft"]
    await place.publish(draft=False)
    assert not _pull(gh)["isDraft"]


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        ("not-logged-in", "No pull request: gh is not logged in: run `gh auth login`."),
        ("no-host", "No pull request: gh knows no GitHub among the remotes"),
        ("only create fails", "Draft pull requests are not supported"),
        ("garbage", "is it the GitHub CLI?"),
        ("only create garbage", "is it the GitHub CLI?"),
    ],
)
async def test_without_a_pull_request_the_push_stands(
    place: Publishing, gh: Path, mode: str, said: str
) -> None:
    """It is published, and the summary says why there is no pull request; so does the bead."""
    (gh / "mode").write_text(mode, "utf-8")
    run = await place.publish()
    assert run.reason is Reason.PUBLISHED
    assert said in run.summary
    assert said in place.comments()[0]
    assert published(run)["pullRequest"] is None
    assert said in " ".join(published(run)["notes"])
    (gh / "mode").unlink()
    assert published(await place.publish())["pullRequest"]["number"] == 7
    assert len(place.comments()) == 2  # for now there is one


async def test_without_gh(place: Publishing, gh: Path) -> None:
    """A gh that is not there, one that fails at an update, and no pull request wanted at all."""
    place.settings(gh=str(gh / "none"))
    run = await place.publish()
    assert run.reason is Reason.PUBLISHED
    assert "install the GitHub CLI" in run.summary
    place.settings(gh=str(gh / "gh"))
    await place.publish()
    (gh / "mode").write_text("only ready fails", "utf-8")
    run = await place.publish(draft=True)
    assert "The pull request is not up to date: " in run.summary
    assert published(run)["pullRequest"]["draft"] is False
    place.settings(**{"gh": str(gh / "gh"), "publish.pull_request": False})
    before = len(_calls(gh))
    assert "ull request" not in (await place.publish()).summary
    assert len(_calls(gh)) == before


async def test_merged_by_number(tmp_path: Path, gh: Path) -> None:
    """Only while its head is the one that was looked at; how it then stands is looked at too."""
    forge = GitHub(str(gh / "gh"), tmp_path, "ada", dict(os.environ), 30.0)
    assert await forge.pull_request_of(BRANCH) is None
    opened = await forge.open(BRANCH, base="", title="Title", body="Text", draft=False)
    assert opened.state == "OPEN"
    merged = await forge.merge(opened.number, Merging.SQUASH, head="abc")
    assert (merged.state, merged.merge_commit) == ("MERGED", "c0ffee")
    assert _calls(gh)[-2]["words"][3:] == ["--squash", "--match-head-commit", "abc"]
    assert await forge.pull_request_of(BRANCH) is None
    others = GitHub(str(gh / "gh"), tmp_path, "bob", dict(os.environ), 30.0)
    await forge.open(BRANCH, base="main", title="Title", body="Text", draft=False)
    assert await others.pull_request_of(BRANCH) is None  # somebody else's branch of that name
    with pytest.raises(ForgeError):
        await forge.look(99)


async def test_a_gh_that_hangs(tmp_path: Path, gh: Path) -> None:
    """It is gone when its time is over, and when the caller is cancelled."""
    (gh / "mode").write_text("hangs", "utf-8")
    with pytest.raises(ForgeError, match=r"did not end within 0\.5 s"):
        await GitHub(str(gh / "gh"), tmp_path, "ada", dict(os.environ), 0.5).look(1)
    before = len(_calls(gh))
    forge = GitHub(str(gh / "gh"), tmp_path, "ada", dict(os.environ), 30.0)
    asking = asyncio.create_task(forge.pull_request_of(BRANCH))
    await eventually("it hangs", lambda: len(_calls(gh)) > before)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking


async def test_no_gh_is_no_forge(tmp_path: Path) -> None:
    """It is told apart from one that fails, for who can do without."""
    with pytest.raises(NoForge):
        await GitHub("gh-that-is-not-there", tmp_path, "ada", dict(os.environ), 30.0).look(1)


@pytest.mark.parametrize(
    ("url", "owner"),
    [
        ("git@github.com:ada/demo.git", "ada"),
        ("git@github.com-work:ada/demo", "ada"),
        ("https://github.com/ada/demo.git", "ada"),
        ("ssh://git@github.example:2222/ada/demo.git", "ada"),
        ("/srv/ada/demo.git", ""),
        ("../ada/demo.git", ""),
        ("remotes/ada/demo.git", ""),
        ("file:///srv/ada/demo.git", ""),
        ("https://forge.example/group/below/demo.git", ""),
    ],
)
def test_whose_repository(url: str, owner: str) -> None:
    """It is read from the URL; a path of this machine is nobody's."""
    assert owner_in(url) == owner


def test_words_of_others_do_nothing() -> None:
    """They name nobody, close nothing, hide nothing, and do not end our marks."""
    evil = "Thanks @ada! Fixes #12, fixes https://x.example/1, see GH-3 <!-- /beadwork --> <details>"
    said = harmless(evil)
    for each in ("@ada", "#12", "ixes https", "GH-3", "<!-- /", "<details"):
        assert each not in said
    known = Known("demo-1", f"A title\n{evil}" * 9, "", evil, (), [evil] * 40)
    body = body_of(known)
    assert body.count("<!-- /beadwork -->") == 1
    assert "- and 10 more" in body
    assert body_of(KNOWN, f"Mine.\n{body}\nMine too.") == f"Mine.\n{body_of(KNOWN)}\nMine too."
    assert len(title_of(known)) == 200
    assert "\n" not in title_of(known)


def test_a_text_without_our_marks_is_a_persons() -> None:
    """It stays as it is; an empty one is nobody's."""
    assert body_of(KNOWN, "All mine.") == "All mine."
    assert body_of(KNOWN, "\n") == body_of(KNOWN)
    assert "- test: make test: passed" in body_of(KNOWN)
