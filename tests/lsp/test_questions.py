"""What an agent asks reaches the person in every editor, and the answer goes back into its turn.

The server, its workers, the scripted agent and git are the real ones.
"""

from collections.abc import Mapping
from typing import Any

import pytest
from lsprotocol import types

from lsp_window import JOINED, Opener, Place, Window

ASKS: Mapping[str, object] = {"question": "Which greeting?", "choices": ["Polite", "Short"]}
ENDS = ({"write": "hello.txt", "text": "Hello\n"}, {"commit": "Greet"}, {"done": "Greeted."})
EDITORS = ("neovim", "visual_studio_code", "emacs", "")


async def works(window: Window, place: Place, *steps: Mapping[str, object], bead: str = "demo-1") -> str:
    """Let the scripted agent play `steps` on a bead, and give the run's id."""
    run = await window.work(bead, place.script(*steps, *ENDS), runner="plain")
    return str(run["id"])


async def texts(window: Window, run: str) -> list[str]:
    """Give what the agent of a run said."""
    log = await window.ask("log", {"run": run})
    return [event["text"] for event in log["events"] if event["kind"] == "text"]


async def waiting(window: Window, run: str) -> Any:
    """Wait until the agent of a run asks, in a window that is told of runs, and give the run."""
    await window.until("the agent asks", lambda: "needs_input" in window.states(run))
    return await window.run(run)


@pytest.mark.parametrize("editor", EDITORS)
async def test_a_question_is_a_message_with_the_choices(opener: Opener, place: Place, editor: str) -> None:
    """The choice that is picked goes into the agent's turn, and the run goes on to its end."""
    window = await opener(editor=editor, whole=True)
    run = await works(window, place, ASKS)
    await window.until("the person is asked", lambda: window.asked)
    (question,) = window.asked
    assert question.message.startswith("demo-1 Title of demo-1 asks: Which greeting?\n")
    assert f"`beadwork answer {run[:8]} TEXT`" in question.message
    opens_files = editor in {"neovim", "visual_studio_code"}
    assert window.titles() == ["Polite", "Short", *(["Open log"] if opens_files else [])]
    await window.answers.put("Short")
    await window.until("the end is a message", lambda: window.messages)
    assert window.messages == [(types.MessageType.Info, "demo-1 Title of demo-1: completed. Greeted.")]
    assert "The answer was: Short" in await texts(window, run)
    assert len(window.asked) == 1


async def test_the_progress_says_what_the_run_waits_for(opener: Opener, place: Place) -> None:
    """It stays, and goes on with the phase when there is an answer."""
    window = await opener(editor="neovim", whole=True)
    run = await works(window, place, ASKS, {"stall": True})
    waits = "waits for your answer: Which greeting?"
    await window.until("it is shown", lambda: waits in _shown(window))
    await window.ask("answer", {"run": run, "texts": ["polite"]})
    await window.until("it goes on", lambda: "agent: The answer was: Polite" in _shown(window))
    assert len(window.progress) == 1
    await window.ask("cancel", {"run": run})
    await window.until("the progress ends", lambda: window.progress[0][-1].kind == "end")


async def test_a_closed_message_answers_nothing_and_the_log_is_only_looked_at(
    opener: Opener, place: Place
) -> None:
    """The agent waits on; whoever opened the log is asked again."""
    window = await opener(editor="neovim", whole=True)
    run = await works(window, place, ASKS)
    await window.until("the person is asked", lambda: window.asked)
    await window.answers.put("Open log")
    await window.until("the person is asked again", lambda: len(window.asked) == 2)
    assert [uri.rsplit(".", 1)[1] for uri in window.opened] == ["log"]
    await window.answers.put("")
    still = await window.run(run)
    assert (still["state"], still["ask"]["questions"][0]["text"]) == ("needs_input", "Which greeting?")
    await window.ask("answer", {"run": "demo-1", "texts": ["2"], "ask": still["ask"]["id"]})
    await window.until("the end is a message", lambda: window.messages)
    assert "The answer was: Short" in await texts(window, run)


async def test_a_question_without_choices_names_the_command_that_answers_it(
    opener: Opener, place: Place
) -> None:
    """No message takes free words; the command, and this editor's own, do."""
    window = await opener(editor="emacs", whole=True)
    run = await works(window, place, {"question": "What is its name?"})
    await window.until("it is shown", lambda: window.messages)
    ((level, text),) = window.messages
    assert level is types.MessageType.Warning
    assert text == (
        f"demo-1 Title of demo-1 asks: What is its name?\nAnswer with `beadwork answer {run[:8]} TEXT`"
    )
    assert window.asked == []
    await window.ask("answer", {"run": run, "texts": ["Grüßer 🙂"]})
    await window.until("the end is a message", lambda: len(window.messages) == 2)
    assert "The answer was: Grüßer 🙂" in await texts(window, run)


async def test_several_questions_are_messages_one_after_the_other(opener: Opener, place: Place) -> None:
    """Nothing is answered before the last; whoever closes one has answered none."""
    script = place.script(
        {"question": "Which greeting?", "choices": ["Polite", "Short"]},
        {"question": "Which name?", "choices": ["Ada", "Grace"]},
        {"done": "Greeted."},
    )
    one, other = await opener(editor=""), await opener(editor="")
    run = (await one.work("demo-1", script))["id"]
    for window in (one, other):
        await window.until("the first is asked", lambda: window.asked)  # noqa: B023  (it is this one's turn)
        await window.answers.put("Short")
        await window.until("the second is asked", lambda: len(window.asked) == 2)  # noqa: B023
    assert "Which name?\nAda: Ada it is\nGrace: Grace it is\n" in one.asked[1].message
    assert one.titles() == ["Ada", "Grace"]
    await other.answers.put("")
    assert (await one.run(run))["state"] == "needs_input"
    await one.answers.put("Grace")
    await one.until("the end is a message", lambda: one.messages)
    assert "The answers were: Short and Grace" in await texts(one, run)
    assert other.messages == []


async def test_leave_that_is_asked_for_is_a_message_with_its_answers(opener: Opener, place: Place) -> None:
    """For once, for the run, for the project; and there are no other words."""
    window = await opener(editor="neovim", whole=True)
    run = await works(window, place, {"permission": "Bash", "title": "make install"})
    await window.until("the person is asked", lambda: window.asked)
    assert window.asked[0].message == "demo-1 Title of demo-1 asks: May I use Bash: make install?"
    assert window.titles() == [
        "Allow once",
        "Allow for this run",
        "Always allow in this project",
        "Deny",
        "Never allow in this project",
        "Open log",
    ]
    await window.answers.put("Deny")
    await window.until("the end is a message", lambda: window.messages)
    assert "Denied: make install" in await texts(window, run)


async def test_of_two_windows_the_first_answer_counts(opener: Opener, place: Place) -> None:
    """The window that began nothing asks too; an answer that comes too late is said to, and does no harm."""
    one, other = await opener(editor="neovim", whole=True), await opener(editor="emacs", whole=True)
    run = await works(one, place, ASKS, {"stall": True})
    await one.until("the first is asked", lambda: one.asked)
    await other.until("the other is asked", lambda: other.asked)
    await other.answers.put("Polite")
    await one.until("it goes on", lambda: "agent: The answer was: Polite" in _shown(one))
    await one.answers.put("Short")
    await one.until("it is said", lambda: one.messages)
    words = "demo-1: this was answered elsewhere, or waits no more."
    assert one.messages == [(types.MessageType.Info, words)]
    assert "The answer was: Short" not in await texts(one, run)
    await one.ask("cancel", {"run": run})


async def test_a_window_that_is_opened_while_an_agent_waits_asks(opener: Opener, place: Place) -> None:
    """Also when nobody waits in the turn any more: the answer resumes the session."""
    first = await opener(
        options={"beadwork": {**JOINED["beadwork"], "settings": {"answer_patience": 0.1}}}, whole=True
    )
    run = await works(first, place, ASKS)
    await first.until("it rests", lambda: _kept(first, run))
    window = await opener(editor="neovim", whole=True)
    await window.until("the person is asked", lambda: window.asked)
    await window.answers.put("Polite")
    await window.until("the end is a message", lambda: window.messages)
    assert (await window.run(run))["state"] == "completed"
    said = await texts(window, run)
    assert any(text.startswith("Resumed with: ") and "Polite" in text for text in said), said


async def test_a_client_that_asks_by_itself_has_the_question_in_the_run(opener: Opener, place: Place) -> None:
    """And is not asked; refusals of wrong answers are data."""
    window = await opener(editor="visual_studio_code", options=JOINED, whole=True)
    run = await works(window, place, {"permission": "Bash", "title": "make"})
    ask = (await waiting(window, run))["ask"]
    assert (ask["kind"], ask["tool"], ask["title"]) == ("permission", "Bash", "make")
    assert ask["questions"][0]["choices"][0] == {"label": "Allow once", "description": ""}
    assert not ask["questions"][0]["several"]
    wrong = (await window.ask("answer", {"run": run, "texts": ["perhaps"]}))["refused"]
    assert wrong["code"] == "no-choice"
    stale = (await window.ask("answer", {"run": run, "texts": ["1"], "ask": "another"}))["refused"]
    assert stale["code"] == "not-asking"
    await window.ask("answer", {"run": run, "texts": ["1"], "ask": ask["id"]})
    await window.until("it completes", lambda: "completed" in window.states(run))
    assert "Allowed: make" in await texts(window, run)
    assert window.asked == []
    assert window.messages == []


def _shown(window: Window) -> list[str]:
    return [value.message for values in window.progress for value in values if value.kind == "report"]


def _kept(window: Window, run: str) -> bool:
    return any(
        params["run"]["state"] == "needs_input" and params["run"]["endedAt"]
        for method, params in window.heard
        if method == "beadwork/executionChanged" and params["run"]["id"] == run
    )
