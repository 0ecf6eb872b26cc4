"""Landings by real workers: two at once, and one that is stopped."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from shlex import quote

import pytest

from beadwork.executions import Reason, State
from beadwork.workflows import LandRequest
from eventually import eventually
from remote_places import branch
from repositories import picture
from working import Working, accepted, working


@pytest.fixture
def at_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Working]]:
    """Give a factory of users at work."""
    yield from working(tmp_path, monkeypatch)


@pytest.fixture
def go(tmp_path: Path) -> Path:
    """Give the file that gates wait for."""
    return tmp_path / "go"


@pytest.fixture
def ada(at_work: Callable[..., Working], go: Path) -> Working:
    """A user with two branches that go together, and a gate that waits for a file."""
    there, wanted = quote(f"{go}.there"), quote(str(go))
    gate = f"touch {there}; while [ ! -f {wanted} ]; do sleep 0.05; done"
    user = at_work(**{"gates.commands": [gate]})
    branch(user.made.repository)
    branch(user.made.repository, bead="demo-3", third="third\n")
    user.made.repository.git("switch", "-q", "--detach", "main")
    return user


def seen(user: Working) -> Mapping[str, str]:
    """Give the user's repository but for beads and objects."""
    whole = picture(user.made.project)
    return {path: each for path, each in whole.items() if not path.startswith((".beads", ".git/objects"))}


async def test_two_at_once(ada: Working, go: Path) -> None:
    """The second waits for its turn, and is checked and landed on what the first made of the base."""
    project, sample = ada.made.project, ada.made.repository
    first = accepted(await ada.application.land(project, LandRequest("demo-1")))
    await eventually("the gate of the first", Path(f"{go}.there").exists)
    second = accepted(await ada.application.land(project, LandRequest("demo-3")))
    assert second.state == State.QUEUED
    assert ada.store.get(first.id).state is State.RUNNING
    go.touch()
    for run in (first, second):
        done = await ada.application.wait_for_end(run.id)
        assert done.reason == Reason.LANDED, done.summary
    assert sample.git("rev-parse", "main~1") == ada.store.get(first.id).results["land"]["commit"]  # type: ignore[index]
    assert ada.store.get(second.id).base == sample.git("rev-parse", "main~1")
    assert sample.git("ls-tree", "--name-only", "main", "new", "third") == "new\nthird"


async def test_stopped_while_gates_run(ada: Working, go: Path) -> None:
    """Nothing has changed, and nothing is left of the merge."""
    sample = ada.made.repository
    sample.git("update-ref", "refs/heads/main", branch(sample, bead="aside", later="later\n"))
    sample.git("update-ref", "-d", "refs/heads/bead/aside")
    before = seen(ada)
    run = accepted(await ada.application.land(ada.made.project, LandRequest("demo-1")))
    await eventually("its gate", Path(f"{go}.there").exists)
    await ada.application.cancel(run.id)
    assert (await ada.application.wait_for_end(run.id)).state == State.CANCELLED
    assert seen(ada) == before
    assert [path for path in ada.made.state.rglob("land+*") if path.suffix != ".lock"] == []
