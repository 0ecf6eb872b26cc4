"""Beads made and changed from an editor, through the real server over the embedded tracker."""

from typing import Any

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from lsp_window import JOINED, Opener, Place, Window, plain


def told(window: Window) -> int:
    """Count how often the window was told to ask for beads again."""
    return sum(method == "beadwork/beadsChanged" for method, _ in window.heard)


async def made(window: Window, **fields: object) -> Any:
    """Make a bead, and give its page."""
    return (await window.ask("create", fields))["page"]


async def test_a_bead_of_a_place_is_made_and_every_window_hears_of_it(opener: Opener, place: Place) -> None:
    """With its parent, what it waits for, and what stands there; a second window is told to ask again."""
    window = await opener(editor="visual_studio_code", options=JOINED)
    other = await opener(editor="visual_studio_code", options=JOINED)
    await other.ask("list")
    await other.until("its first look", lambda: told(other))
    before = told(other)
    page = await made(
        window,
        title="  Größe prüfen ",
        description="It is off by one.",
        type="bug",
        priority=1,
        labels=["ui", "ui"],
        parent="demo-3",
        dependsOn=["demo-1"],
        file=(place.workspace / "src" / "größe.py").as_uri(),
        line=7,
        text="    # TODO: check\n",
    )
    bead = page["bead"]
    assert (bead["title"], bead["type"], bead["priority"]) == ("Größe prüfen", "bug", 1)
    assert (bead["labels"], bead["parent"], bead["blockedBy"]) == (["ui"], "demo-3", ["demo-1"])
    where = "In `src/größe.py:7`:\n\n```\n    # TODO: check\n```"
    assert page["description"] == f"It is off by one.\n\n{where}"
    await other.until("the other window hears of it", lambda: told(other) > before)
    assert window.messages == []


async def test_in_a_plain_editor_a_made_bead_is_said_in_a_message(opener: Opener) -> None:
    """It has no page of its own to show."""
    window = await opener(editor="neovim")
    made_id = (await made(window, title="Check it"))["bead"]["id"]
    await window.until("the message", lambda: window.messages)
    assert window.messages == [(types.MessageType.Info, f"Made {made_id}: Check it")]


async def test_in_a_plain_editor_beads_begin_with_a_message(opener: Opener, place: Place) -> None:
    """It says where they are."""
    (folder := place.root / "Neu").mkdir()
    window = await opener(editor="neovim", folders=[folder])
    await window.ask("init")
    await window.until("the message", lambda: window.messages)
    told = f"Begun in {folder}: embedded (.beads/issues.jsonl)"
    assert window.messages == [(types.MessageType.Info, told)]


async def test_fields_are_changed_and_emptied(window: Window) -> None:
    """What is left out stays; an empty text empties; the same again is fine."""
    texts = {"description": "d\n", "design": "--x", "acceptance": "- [ ] a", "notes": "n"}
    fields = {"title": "New", "priority": 0, "type": "epic", "status": "in_progress", "assignee": "ada"}
    ask = {"id": "demo-1", **texts, **fields, "addLabels": ["a b", "c"], "removeLabels": ["none"]}
    for _ in range(2):
        page = (await window.ask("change", ask))["page"]
        assert {name: page[name] for name in texts} == texts
        assert {name: page["bead"][name] for name in fields} == fields
        assert page["bead"]["labels"] == ["a b", "c"]
    page = (
        await window.ask("change", {"id": "demo-1", "design": "", "assignee": "", "removeLabels": ["c"]})
    )["page"]
    assert (page["design"], page["acceptance"]) == ("", "- [ ] a")
    assert (page["bead"]["assignee"], page["bead"]["labels"]) == ("", ["a b"])


async def test_choices_are_what_there_is_and_what_is_used(window: Window) -> None:
    """The most used first."""
    await made(window, title="x", type="spike", labels=["b", "a"])
    await made(window, title="y", labels=["b"])
    choices = (await window.ask("choices"))["choices"]
    assert choices["labels"] == ["b", "a"]
    assert choices["types"] == ["task", "bug", "feature", "epic", "chore", "decision", "spike"]
    assert choices["statuses"][:2] == ["open", "in_progress"]


async def test_beads_are_connected_and_commented(opener: Opener, place: Place) -> None:
    """Each answers with the bead's page; a comment is signed with the person's name."""
    place.settings(actor="Ada")
    window = await opener(editor="visual_studio_code", options=JOINED)
    page = (await window.ask("depend", {"id": "demo-3", "on": "demo-1"}))["page"]
    assert (page["bead"]["blockedBy"], page["bead"]["group"]) == (["demo-1"], "blocked")
    page = (await window.ask("depend", {"id": "demo-3", "on": "demo-1", "remove": True}))["page"]
    assert page["dependsOn"] == []
    page = (await window.ask("depend", {"id": "demo-3", "on": "demo-1", "kind": "parent-child"}))["page"]
    assert page["bead"]["parent"] == "demo-1"
    page = (await window.ask("comment", {"id": "demo-3", "text": "--fine\n"}))["page"]
    assert [(each["author"], each["text"]) for each in page["comments"]] == [("Ada", "--fine\n")]


async def test_what_is_refused_has_a_code(window: Window, place: Place) -> None:
    """And a sentence that says what to do."""
    outside = (place.root / "a.py").as_uri()
    for command, ask, code in (
        ("change", {"id": "demo-1", "status": "closed"}, "use-close"),
        ("change", {"id": "demo-9", "title": "x"}, "bead-not-found"),
        ("change", {"id": "demo-1", "title": ""}, "unfit-text"),
        ("depend", {"id": "demo-1", "on": "demo-2"}, "dependency-circle"),
        ("comment", {"id": "demo-1", "text": "\0"}, "unfit-text"),
        ("create", {"title": "x", "file": outside}, "unfit-text"),
        ("create", {"title": "x", "file": "untitled:Untitled-1"}, "invalid-arguments"),
        ("init", {}, "beads-there"),
        ("init", {"tracker": "paper"}, "invalid-arguments"),
    ):
        with pytest.raises(JsonRpcException) as caught:
            await window.ask(command, ask)
        assert plain(caught.value.data)["code"] == code, caught.value
    projects = (await window.ask("list"))["projects"]
    assert sum(group["count"] for group in projects[0]["groups"]) == 3


async def test_beads_begin_and_every_window_hears_of_it(opener: Opener, place: Place) -> None:
    """In a folder that had none, while windows looked on; a bead made there has its prefix."""
    (folder := place.root / "Ganz neu").mkdir()
    window = await opener(editor="visual_studio_code", options=JOINED, folders=[folder])
    other = await opener(editor="visual_studio_code", options=JOINED, folders=[folder])
    (project,) = (await other.ask("list"))["projects"]
    assert project["error"]["code"] == "tracker-missing"
    await other.until("its first look", lambda: told(other))
    before = told(other)
    project = (await window.ask("init", {"prefix": "neu"}))["project"]
    assert (project["tracker"], project["readOnly"]) == ("embedded (.beads/issues.jsonl)", "")
    await other.until("the other window hears of it", lambda: told(other) > before)
    page = await made(window, title="First", file="src/a.py")
    assert page["bead"]["id"].startswith("neu-")
    assert page["description"] == "In `src/a.py`."
