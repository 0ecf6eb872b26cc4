"""Work that is done, brought to its end from an editor: the real server, real workers, git and gates."""

import subprocess
from typing import Any

import pytest
from lsprotocol import types

from lsp_window import JOINED, Opener, Place, Window

HAS_FILE = "test -e fixed.txt || { echo 'no fixed.txt here'; exit 3; }"


def git(place: Place, *words: str) -> str:
    """Run git in the repository, and give what it says."""
    command = ["git", *words]
    told = subprocess.run(
        command, cwd=place.workspace, env=place.environment, check=True, timeout=60, capture_output=True
    )
    return told.stdout.decode().strip()


def branch(place: Place, **files: str) -> str:
    """Commit `files` (a name without its `.txt`) on the branch of demo-1, and give the commit."""
    git(place, "switch", "-q", "bead/demo-1" if git(place, "branch", "--list", "bead/*") else "-cbead/demo-1")
    head = commit(place, **files)
    git(place, "switch", "-q", "-")
    return head


def commit(place: Place, **files: str) -> str:
    """Commit `files` on the branch that is checked out, and give the commit."""
    for name, text in files.items():
        (place.workspace / f"{name}.txt").write_text(text, "utf-8")
        git(place, "add", f"{name}.txt")
    git(place, "commit", "-q", "-m", "By hand")
    return git(place, "rev-parse", "HEAD")


@pytest.fixture
def place(place: Place) -> Place:
    """Its gate wants a file that the branch of demo-1 lacks."""
    place.settings(**{"agent": "scripted", "runner": "plain", "gates.commands": [HAS_FILE]})
    branch(place, größer="größer\n")
    return place


async def ended(window: Window, run: str) -> Any:
    """Wait until an editor with notifications heard that a run has ended, and give it."""
    await window.until("the end of the run", lambda: set(window.states(run)) & {"completed", "failed"})
    return await window.run(run)


async def test_what_keeps_a_bead_open_is_data_and_can_be_overruled(opener: Opener, place: Place) -> None:
    """To an editor that asks by itself: once known it is said at once; with force it closes."""
    window = await opener(editor="visual_studio_code", options=JOINED, whole=True)
    gates = await ended(window, (await window.ask("gates", {"id": "demo-1"}))["run"]["id"])
    (result,) = gates["results"]["gates"]["results"]
    assert (gates["state"], result["state"], result["code"]) == ("failed", "failed", 3)
    assert "no fixed.txt here" in result["tail"]

    refused = (await window.ask("close", {"id": "demo-1"}))["refused"]
    (obstacle,) = refused["obstacles"]
    assert (refused["code"], refused["canForce"], obstacle["file"]) == (
        "gates-failed",
        True,
        result["output"],
    )
    assert (await window.ask("reopen", {"id": "demo-1"}))["refused"]["code"] == "not-closed"
    assert (await window.ask("publish", {"id": "demo-1"}))["refused"]["code"] == "no-remote"
    here = await ended(window, (await window.ask("gates", {"here": True}))["run"]["id"])
    assert here["results"]["gates"]["commit"] == ""

    closing = (await window.ask("close", {"id": "demo-1", "reason": "Good enough", "force": True}))["run"]
    closed = await ended(window, closing["id"])
    assert (closed["state"], closed["reason"]) == ("completed", "closed"), closed["summary"]
    assert closed["results"]["close"]["overruled"] == [obstacle["message"]]
    page = (await window.ask("show", {"id": "demo-1"}))["page"]
    assert (page["bead"]["group"], page["closeReason"]) == ("closed", "Good enough")
    assert (await window.ask("reopen", {"id": "demo-1"}))["page"]["bead"]["status"] == "open"
    assert window.asked == []


async def test_what_changed_is_given_with_both_sides(opener: Opener, place: Place) -> None:
    """From git: nothing of it need be checked out."""
    window = await opener(editor="visual_studio_code", options=JOINED, whole=True)
    changes = (await window.ask("changes", {"id": "demo-1"}))["changes"]
    (file,) = changes["files"]
    assert (file["path"], file["kind"], file["added"]) == ("größer.txt", "added", 1)
    assert "+größer" in (await window.ask("patch", {"id": "demo-1"}))["patch"]
    sides = [(changes["base"], file["oldPath"]), (changes["head"], file["path"])]
    texts = [(await window.ask("content", {"commit": c, "path": p}))["text"] for c, p in sides]
    assert texts == [None, "größer\n"]
    assert not (place.workspace / "größer.txt").exists()


async def test_an_editor_that_asks_nothing_by_itself_offers_to_close_anyway(
    opener: Opener, place: Place
) -> None:
    """At the end of the run that found it; who looks at the output first is asked again."""
    window = await opener(editor="neovim", whole=True)
    await window.ask("close", {"id": "demo-1", "reason": "Good enough"})
    await window.until("the person is asked", lambda: window.asked)
    assert window.titles() == ["Close anyway", "Open output", "Open log"]
    assert window.asked[0].type == types.MessageType.Warning
    assert window.asked[0].message.startswith("Closing demo-1 Title of demo-1: demo-1 was not closed.")
    await window.answers.put("Open output")
    await window.until("the person is asked again", lambda: len(window.asked) > 1)
    assert window.opened[0].startswith("file://")
    await window.answers.put("Close anyway")
    await window.until("it is closed", lambda: window.messages)
    ((level, text),) = window.messages
    assert level is types.MessageType.Info
    assert text.startswith("Closing demo-1 Title of demo-1: completed. Closed demo-1: Good enough.")
    newest = (await window.ask("runs"))["runs"][0]
    assert len(newest["results"]["close"]["overruled"]) == 1


async def test_landing_asks_before_it_brings_the_working_tree_along(opener: Opener, place: Place) -> None:
    """And lands when the person says so; a conflict is offered to an agent."""
    settings = {"agent": "scripted", "script": place.script({"done": "I merged nothing."})}
    place.settings(**{**settings, "runner": "plain", "gates.commands": [HAS_FILE]})
    head = branch(place, fixed="fixed\n")
    window = await opener(editor="neovim", whole=True)
    await window.ask("land", {"id": "demo-1", "how": "fast-forward"})
    await window.until("the person is asked", lambda: window.asked)
    assert window.titles()[0] == "Bring my working tree along"
    await window.answers.put("Bring my working tree along")
    await window.until("it has landed", lambda: window.messages)
    assert window.messages[0][1].startswith("Landing demo-1 Title of demo-1: completed."), window.messages
    assert git(place, "rev-parse", "HEAD") == head
    assert (place.workspace / "größer.txt").read_text("utf-8") == "größer\n"

    branch(place, fixed="fixed there\n")
    commit(place, fixed="fixed here\n")
    await window.ask("land", {"id": "demo-1", "updateTree": True})
    await window.until("the person is asked", lambda: len(window.asked) > 1)
    assert "fixed.txt" in window.asked[-1].message
    assert "Resolve with agent" in window.titles()
    await window.answers.put("Resolve with agent")
    await window.until("the agent's failure is told", lambda: len(window.asked) > 2)
    run = (await window.ask("runs"))["runs"][0]
    assert (run["verb"], run["results"]["resolve"]["paths"]) == ("work", ["fixed.txt"])


async def test_a_gate_that_runs_is_a_progress_that_can_be_cancelled(opener: Opener, place: Place) -> None:
    """It names the gate and what it says; nothing of the gate is left."""
    place.settings(**{"runner": "plain", "gates.commands": ["echo I begin; sleep 600"]})
    window = await opener(editor="neovim", whole=True)
    run = (await window.ask("gates", {"id": "demo-1"}))["run"]["id"]
    said = "gates: gate: echo I begin; sleep 600: I begin"
    await window.until("the gate is shown", lambda: said in _reports(window))
    assert window.progress[0][0].title == "Gates of demo-1 Title of demo-1"
    (token,) = window.client.progress_reports
    window.client.window_work_done_progress_cancel(types.WorkDoneProgressCancelParams(token))
    await window.until("the end is said", lambda: window.messages)
    assert (await window.run(run))["state"] == "cancelled"
    assert (await window.run(run))["results"] == {}


def _reports(window: Window) -> list[str]:
    return [value.message for values in window.progress for value in values if value.kind == "report"]
