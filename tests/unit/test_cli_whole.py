"""The command line over everything real but the agent's mind: git, workers, a scripted agent."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

pytestmark = pytest.mark.timeout(60)  # a reader of a pipe has no deadline of its own

DEADLINE = 50.0

Beadwork = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Give an environment that knows nothing of this machine's user."""
    home = tmp_path / "home"
    home.mkdir()
    identity = {f"GIT_{who}_{what}": "ada@x" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / "config"),
        "BEADWORK_STATE": str(tmp_path / "state"),
        **identity,
    }


@pytest.fixture
def project(tmp_path: Path, environment: dict[str, str]) -> Path:
    """A repository with two beads, one of them blocked by the other; its name has a space and an umlaut."""
    folder = tmp_path / "prüf stand"
    (folder / ".beads").mkdir(parents=True)
    blocks = {"issue_id": "demo-2", "depends_on_id": "demo-1", "type": "blocks"}
    beads = [
        {"id": "demo-1", "title": "First", "status": "open", "priority": 2, "issue_type": "task"},
        {"id": "demo-2", "title": "Second", "status": "open", "priority": 2, "issue_type": "task"},
    ]
    beads[1]["dependencies"] = [blocks]
    lines = "".join(json.dumps(bead) + "\n" for bead in beads)
    (folder / ".beads" / "issues.jsonl").write_text(lines, "utf-8")
    for words in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-qm", "Begin"]):
        subprocess.run(["git", *words], cwd=folder, env=environment, check=True)
    return folder


@pytest.fixture
def beadwork(project: Path, environment: dict[str, str]) -> Iterator[Beadwork]:
    """Run the real program in the project; what a failed test left running is cancelled."""

    def ask(*words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "beadwork", *words],
            cwd=project,
            env=environment,
            capture_output=True,
            encoding="utf-8",
            timeout=DEADLINE,
            check=False,
        )

    yield ask
    for run in json.loads(ask("runs", "--json").stdout)["runs"]:
        if run["cancellable"]:
            ask("cancel", run["id"])


@pytest.fixture
def script(tmp_path: Path) -> Callable[..., str]:
    """Write a script for the scripted agent, and give its path."""

    def write(*steps: dict[str, object]) -> str:
        path = tmp_path / "play.json"
        path.write_text(json.dumps({"steps": steps}), "utf-8")
        return str(path)

    return write


def test_work_followed_to_its_end(beadwork: Beadwork, script: Callable[..., str], project: Path) -> None:
    """`work --follow` shows the agent at work and ends with 0; branch, list, runs and log agree with it."""
    play = script(
        {"say": "I begin."}, {"write": "new.txt", "text": "new"}, {"commit": "Add it"}, {"done": "Added."}
    )
    ended = beadwork("work", "demo-1", "--follow", "--runner", "plain", "--script", play)
    assert (ended.returncode, ended.stderr) == (0, "")
    shown = ended.stdout.splitlines()
    order = ["preparing", "agent", "  I begin.", "verifying", "recording"]
    places = [shown.index(line) for line in order]
    assert places == sorted(places)
    assert "  summary" in ended.stdout
    log = subprocess.run(
        ["git", "log", "--format=%s", "main..bead/demo-1"], cwd=project, capture_output=True, check=True
    )
    assert log.stdout == b"Add it\n"

    (listed,) = json.loads(beadwork("list", "--json", "-g", "done-to-review").stdout)["projects"]
    assert [bead["id"] for bead in listed["groups"][0]["beads"]] == ["demo-1"]
    (run,) = json.loads(beadwork("runs", "--json").stdout)["runs"]
    assert (run["state"], run["reason"], run["bead"]) == ("completed", "verified", "demo-1")
    raw = [json.loads(line)["seq"] for line in beadwork("log", run["id"][:8], "--raw").stdout.splitlines()]
    assert raw == list(range(1, len(raw) + 1))
    attached = json.loads(beadwork("attach", "demo-1", "--json").stdout)
    assert (Path(attached["checkout"]) / "new.txt").read_text() == "new"
    assert str(project) in beadwork("projects").stdout


def test_an_agent_that_only_says_so(beadwork: Beadwork, script: Callable[..., str]) -> None:
    """A run whose agent says done and committed nothing is exit code 4, with the reason."""
    play = script({"done": "All done."})
    ended = beadwork("work", "demo-1", "--follow", "--json", "--runner", "plain", "--script", play)
    assert ended.returncode == 4
    last = json.loads(ended.stdout.splitlines()[-1])["run"]
    assert (last["state"], last["reason"]) == ("failed", "no-commit")


def test_blocked_then_forced(beadwork: Beadwork, script: Callable[..., str]) -> None:
    """A blocked bead is refused with 3; --force works on it, and the run remembers over what."""
    play = script({"write": "a", "text": "a"}, {"commit": "A"}, {"done": "Done."})
    words = ("work", "demo-2", "--follow", "--json", "--runner", "plain", "--script", play)
    refused = beadwork(*words)
    assert refused.returncode == 3
    assert json.loads(refused.stdout)["refused"]["blockedBy"] == ["demo-1"]
    assert json.loads(beadwork("runs", "--json").stdout)["runs"] == []
    forced = beadwork(*words, "--force")
    assert forced.returncode == 0
    assert json.loads(forced.stdout.splitlines()[-1])["run"]["forcedOver"] == ["demo-1"]


def test_detach_and_cancel(
    beadwork: Beadwork, script: Callable[..., str], project: Path, environment: dict[str, str]
) -> None:
    """Ctrl+C leaves the run going; `cancel` ends it with all it started, and says so."""
    play = script({"run": "sleep 600 >/dev/null 2>&1 & echo $! > pid"}, {"say": "I stall."}, {"stall": True})
    words = ["work", "demo-1", "--follow", "--runner", "plain", "--script", play]
    follower = subprocess.Popen(
        [sys.executable, "-m", "beadwork", *words],
        cwd=project,
        env={**environment, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert follower.stdout is not None
    try:
        while b"I stall." not in (line := follower.stdout.readline()):
            assert line, "the program ended before the agent had said anything"
        follower.send_signal(signal.SIGINT)
        _, stderr = follower.communicate(timeout=DEADLINE)
    finally:
        follower.kill()
    assert follower.returncode == 130
    assert b"goes on" in stderr

    (run,) = json.loads(beadwork("runs", "--json").stdout)["runs"]
    assert run["state"] == "running"
    child = int((Path(run["checkout"]) / "pid").read_text())
    assert psutil.pid_exists(child)
    ended = beadwork("cancel", "demo-1")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "was cancelled" in ended.stdout
    assert not psutil.pid_exists(child)
    assert beadwork("cancel", "demo-1").returncode == 3
