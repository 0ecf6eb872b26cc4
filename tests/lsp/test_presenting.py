"""Runs and refusals in editors that show no `beadwork/*` notifications: progress, messages, questions."""

import pytest
from lsprotocol import types

from lsp_window import JOINED, Opener, Place, Window


@pytest.mark.parametrize("editor", ["neovim", "emacs"])
async def test_a_run_is_a_progress_with_its_last_line(opener: Opener, place: Place, editor: str) -> None:
    """It begins, shows the output, can be cancelled, and ends with the result."""
    script, go = place.held()
    window = await opener(editor=editor)
    await window.work("demo-1", script)
    await window.until("the output is shown", lambda: "agent: I begin." in _shown(window))
    ((begin, *_),) = window.progress
    assert begin.title == "demo-1 Title of demo-1"
    assert begin.cancellable
    go.touch()
    await window.until("the progress ends", lambda: _ends(window))
    assert _ends(window) == ["demo-1 Title of demo-1: completed. It is done."]
    await window.until("the end is a message here", lambda: window.messages)
    assert window.messages == [(types.MessageType.Info, "demo-1 Title of demo-1: completed. It is done.")]


async def test_cancelling_the_progress_cancels_the_run(opener: Opener, place: Place) -> None:
    """`window/workDoneProgress/cancel` is how such an editor ends a run."""
    script, _ = place.held()
    window = await opener(editor="neovim")
    run = (await window.work("demo-1", script))["id"]
    await window.until("the output is shown", lambda: "agent: I begin." in _shown(window))
    (token,) = window.client.progress_reports
    window.client.window_work_done_progress_cancel(types.WorkDoneProgressCancelParams(token))
    await window.until("the progress ends", lambda: _ends(window))
    assert (await window.run(run))["state"] == "cancelled"


async def test_a_run_of_another_window_is_a_progress_but_no_message(opener: Opener, place: Place) -> None:
    """Every window of the workspace shows what goes on; only one speaks of its end."""
    script, go = place.held()
    one, other = await opener(editor="neovim"), await opener(editor="neovim")
    await one.work("demo-1", script)
    await other.until("the other window shows it", lambda: "agent: I begin." in _shown(other))
    late = await opener(editor="neovim")
    await late.until("a window opened later shows it", lambda: "agent: I begin." in _shown(late))
    go.touch()
    await one.until("its end is a message", lambda: one.messages)
    await other.until("the other progress ends", lambda: _ends(other))
    assert other.messages == []


async def test_a_failure_is_an_error_that_names_the_log(opener: Opener, place: Place) -> None:
    """So too without any progress; and offers what a person can do about it in such an editor."""
    window = await opener(editor="")
    await window.work("demo-1", place.script({"fail": "The tests do not pass."}))
    await window.until("the end is shown", lambda: window.asked)
    (shown,) = window.asked
    assert shown.type == types.MessageType.Error
    assert shown.message.startswith("demo-1 Title of demo-1: failed. The tests do not pass. Log: ")
    assert shown.message.endswith(".log")
    assert window.titles() == ["Retry"]
    assert window.progress == []
    assert window.messages == []


async def test_a_refusal_that_can_be_forced_is_asked_about(opener: Opener, place: Place) -> None:
    """The command answers at once; when the person insists, the work is done, and that is recorded."""
    window = await opener(editor="neovim")
    script = place.script({"done": "It is done."})
    refused = (await window.ask("work", {"id": "demo-2", "agent": "scripted", "script": script}))["refused"]
    assert (refused["code"], refused["blockedBy"], refused["canForce"]) == ("blocked", ["demo-1"], True)
    await window.until("the person is asked", lambda: window.asked)
    (question,) = window.asked
    assert [action.title for action in question.actions or []] == ["Work anyway", "Cancel"]
    await window.answers.put("Work anyway")
    await window.until("it was done", lambda: any("demo-2" in text for _, text in window.messages))
    (run,) = (await window.ask("runs"))["runs"]
    assert (run["bead"], run["state"], run["forcedOver"]) == ("demo-2", "completed", ["demo-1"])


@pytest.mark.parametrize("choice", ["Cancel", ""])
async def test_a_person_who_does_not_insist_is_left_alone(opener: Opener, place: Place, choice: str) -> None:
    """Neither "Cancel" nor closing the question starts anything."""
    window = await opener(editor="visual_studio_code")
    await window.ask("work", {"id": "demo-2"})
    await window.until("the person is asked", lambda: window.asked)
    await window.answers.put(choice)
    await window.ask("list")
    assert (await window.ask("runs"))["runs"] == []


async def test_a_refusal_that_cannot_be_forced_is_a_warning(opener: Opener, place: Place) -> None:
    """There is nothing to choose."""
    script, _ = place.held()
    window = await opener(editor="neovim")
    await window.work("demo-1", script)
    again = await window.ask("work", {"id": "demo-1", "agent": "scripted", "script": script})
    assert again["refused"]["code"] == "already-active"
    await window.until("it is shown", lambda: window.messages)
    assert window.messages[0][0] is types.MessageType.Warning
    assert window.asked == []


async def test_an_editor_that_asks_by_itself_is_left_alone(opener: Opener) -> None:
    """The refusal is all it gets."""
    window = await opener(editor="visual_studio_code", options=JOINED)
    assert (await window.ask("work", {"id": "demo-2"}))["refused"]["canForce"]
    await window.ask("list")
    assert window.asked == []
    assert window.messages == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"beadwork": 5}, "initializationOptions: `beadwork` is no object, so it is ignored."),
        (
            {"beadwork": {"asks": 1}},
            "initializationOptions: `beadwork.asks` is not true or false, so it is ignored.",
        ),
        ({"beadwork": {"ask": True}}, "initializationOptions: there is no `beadwork.ask`, so it is ignored."),
        ({"beadwork": {"settings": []}}, ""),
        ({"other": True}, ""),
    ],
)
async def test_options_that_are_none_are_said_and_ignored(
    opener: Opener, options: dict[str, object], words: str
) -> None:
    """A wrong option never keeps a server from starting."""
    window = await opener(options=options)
    assert len((await window.ask("list"))["projects"]) == 1
    assert [text for _, text in window.messages] == ([words] if words else [])


async def test_a_bad_setting_is_said_with_its_place(opener: Opener) -> None:
    """The editor's settings are a layer like the others."""
    window = await opener(options={"beadwork": {"settings": {"slots": "many"}}})
    (project,) = (await window.ask("list"))["projects"]
    assert project["error"]["code"] == "settings"
    assert project["error"]["message"].startswith("editor settings: `slots` is 'many', but must be")


def _shown(window: Window) -> list[str]:
    return [value.message for values in window.progress for value in values if value.kind == "report"]


def _ends(window: Window) -> list[str]:
    return [value.message for values in window.progress for value in values if value.kind == "end"]
