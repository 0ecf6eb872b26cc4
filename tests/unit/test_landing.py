"""Landing a bead's branch: what is refused, what the gates have to do with it, and what a run then gives."""

import json
from collections.abc import Iterator
from pathlib import Path
from shlex import quote

import pytest

from beadwork.executions import Execution, Reason, State
from beadwork.workflows import RefusalCode, Refused
from beadwork.workflows.landing.landed import landed_head
from landing_trial import BEAD, Landing, landed, landing, refused
from remote_places import REF, Remote, branch, hub, remote, script, stand_in_gh


@pytest.fixture
def ada(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Landing]:
    """A user with work on a branch, who is on another one."""
    yield from landing(tmp_path, monkeypatch)


def said(ordered: Execution | Refused) -> Refused:
    """Give a refusal."""
    assert isinstance(ordered, Refused), ordered
    return ordered


async def test_landed(ada: Landing) -> None:
    """The base has it, the run says what became of it, nothing else has changed, and nothing is left."""
    before, head = ada.picture(), ada.sample.git("rev-parse", REF)
    ada.settings(gates__commands=["test -f new"])
    run = await ada.land()
    assert (run.state, run.reason, run.head) == (State.COMPLETED, Reason.LANDED, head)
    assert landed(run) == {
        "how": "merge",
        "base": "main",
        "commit": ada.main(),
        "pushed": False,
        "pullRequest": "",
    }
    assert ada.sample.git("log", "-1", "--format=%s", "main") == f"Merge {BEAD}: {run.order.title}"
    assert "The gate passed." in run.summary
    assert ada.picture() == before
    assert landed_head(ada.house, str(ada.made.project), BEAD) == head
    again = said(await ada.order())
    assert again.code is RefusalCode.NO_BRANCH
    assert "nothing to land" in again.message
    assert ada.left() == []


async def test_a_squash_is_known_to_have_landed(ada: Landing) -> None:
    """Git cannot see it, the run says it; when the base is taken back, it may be landed again."""
    start = ada.main()
    await ada.land(how="squash")
    ada.go_on(later="later\n")
    assert said(await ada.order()).code is RefusalCode.NO_BRANCH
    ada.sample.git("update-ref", "refs/heads/main", start)
    assert (await ada.land(how="squash")).reason is Reason.LANDED


async def test_a_squash_of_which_nobody_knows(ada: Landing) -> None:
    """Its files are all there, so there is nothing to do, and that is what the run says."""
    same = ada.sample.git("commit-tree", f"{REF}^{{tree}}", "-p", "main", "-m", "the same by hand")
    ada.sample.git("update-ref", "refs/heads/main", same)
    run = await ada.land(how="squash")
    assert (run.reason, ada.main()) == (Reason.LANDED, same)
    assert "has all that is on" in ada.log(run)


async def test_no_branch(ada: Landing) -> None:
    """Without one there is nothing to land."""
    assert said(await ada.order("demo-2")).code is RefusalCode.NO_BRANCH


async def test_gates_that_fail_only_on_both_together(ada: Landing) -> None:
    """They run on what the base would become; a person may overrule them, and that is kept."""
    ada.settings(gates__commands=["test ! -f new || test ! -f later"])
    ada.go_on(later="later\n")
    main = ada.main()
    run = await ada.land()
    assert (run.state, run.reason, ada.main()) == (State.FAILED, Reason.GATES_FAILED, main)
    assert refused(run)["code"] == "gates-failed"
    assert refused(run)["canForce"] is True
    assert "land" not in run.results
    assert ada.left() == []
    forced = await ada.land(force=True)
    assert forced.reason is Reason.LANDED
    assert "Overruled: " in forced.summary
    assert forced.results["overruled"]
    assert ada.sample.git("ls-tree", "--name-only", "main", "new", "later") == "later\nnew"


async def test_gates_known_to_fail(ada: Landing) -> None:
    """What is known of the very files that would land is said at once."""
    ada.settings(gates__commands=["false"])
    assert (await ada.land()).reason is Reason.GATES_FAILED
    known = said(await ada.order())
    assert (known.code, known.can_force) == (RefusalCode.GATES_FAILED, True)
    assert (await ada.land(force=True)).reason is Reason.LANDED


async def test_the_base_moves_while_gates_run(ada: Landing, tmp_path: Path) -> None:
    """It is merged anew, and the gates see both."""
    later = branch(ada.sample, bead="aside", later="later\n")
    seen = tmp_path / "seen"
    gate = script(
        tmp_path / "gate",
        f"ls >> '{seen}'; echo . >> '{seen}'",
        f"git -C {quote(str(ada.sample.top))} update-ref refs/heads/main {later}",
    )
    ada.settings(gates__commands=[f"'{gate}'"])
    run = await ada.land(how="squash")
    assert run.reason is Reason.LANDED, run.summary
    assert ada.sample.git("rev-parse", "main~1") == later
    first, second = seen.read_text().split(".\n")[:2]
    assert "later" not in first
    assert "later" in second
    assert "begun anew" in ada.log(run)


async def test_the_base_is_renamed_while_gates_run(ada: Landing, tmp_path: Path) -> None:
    """What the base would be now is another branch, on which nobody asked to land."""
    ada.sample.git("branch", "master", "main")
    master = ada.sample.git("rev-parse", "master")
    gate = script(tmp_path / "gate", f"git -C {quote(str(ada.sample.top))} branch -m main trunk")
    ada.settings(gates__commands=[f"'{gate}'"])
    run = await ada.land()
    assert run.state is State.FAILED
    assert "was main when this began, and is master now" in run.summary
    assert ada.sample.git("rev-parse", "master", "trunk").splitlines() == [master, master]


async def test_a_conflict(ada: Landing) -> None:
    """It is named file by file, as data; nothing has changed and nothing is left."""
    ada.go_on(new="not so new\n")
    before, main = ada.picture(), ada.main()
    run = await ada.land()
    assert (run.state, run.reason) == (State.FAILED, Reason.CONFLICT)
    assert refused(run)["obstacles"][0]["paths"] == ["new"]
    assert refused(run)["canForce"] is False
    assert "beadwork resolve demo-1" in run.summary
    assert (ada.picture(), ada.main(), ada.left()) == (before, main, [])


async def test_the_base_is_checked_out(ada: Landing) -> None:
    """That is asked about first; with leave the files come along."""
    ada.sample.git("switch", "-q", "main")
    asked = said(await ada.order())
    assert (asked.code, asked.can_force) == (RefusalCode.TREE_IN_USE, True)
    run = await ada.land(update_tree=True)
    assert run.reason is Reason.LANDED, run.summary
    assert (ada.sample.top / "new").read_text() == "new\n"
    assert ada.sample.git("status", "--porcelain", "--", ":!.beads") == ""


async def test_the_base_is_checked_out_and_dirty(ada: Landing) -> None:
    """What is not committed is named, and nobody can overrule it; of two obstacles both are told."""
    ada.sample.git("switch", "-q", "main")
    ada.sample.write("readme", "mine\n")
    before = ada.picture()
    found = said(await ada.order(update_tree=True))
    assert (found.code, found.can_force) == (RefusalCode.TREE_DIRTY, False)
    assert found.obstacles[0].paths == ("readme",)
    assert ada.picture() == before


async def test_a_file_of_the_users_is_in_the_way(ada: Landing) -> None:
    """The landing ends before the gates, and the file stays."""
    ada.sample.git("switch", "-q", "main")
    ada.sample.write("new", "mine\n")
    before = ada.picture()
    run = await ada.land(update_tree=True)
    assert (run.reason, refused(run)["code"]) == (Reason.REFUSED, "tree-dirty")
    assert refused(run)["obstacles"][0]["paths"] == ["new"]
    assert ada.picture() == before
    assert "gates" not in run.results


async def test_git_is_killed_among_the_users_files(ada: Landing, tmp_path: Path) -> None:
    """What it had written is put back: the tree is as it was, and the landing can be tried again."""
    sample = ada.sample
    branch(sample, a="a\n", other="changed\n", readme="changed too\n", **{"z/z": "z\n"})
    sample.git("switch", "-q", "main")
    sample.write(".git/info/attributes", "readme filter=deadly\n")
    sample.git("config", "filter.deadly.clean", "cat")
    once = tmp_path / "once"
    once.touch()
    deadly = f"if [ -f {once} ]; then rm {once}; kill -9 $PPID; fi; cat"
    sample.git("config", "filter.deadly.smudge", deadly)
    before, main = ada.picture(), ada.main()
    run = await ada.land(update_tree=True)
    assert (run.state, run.reason, ada.main()) == (State.FAILED, Reason.CHECKOUT, main), run.summary
    assert not once.exists()
    assert sample.git("status", "--porcelain", "--", ":!.beads") == ""
    ours = (".git/config", ".git/index", ".git/ORIG_HEAD")
    assert {path: each for path, each in ada.picture().items() if not path.startswith(ours)} == {
        path: each for path, each in before.items() if not path.startswith(ours)
    }
    assert (await ada.land(update_tree=True)).reason is Reason.LANDED
    assert (sample.top / "readme").read_text() == "changed too\n"


async def test_the_base_went_different_ways(ada: Landing, tmp_path: Path) -> None:
    """Which of both it is to be is not for us to say."""
    remote(ada.sample, tmp_path / "origin.git")
    ada.sample.git("update-ref", "refs/remotes/origin/main", branch(ada.sample, bead="x", x="x\n"))
    ada.go_on(later="later\n")
    found = said(await ada.order())
    assert (found.code, found.can_force) == (RefusalCode.BASE_DIVERGED, False)


async def test_the_branch_is_checked_out(ada: Landing) -> None:
    """It need not move for a merge; for a fast-forward on a base that went on it would have to."""
    ada.sample.git("switch", "-q", "bead/demo-1")
    ada.go_on(later="later\n")
    with pytest.raises(Exception, match="land it with a merge"):
        await ada.order(how="fast-forward")
    before = ada.picture()
    assert (await ada.land(how="merge")).reason is Reason.LANDED
    assert ada.picture() == before


async def test_no_such_way(ada: Landing) -> None:
    """The sentence says which there are."""
    with pytest.raises(Exception, match="`fast-forward`, `merge`, `squash`"):
        await ada.order(how="rebase")


async def test_pushed(ada: Landing, tmp_path: Path) -> None:
    """What others pushed before is landed on; the remote then has it, and was asked."""
    origin = remote(ada.sample, tmp_path / "origin.git")
    there = branch(ada.sample, bead="theirs", theirs="theirs\n")
    ada.sample.git("push", "-q", str(origin.top), f"{there}:refs/heads/main")
    run = await ada.land(push=True, how="squash")
    assert run.reason is Reason.LANDED, run.summary
    assert origin.git("rev-parse", "main") == ada.main()
    assert ada.sample.git("rev-parse", "main~1") == there
    assert landed(run)["pushed"] is True


async def test_a_push_that_is_refused(ada: Landing, tmp_path: Path) -> None:
    """The base is landed here, the remote is as it was, and the run says both."""
    origin = remote(ada.sample, tmp_path / "origin.git")
    origin.hook("pre-receive", "echo main is frozen", "exit 1")
    there = origin.git("rev-parse", "main")
    run = await ada.land(push=True)
    assert (run.state, run.reason) == (State.FAILED, Reason.REMOTE)
    assert refused(run)["code"] == "remote-refused"
    assert "main is frozen" in refused(run)["obstacles"][0]["output"]
    assert (origin.git("rev-parse", "main"), landed(run)["pushed"]) == (there, False)
    assert landed(run)["commit"] == ada.main() != there
    (origin.top / "hooks" / "pre-receive").unlink()
    again = await ada.land(push=True)
    assert again.reason is Reason.LANDED
    assert origin.git("rev-parse", "main") == ada.main()


async def test_the_remote_goes_on_while_gates_run(ada: Landing, tmp_path: Path) -> None:
    """Nothing is forced: the base is landed here, and what others pushed stays there."""
    origin = remote(ada.sample, tmp_path / "origin.git")
    theirs = branch(ada.sample, bead="theirs", theirs="theirs\n")
    ada.settings(
        gates__commands=[f"git -C {quote(str(ada.sample.top))} push -q {origin.top} {theirs}:refs/heads/main"]
    )
    run = await ada.land(push=True)
    assert (run.reason, refused(run)["code"]) == (Reason.REMOTE, "remote-ahead")
    assert origin.git("rev-parse", "main") == theirs


async def test_a_remote_that_is_gone(ada: Landing) -> None:
    """Then nothing is landed: it was to be pushed too."""
    ada.sample.git("remote", "add", "origin", "/nowhere/at/all.git")
    main = ada.main()
    run = await ada.land(push=True)
    assert (run.reason, ada.main()) == (Reason.REMOTE, main)
    ada.sample.git("remote", "remove", "origin")
    assert said(await ada.order(push=True)).code is RefusalCode.NO_REMOTE


@pytest.fixture
def gh(ada: Landing, tmp_path: Path) -> tuple[Path, Remote]:
    """Give the folder of a stand-in for gh (of its protocol of calls alone), with an open pull request."""
    hub_, ssh = hub(ada.sample, tmp_path / "hub")
    ada.sample.git("config", "core.sshCommand", str(ssh))
    folder = stand_in_gh(tmp_path / "gh").parent
    head = ada.sample.git("rev-parse", REF)
    pull = {
        "number": 7,
        "url": "https://github.com/ada/demo/pull/7",
        "isDraft": False,
        "title": "",
        "body": "",
        "state": "OPEN",
        "headRefName": "bead/demo-1",
        "headRefOid": head,
        "baseRefName": "main",
        "mergeStateStatus": "CLEAN",
        "mergeCommit": None,
        "headRepositoryOwner": {"login": "ada"},
    }
    (folder / "pulls.json").write_text(json.dumps([pull]))
    ada.settings(gh=str(folder / "gh"), gates__commands=["true"])
    return folder, hub_


def merges(folder: Path) -> list[list[str]]:
    """Give the calls that were to merge."""
    calls = [json.loads(line)["words"] for line in (folder / "calls.jsonl").read_text().splitlines()]
    return [words for words in calls if words[1] == "merge"]


async def test_through_its_pull_request(ada: Landing, gh: tuple[Path, Remote]) -> None:
    """After the gates it is merged there, by its very head; then the base is fetched and comes along here."""
    folder, there = gh
    head = ada.sample.git("rev-parse", REF)
    merging = f"git -C {quote(str(ada.sample.top))} push -q {there.top} {head}:refs/heads/main"
    ada.settings(gh=str(folder / "gh"), gates__commands=[merging])  # what the forge would do after
    run = await ada.land(how="squash")
    assert run.reason is Reason.LANDED, run.summary
    assert merges(folder) == [["pr", "merge", "7", "--squash", "--match-head-commit", head]]
    assert landed(run) == {
        "how": "squash",
        "base": "main",
        "commit": "c0ffee",
        "pushed": True,
        "pullRequest": "https://github.com/ada/demo/pull/7",
    }
    assert (ada.main(), run.head) == (head, head)
    assert ada.left() == []


async def test_gates_come_before_the_pull_request(ada: Landing, gh: tuple[Path, Remote]) -> None:
    """One that fails keeps it from being merged."""
    ada.settings(gh=str(gh[0] / "gh"), gates__commands=["false"])
    assert (await ada.land()).reason is Reason.GATES_FAILED
    assert merges(gh[0]) == []


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"isDraft": True}, "not-ready"),
        ({"baseRefName": "release"}, "not-ready"),
        ({"headRefOid": "1234567890"}, "not-published"),
    ],
)
async def test_a_pull_request_that_cannot_be_merged(
    ada: Landing, gh: tuple[Path, Remote], changed: dict[str, object], code: str
) -> None:
    """That is said before the gates, and nothing lands beside it."""
    folder, main = gh[0], ada.main()
    (pull,) = json.loads((folder / "pulls.json").read_text())
    (folder / "pulls.json").write_text(json.dumps([{**pull, **changed}]))
    run = await ada.land()
    assert (run.reason, refused(run)["code"], ada.main()) == (Reason.REFUSED, code, main)


async def test_the_forge_does_not_merge(ada: Landing, gh: tuple[Path, Remote]) -> None:
    """What it says is told; the base is where it was."""
    (gh[0] / "mode").write_text("only merge fails")
    main = ada.main()
    run = await ada.land()
    assert (run.state, run.reason, ada.main()) == (State.FAILED, Reason.REMOTE, main)
    assert refused(run)["code"] == "not-ready"
    assert "GraphQL" in refused(run)["obstacles"][0]["output"]


async def test_nobody_can_be_asked_for_pull_requests(ada: Landing, gh: tuple[Path, Remote]) -> None:
    """Then the base moves here, and the log says what is not known."""
    (gh[0] / "mode").write_text("not-logged-in")
    run = await ada.land()
    assert run.reason is Reason.LANDED, run.summary
    assert "gh auth login" in ada.log(run)
    assert landed(run)["commit"] == ada.main()
