"""A bead as a page, a bead from a comment, and the last of an output: asked of the real server."""

import asyncio
from collections.abc import Sequence

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

import editing
from lsp_window import JOINED, Opener, Place, Window, plain


async def test_a_bead_is_given_as_a_page(window: Window, place: Place) -> None:
    """With what can be done, what it is connected with, and its runs."""
    run = await window.work("demo-1", place.script({"say": "hello"}, {"done": "It is done."}))
    await window.until("it has ended", lambda: "completed" in window.states(run["id"]))
    page = await window.ask("page", {"id": "demo-1"})
    assert page["title"] == "demo-1: Title of demo-1"
    assert f'href="run:{run["id"]}"' in page["html"]
    assert 'href="bead:demo-2"' in page["html"]
    assert 'href="edit:description"' in page["html"]
    assert 'href="do:work"' in page["html"]
    with pytest.raises(JsonRpcException) as caught:
        await window.ask("page", {"id": "demo-99"})
    assert plain(caught.value.data)["code"] == "bead-not-found"


@pytest.mark.parametrize("editor", ["visual_studio_code", "neovim", "emacs", ""])
async def test_a_comment_is_offered_as_a_bead(opener: Opener, place: Place, editor: str) -> None:
    """On its line alone, unless a bead stands there; nothing needs to have been found in the file."""
    window = await opener(editor=editor, options=JOINED)
    file = place.workspace / "größe.py"
    text = "x = 1\n# TODO(ada): say hello\n# FIXME(demo-2): known\n"
    file.write_text(text, "utf-8")
    editing.opens(window, file.as_uri(), text)
    await window.ask("list")
    (action,) = await offered(window, file.as_uri(), 1)
    command = action.command if isinstance(action, types.CodeAction) else action
    assert isinstance(command, types.Command)
    assert (command.title, command.command) == ("Create a bead from this TODO", "beadwork.create")
    assert [plain(each) for each in command.arguments or ()] == [
        {
            "folder": str(place.workspace),
            "title": "Say hello",
            "file": str(file),
            "line": 2,
            "text": "# TODO(ada): say hello",
        }
    ]
    assert not await editing.actions(window, file.as_uri(), 0)
    assert not await editing.actions(window, file.as_uri(), 2)
    assert not await editing.actions(window, file.as_uri(), 1, "quickfix")


async def offered(window: Window, uri: str, line: int) -> Sequence[types.CodeAction | types.Command]:
    """Ask what can be done on a line until there is something: whose file it is becomes known meanwhile."""
    async with asyncio.timeout(60):
        while not (found := await editing.actions(window, uri, line)):
            pass
    return found


async def test_the_output_of_a_run_begins_at_its_last_events(window: Window, place: Place) -> None:
    """Those that are there; with `after`, whichever begins later."""
    run = (await window.work("demo-1", place.script({"say": "hello"}, {"done": "It is done."})))["id"]
    await window.until("it has ended", lambda: "completed" in window.states(run))
    count = len((await window.ask("log", {"run": run}))["events"])
    assert count > 3
    answer = await window.ask("output", {"run": run, "last": 2})
    assert answer["next"] == count - 1
    await window.until("its end was sent", lambda: window.ended(run))
    assert [event["seq"] for event in window.events(run)] == [count - 1, count]
    assert (await window.ask("output", {"run": run, "last": 2, "after": count - 1}))["next"] == count
    assert (await window.ask("output", {"run": run, "last": count + 9}))["next"] == 1
