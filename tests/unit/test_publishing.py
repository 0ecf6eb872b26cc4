"""Publishing a bead's branch: what the remote then has, what stands in the way as data, and what is told."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from beadwork.checkouts import RemoteError
from beadwork.executions import Reason, State
from beadwork.workflows import PublishRequest
from beadwork.workflows.publishing.standing import can_publish, is_published
from beadwork.workflows.views import RefusalCode, Refused
from eventually import eventually
from left_behind import carrying, new_token
from publishing_trial import BEAD, Publishing, published, publishing, refused
from remote_places import BRANCH, branch, hub, remote, rewrite, script, waiting_for_ever
from repositories import picture
from working import Working, accepted, working


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Publishing]:
    """Give a user with work on the branch of demo-1."""
    yield from publishing(tmp_path / "user", monkeypatch)


@pytest.fixture
def at_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Working]]:
    """Give a factory of users whose workers are processes."""
    yield from working(tmp_path / "at work", monkeypatch)


async def test_published_and_told_once(place: Publishing, tmp_path: Path) -> None:
    """The remote has the head, the bead says so, once a head; that there is no forge is said too."""
    origin = remote(place.sample, tmp_path / "origin.git")
    origin.hook("post-receive", "echo 'Open one: https://forge.example/new?branch=demo-1' >&2")
    head = place.sample.git("rev-parse", BRANCH)
    before = place.picture()
    run = await place.publish()
    assert place.picture() == before
    assert (run.state, run.reason, run.head) == (State.COMPLETED, Reason.PUBLISHED, head), run.summary
    assert origin.head == head
    data = published(run)
    assert (data["remote"], data["branch"], data["commit"]) == ("origin", BRANCH, head)
    assert data["pullRequest"] is None
    assert data["links"] == ["https://forge.example/new?branch=demo-1"]
    assert "is not on GitHub" in run.summary
    assert "Or open one at https://forge.example/new?branch=demo-1." in run.summary
    again = await place.publish()
    assert again.reason is Reason.PUBLISHED
    assert "had it already" in again.summary
    (told,) = place.comments()
    assert told.startswith(f"Published {BRANCH} at {head[:10]} to origin ({origin.top}).")
    new = branch(place.sample, more="more\n")
    assert (await place.publish()).head == new == origin.head
    assert len(place.comments()) == 2


async def test_refused_before_anything_is_queued(place: Publishing, tmp_path: Path) -> None:
    """No remote, several of them, one that is not there; no branch, or nothing on it."""

    async def why() -> Refused:
        found = await place.order()
        assert isinstance(found, Refused)
        return found

    assert (await why()).code is RefusalCode.NO_REMOTE
    assert not await can_publish(place.house, place.made.project)
    assert "git remote add" in (await why()).message
    for name in ("one", "two"):
        remote(place.sample, tmp_path / f"{name}.git", name)
    assert "(one, two)" in (await why()).message
    place.settings(**{"publish.remote": "three"})
    assert "no remote three" in (await why()).message
    place.settings(**{"publish.remote": "two"})
    assert await can_publish(place.house, place.made.project)
    place.sample.git("branch", "--force", BRANCH, "main")
    assert (await why()).code is RefusalCode.NO_BRANCH
    place.sample.git("branch", "-D", BRANCH)
    assert (await why()).code is RefusalCode.NO_BRANCH
    assert not place.house.store.list()


async def test_a_remote_that_refuses_is_quoted(place: Publishing, tmp_path: Path) -> None:
    """Its words are the run's, as data too; so are those of a hook of the user's own."""
    origin = remote(place.sample, tmp_path / "origin.git")
    origin.hook("pre-receive", "echo 'No ticket named.' >&2", "exit 1")
    run = await place.publish()
    assert (run.state, run.reason) == (State.FAILED, Reason.REMOTE)
    assert refused(run)["code"] == "remote-refused"
    assert not refused(run)["canForce"]
    assert "No ticket named." in refused(run)["obstacles"][0]["output"]
    assert "No ticket named." in place.log(run)
    assert "publish" not in run.results
    assert place.comments() == []
    script(place.sample.top / ".git" / "hooks" / "pre-push", "echo 'Not on a Friday.' >&2", "exit 1")
    assert "a hook of yours, says: Not on a Friday." in (await place.publish()).summary


async def test_a_success_that_the_remote_denies(place: Publishing, tmp_path: Path) -> None:
    """Git says it was pushed, and the remote does not have it: then it was not published."""
    origin = remote(place.sample, tmp_path / "origin.git")
    origin.hook("post-receive", f"git update-ref -d refs/heads/{BRANCH}")
    run = await place.publish()
    assert (run.state, run.reason) == (State.FAILED, Reason.REMOTE)
    assert "does not have it" in run.summary
    assert "publish" not in run.results


async def test_a_push_that_hangs_though_the_remote_has_it(place: Publishing, tmp_path: Path) -> None:
    """What git could not end is no reason to doubt what the remote says."""
    place.settings(**{"publish.limit": 3.0})
    origin = remote(place.sample, tmp_path / "origin.git")
    token = new_token()
    origin.hook("post-receive", waiting_for_ever(token))
    run = await place.publish()
    assert run.reason is Reason.PUBLISHED
    assert "publish.limit" in place.log(run)
    assert carrying(token) == []


async def test_a_branch_that_goes_on_meanwhile(place: Publishing, tmp_path: Path) -> None:
    """What the remote then has is what is told, and not mistaken for somebody else's."""
    origin = remote(place.sample, tmp_path / "origin.git")
    first = (await place.publish()).head
    branch(place.sample, more="more\n")
    # A hook of the user's that moves the branch, and lets the push begin anew with what is there then.
    later = branch(place.sample, later="later\n")
    place.sample.git("update-ref", f"refs/heads/{BRANCH}", f"{later}~1")
    moves = f'git update-ref "refs/heads/{BRANCH}" {later}'
    hook = place.sample.top / ".git" / "hooks" / "pre-push"
    script(hook, f"{moves} && git push --no-verify --quiet origin {BRANCH}")
    run = await place.publish()
    assert run.reason is Reason.PUBLISHED, run.summary
    assert first != run.head == later == origin.head == published(run)["commit"]
    assert "went on from" in run.summary


async def test_a_rewritten_branch_replaces_only_what_was_ours(place: Publishing, tmp_path: Path) -> None:
    """Said first, then by force; commits of somebody else are never replaced."""
    origin = remote(place.sample, tmp_path / "origin.git")
    first = (await place.publish()).head
    new = rewrite(place.sample)
    run = await place.publish()
    assert (run.state, run.reason, refused(run)["code"]) == (State.FAILED, Reason.REFUSED, "rewritten")
    assert refused(run)["canForce"]
    assert origin.head == first
    forced = await place.publish(force=True)
    assert forced.reason is Reason.PUBLISHED
    assert f"It replaced {first[:10]}" in forced.summary
    assert origin.head == new
    theirs = origin.somebody_pushes(tmp_path / "other")
    ahead = await place.publish(force=True)
    assert (refused(ahead)["code"], refused(ahead)["canForce"]) == ("remote-ahead", False)
    assert f"git fetch origin {BRANCH}" in ahead.summary
    rewrite(place.sample)
    assert refused(await place.publish(force=True))["code"] == "remote-ahead"
    assert origin.head == theirs


async def test_a_bead_that_cannot_be_told(place: Publishing, tmp_path: Path) -> None:
    """The push stands, and the summary says what was not done."""
    origin = remote(place.sample, tmp_path / "origin.git")
    beads = place.made.project / ".beads" / "issues.jsonl"
    origin.hook("post-receive", f"echo '{{' > \"{beads}\"")
    run = await place.publish()
    assert run.reason is Reason.PUBLISHED
    assert "demo-1 could not be told of it" in run.summary
    assert "could not be told" in published(run)["notes"][-1]


async def test_a_remote_that_is_gone_is_an_error(place: Publishing, tmp_path: Path) -> None:
    """The run says which remote, and what to try; nothing was published."""
    remote(place.sample, tmp_path / "origin.git").top.rename(tmp_path / "moved")
    run = await place.publish()
    assert (run.state, run.reason) == (State.FAILED, Reason.REMOTE)
    assert "git ls-remote origin" in run.summary
    assert run.results == {}


async def test_whether_it_is_published_is_asked(place: Publishing, tmp_path: Path) -> None:
    """What the remote has now counts, not what was pushed once; one that is gone is no answer."""
    project = place.made.project
    head = place.sample.git("rev-parse", BRANCH)
    assert not await is_published(place.house, project, BEAD, head)
    origin = remote(place.sample, tmp_path / "origin.git")
    assert not await is_published(place.house, project, BEAD, head)
    await place.publish()
    assert await is_published(place.house, project, BEAD, head)
    later = branch(place.sample, more="more\n")
    assert not await is_published(place.house, project, BEAD, later)
    place.sample.git("push", "--quiet", "origin", BRANCH)
    assert await is_published(place.house, project, BEAD, head)  # within what is there
    origin.git("update-ref", "-d", f"refs/heads/{BRANCH}")
    assert not await is_published(place.house, project, BEAD, head)
    origin.top.rename(tmp_path / "moved")
    with pytest.raises(RemoteError):
        await is_published(place.house, project, BEAD, head)


async def test_what_was_pushed_is_ours_though_nobody_saw_it_arrive(place: Publishing, tmp_path: Path) -> None:
    """A worker that ends in the middle leaves a note, so a rewrite is still told from others' commits."""
    origin = remote(place.sample, tmp_path / "origin.git")
    token = new_token()
    origin.hook("post-receive", waiting_for_ever(token))
    going = asyncio.create_task(place.publish())
    await eventually("the remote has it", lambda: carrying(token))
    going.cancel()
    with pytest.raises(asyncio.CancelledError):
        await going
    assert carrying(token) == []
    (origin.top / "hooks" / "post-receive").unlink()
    for run in place.house.store.live():
        place.house.store.finish(run.id, State.FAILED, reason=Reason.INTERRUPTED, summary="Killed.")
    rewrite(place.sample)
    assert refused(await place.publish())["code"] == "rewritten"


async def test_a_damaged_note_only_forbids_force(place: Publishing, tmp_path: Path) -> None:
    """What cannot be read is as if nothing had been pushed."""
    remote(place.sample, tmp_path / "origin.git")
    await place.publish()
    for note in (place.made.state / "pushed").rglob("*.json"):
        note.write_text('{"origin": [', "utf-8")
    rewrite(place.sample)
    assert refused(await place.publish(force=True))["code"] == "remote-ahead"


async def test_a_remote_that_hangs_has_a_limit(place: Publishing, tmp_path: Path) -> None:
    """The setting says how long; nothing is left of it, and no password is shown."""
    place.settings(**{"publish.limit": 0.5})
    hub(place.sample, tmp_path / "hub")
    place.sample.git("remote", "set-url", "origin", "ssh://ada:s3cret@forge.example/ada/demo.git")
    token = new_token()
    ssh = script(tmp_path / "ssh", waiting_for_ever(token))
    place.sample.git("config", "core.sshCommand", str(ssh))
    run = await place.publish()
    assert (run.state, run.reason) == (State.FAILED, Reason.REMOTE)
    assert "publish.limit" in run.summary
    assert carrying(token) == []
    assert "s3cret" not in run.summary + place.log(run)


async def test_cancelled_while_the_remote_hangs(at_work: Callable[..., Working], tmp_path: Path) -> None:
    """At any moment, in a worker of its own; not even what left its session is left, and nothing moved."""
    user = at_work()
    sample = user.made.repository
    branch(sample)
    hub(sample, tmp_path / "hub")
    token = new_token()
    ssh = script(tmp_path / "ssh", f"setsid {waiting_for_ever(token)} &", waiting_for_ever(token))
    sample.git("config", "core.sshCommand", str(ssh))
    before = picture(sample.top)
    run = accepted(await user.application.publish(user.made.project, PublishRequest(BEAD)))
    await eventually("it hangs", lambda: len(carrying(token)) == 2)
    await user.application.cancel(run.id)
    assert (await user.application.wait_for_end(run.id)).state == "cancelled"
    assert carrying(token) == []
    assert picture(sample.top) == before
