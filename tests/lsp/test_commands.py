"""Commands: their answers, and what is said about arguments that are none."""

import asyncio
from typing import Any

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from lsp_window import JOINED, Opener, Place, Window, plain

EDITORS = ("neovim", "visual_studio_code", "emacs", "")


@pytest.mark.parametrize("editor", EDITORS)
async def test_every_editor_can_list_work_and_read(opener: Opener, place: Place, editor: str) -> None:
    """The verbs need no optional capability of an editor."""
    window = await opener(editor=editor)
    (project,) = (await window.ask("list"))["projects"]
    assert project["folder"] == str(place.workspace)
    assert {group["group"]: [bead["id"] for bead in group["beads"]] for group in project["groups"]} == {
        "running": [],
        "needs_you": [],
        "ready": ["demo-1", "demo-3"],
        "blocked": ["demo-2"],
        "in_progress": [],
        "done_to_review": [],
        "open": [],
        "closed": [],
    }
    run = await window.work("demo-1", place.script({"say": "hello"}, {"done": "It is done."}))
    assert run["bead"] == "demo-1"
    await _ended(window, run["id"])
    assert (await window.run(run["id"]))["state"] == "completed"
    log = await window.ask("log", {"run": run["id"][:8]})
    assert [event["seq"] for event in log["events"]] == list(range(1, len(log["events"]) + 1))
    assert "hello" in [event.get("text") for event in log["events"]]
    assert not log["more"]
    page = (await window.ask("show", {"id": "demo-1"}))["page"]
    assert [found["id"] for found in page["runs"]] == [run["id"]]


@pytest.mark.parametrize("given", [(), ({},), (None,), ({"folder": None, "search": None},)])
async def test_an_argument_whose_fields_may_be_left_out_may_be_left_out(
    window: Window, given: tuple[object, ...]
) -> None:
    """Nothing, an empty object, null, and null fields all mean the same."""
    assert len((await window.ask("list", *given))["projects"]) == 1


@pytest.mark.parametrize(
    ("command", "given", "words"),
    [
        ("show", (), "`beadwork.show` needs `id`, a string that is not empty."),
        ("show", ({"id": ""},), "`beadwork.show` needs `id`, a string that is not empty."),
        ("show", ({"id": 5},), "`id` of `beadwork.show` must be a string, but is a number."),
        ("show", ({"idd": "demo-1"},), "`beadwork.show` takes no `idd`; did you mean `id`?"),
        ("show", ("demo-1",), "`beadwork.show` takes one object, but was given a string."),
        ("show", ({"id": "demo-1"}, {}), "`beadwork.show` takes one object, but was given 2 arguments."),
        (
            "work",
            ({"id": "x", "force": 1},),
            "`force` of `beadwork.work` must be true or false, but is a number.",
        ),
        ("runs", ({"limit": 0},), "`limit` of `beadwork.runs` must be 1 or more, but is 0."),
        ("runs", ({"limit": True},), "`limit` of `beadwork.runs` must be a whole number, but is true."),
        ("log", ({"run": "x", "after": -1},), "`after` of `beadwork.log` must be 0 or more, but is -1."),
        (
            "list",
            ({"folder": "relative"},),
            "`folder` is 'relative', but must be an absolute path or a file: URI.",
        ),
    ],
)
async def test_what_is_no_argument_is_said_in_one_sentence(
    window: Window, command: str, given: tuple[object, ...], words: str
) -> None:
    """Nothing is coerced; the error names the field."""
    error = await _refused(window, command, *given)
    assert (error.message, error.code) == (words, -32602)
    assert _data(error)["code"] == "invalid-arguments"


async def test_an_unknown_command_is_said_to_be_none(window: Window) -> None:
    """The error names what there is."""
    error = await _refused(window, "brew", {})
    assert error.message.startswith("There is no command 'beadwork.brew'; there are beadwork.list, ")
    assert (error.code, _data(error)["code"]) == (-32602, "unknown-command")


@pytest.mark.parametrize("bead", ["nope-1", "../../etc/passwd", "a; rm -rf /", "$(reboot)", "\udcff"])
async def test_a_bead_that_is_not_there_is_an_error_with_a_code(window: Window, bead: str) -> None:
    """An error of Beadwork travels as a sentence and its code, without a traceback."""
    error = await _refused(window, "work", {"id": bead})
    assert (error.code, _data(error)["code"]) == (-32803, "bead-not-found")
    assert "Traceback" not in error.message
    assert set(_data(error)) == {"code", "detail"}


async def test_a_run_that_is_not_there_is_an_error_with_a_code(window: Window) -> None:
    """So does an id of a run."""
    for command in ("cancel", "log", "output"):
        error = await _refused(window, command, {"run": "beef"})
        assert _data(error)["code"] == "execution-not-found"


async def test_a_cancelled_run_ends_and_can_be_cancelled_once(window: Window, place: Place) -> None:
    """Cancel answers at once; the second is refused as data."""
    script, _ = place.held()
    run = await window.work("demo-1", script)
    await window.until("the run runs", lambda: "running" in window.states(run["id"]))
    assert (await window.ask("cancel", {"run": run["id"]}))["run"]["intent"] == "cancel"
    await window.until("the run is cancelled", lambda: "cancelled" in window.states(run["id"]))
    assert (await window.ask("cancel", {"run": run["id"]}))["refused"]["code"] == "not-running"


async def test_a_run_can_be_named_by_its_bead(opener: Opener, place: Place) -> None:
    """A person knows beads, not ids of runs; it is the newest run, and never one of two projects."""
    window = await opener(editor="neovim")
    await window.work("demo-1", place.script({"fail": "Not yet."}))
    await window.until("the first has ended", lambda: window.asked)
    script, _ = place.held()
    second = (await window.work("demo-1", script))["id"]
    assert (await window.ask("log", {"run": "demo-1"}))["run"]["id"] == second
    other = place.make_workspace("other")
    await window.ask("work", {"id": "demo-1", "folder": str(other), "agent": "scripted", "script": script})
    both = await opener(folders=[place.workspace, other])
    error = await _refused(both, "cancel", {"run": "demo-1"})
    assert "several projects" in error.message
    assert (await window.ask("cancel", {"run": "demo-1"}))["run"]["id"] == second


async def test_a_cancel_that_is_refused_is_a_message(opener: Opener, place: Place) -> None:
    """An editor that looks at no answers says it too."""
    window = await opener(editor="neovim")
    await window.work("demo-1", place.script({"done": "Nothing to do."}))
    await window.until("the run has ended", lambda: window.messages)
    before = len(window.messages)
    await window.ask("cancel", {"run": "demo-1"})
    await window.until("the refusal is shown", lambda: len(window.messages) > before)
    level, text = window.messages[-1]
    assert (level, text.split(" ")[-1]) == (types.MessageType.Warning, "completed.")


async def test_commands_do_not_wait_for_each_other(window: Window, place: Place) -> None:
    """Twenty at a time are all answered."""
    answers = await asyncio.gather(*(window.ask("show", {"id": "demo-1"}) for _ in range(20)))
    assert {answer["page"]["bead"]["id"] for answer in answers} == {"demo-1"}


async def test_the_server_says_what_it_can_do_and_no_more(opener: Opener) -> None:
    """Commands, workspace folders, and texts as they change; nobody is asked for whole texts."""
    window = await opener(editor="neovim", options=JOINED)
    assert window.joined.server_info is not None
    assert window.joined.server_info.name == "beadwork"
    can = window.joined.capabilities
    assert can.execute_command_provider is not None
    assert "beadwork.list" in can.execute_command_provider.commands
    assert can.text_document_sync == types.TextDocumentSyncOptions(
        open_close=True,
        change=types.TextDocumentSyncKind.Incremental,
        save=types.SaveOptions(include_text=False),
    )
    assert can.position_encoding == types.PositionEncodingKind.Utf16
    assert can.workspace is not None
    assert can.workspace.workspace_folders is not None
    assert can.workspace.workspace_folders.change_notifications
    assert can.hover_provider is None


async def test_initialize_is_heard_once(window: Window) -> None:
    """A second one is an error, and changes nothing."""
    with pytest.raises(JsonRpcException, match="initialized before"):
        await window.client.initialize_async(types.InitializeParams(capabilities=types.ClientCapabilities()))
    assert len((await window.ask("list"))["projects"]) == 1


async def _refused(window: Window, command: str, *given: object) -> JsonRpcException:
    with pytest.raises(JsonRpcException) as caught:
        await window.ask(command, *given)
    return caught.value


def _data(error: JsonRpcException) -> Any:
    return plain(error.data)


async def _ended(window: Window, run: str) -> None:
    async with asyncio.timeout(30):
        while (await window.run(run))["state"] in {"queued", "running"}:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
