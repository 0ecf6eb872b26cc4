"""Beads made and changed from an editor, through the real server over the embedded tracker."""

from typing import Any

from lsprotocol import types

from lsp_window import JOINED, Opener, Place, Window


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
