"""Workspace folders: several, none, without beads, coming and going."""

import asyncio
from pathlib import Path

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from bead_places import write_jsonl
from lsp_window import BEADS, JOINED, Opener, Place, Window


async def test_each_folder_is_a_project_and_has_to_be_named(opener: Opener, place: Place) -> None:
    """With several folders a list has all of them, and a verb needs one."""
    other = place.make_workspace("other")
    window = await opener(folders=[place.workspace, other], options=JOINED)
    assert await _listed(window) == [str(place.workspace), str(other)]
    with pytest.raises(JsonRpcException, match="Several folders are open"):
        await window.ask("show", {"id": "demo-1"})
    for folder in (str(other), other.as_uri()):
        assert (await window.ask("show", {"id": "demo-1", "folder": folder}))["page"]["bead"][
            "id"
        ] == "demo-1"


async def test_folders_come_and_go_while_the_server_runs(opener: Opener, place: Place) -> None:
    """What was added is listed and watched; what was removed is not."""
    other = place.make_workspace("other")
    window = await opener(options=JOINED)
    _change(window, added=[other], removed=[place.workspace])
    assert await _listed(window) == [str(other)]
    _change(window, removed=[Path("/never/opened")])
    await asyncio.to_thread(write_jsonl, other, BEADS[:1])
    changed = ("beadwork/beadsChanged", {"folder": str(other)})
    await window.until("the added folder is watched", lambda: changed in window.heard)
    _change(window, removed=[other])
    assert await _listed(window) == []


async def test_a_folder_without_beads_says_so_and_is_picked_up_when_it_has_some(
    opener: Opener, place: Place
) -> None:
    """It is part of the answer, not an error; and nobody has to restart anything."""
    bare = place.root / "no repository"
    bare.mkdir()
    window = await opener(folders=[bare, place.workspace], options=JOINED)
    failed, fine = (await window.ask("list"))["projects"]
    assert (failed["folder"], failed["name"], failed["error"]["code"]) == (
        str(bare),
        "no repository",
        "tracker-missing",
    )
    assert fine["error"] is None
    assert [group["group"] for group in failed["groups"]] == [group["group"] for group in fine["groups"]]
    with pytest.raises(JsonRpcException):
        await window.ask("work", {"id": "demo-1", "folder": str(bare)})
    window.heard.clear()
    await asyncio.to_thread(place.make_workspace, bare.name)
    changed = ("beadwork/beadsChanged", {"folder": str(bare)})
    await window.until("it is picked up", lambda: changed in window.heard)
    picked, _ = (await window.ask("list"))["projects"]
    assert picked["error"] is None


async def test_a_client_that_only_knows_a_root_is_served(opener: Opener, place: Place) -> None:
    """Older clients send `rootUri` and no folders."""
    window = await opener(root=place.workspace)
    assert await _listed(window) == [str(place.workspace)]


async def test_without_a_folder_one_has_to_be_named(opener: Opener, place: Place) -> None:
    """A list is empty then, and a named folder works."""
    window = await opener(folders=[])
    assert await _listed(window) == []
    with pytest.raises(JsonRpcException, match="No folder is open"):
        await window.ask("show", {"id": "demo-1"})
    assert (await window.ask("runs"))["runs"] == []
    (project,) = (await window.ask("list", {"folder": str(place.workspace)}))["projects"]
    assert project["folder"] == str(place.workspace)


async def test_a_folder_inside_a_project_means_the_project(opener: Opener, place: Place) -> None:
    """Two folders of one project are listed once."""
    inner = place.workspace / "docs"
    inner.mkdir()
    window = await opener(folders=[place.workspace, inner])
    assert await _listed(window) == [str(place.workspace)]


async def test_runs_of_other_projects_are_not_announced(opener: Opener, place: Place) -> None:
    """A window hears of its own workspace; nobody else's."""
    other = place.make_workspace("other")
    mine, theirs = await opener(options=JOINED), await opener(folders=[other], options=JOINED)
    run = (await theirs.work("demo-1", place.script({"done": "Done."})))["id"]
    await theirs.until("the run is completed", lambda: "completed" in theirs.states(run))
    own = (await mine.work("demo-3", place.script({"done": "Done."})))["id"]
    await mine.until("the own run is completed", lambda: "completed" in mine.states(own))
    assert mine.states(run) == []


def _change(window: Window, added: list[Path] | None = None, removed: list[Path] | None = None) -> None:
    event = types.WorkspaceFoldersChangeEvent(
        added=[types.WorkspaceFolder(folder.as_uri(), folder.name) for folder in added or []],
        removed=[types.WorkspaceFolder(folder.as_uri(), folder.name) for folder in removed or []],
    )
    window.client.workspace_did_change_workspace_folders(types.DidChangeWorkspaceFoldersParams(event))


async def _listed(window: Window) -> list[str]:
    return [project["folder"] for project in (await window.ask("list"))["projects"]]
