"""What a person can do about a run from any editor: pause, go on, tell it something, try it again; the queue.

The server, its workers, the scripted agent and git are the real ones.
"""

import asyncio
import datetime
import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from bead_places import record, write_jsonl
from lsp_window import BEADS, JOINED, Opener, Place, Window

ENDS = ({"write": "hello.txt", "text": "Hello\n"}, {"commit": "Greet"}, {"done": "Greeted."})


async def works(window: Window, place: Place, *steps: Mapping[str, object], bead: str = "demo-1") -> str:
    """Let the scripted agent play `steps` on a bead, and give the run's id."""
    run = await window.work(bead, place.script(*steps, *ENDS), runner="plain")
    return str(run["id"])


async def listens(window: Window, run: str, text: str) -> None:
    """Subscribe to a run, and wait until its agent says `text`."""
    await window.ask("output", {"run": run})
    await window.until(f"it says {text}", lambda: text in said(window, run))


async def fails(window: Window, place: Place, why: str, bead: str = "demo-1") -> str:
    """Let the scripted agent fail at a bead, and give the run's id."""
    return str((await window.work(bead, place.script({"fail": why}), runner="plain"))["id"])


def said(window: Window, run: str) -> list[str]:
    """Give what the agent of a run said, as far as it was sent."""
    return [event["text"] for event in window.events(run) if event["kind"] == "text"]


@pytest.fixture
async def joined(opener: Opener) -> Window:
    """A window that is told of runs, with the whole of Beadwork behind it."""
    return await opener(editor="visual_studio_code", options=JOINED, whole=True)


async def test_a_paused_run_goes_on_in_its_log_and_its_subscription_is_taken_up_again(
    joined: Window, place: Place
) -> None:
    """The subscription ends with the rest; with `after` the next one begins right behind it."""
    run = await works(joined, place, {"say": "I begin."}, {"stall": True}, {"say": "I go on."})
    await listens(joined, run, "I begin.")
    assert (await joined.ask("resume", {"run": run}))["refused"]["code"] == "not-paused"
    assert (await joined.ask("pause", {"run": run}))["run"]["intent"] == "pause"
    await joined.until("it is paused", lambda: "paused" in joined.states(run))
    await joined.until("the output has ended", lambda: joined.ended(run))
    paused = await joined.run(run)
    assert (paused["resumable"], paused["pausable"], paused["cancellable"]) == (True, False, True)
    last = joined.events(run)[-1]["seq"]
    assert (await joined.ask("pause", {"run": run}))["refused"]["code"] == "not-running"

    joined.heard.clear()
    assert (await joined.ask("resume", {"run": run}))["run"]["resumed"] == 1
    assert (await joined.ask("output", {"run": run, "after": last}))["next"] == last + 1
    await joined.until("it completes", lambda: joined.ended(run) and "completed" in joined.states(run))
    seqs = [event["seq"] for event in joined.events(run)]
    assert seqs == list(range(last + 1, last + 1 + len(seqs)))
    assert "I go on." in said(joined, run)
    assert "I begin." not in said(joined, run)


async def test_a_pause_is_a_message_that_offers_to_go_on(opener: Opener, place: Place) -> None:
    """In the window that asked for the run; its progress ends, and begins again when it goes on."""
    window = await opener(editor="neovim", whole=True)
    run = await works(window, place, {"say": "I begin."}, {"stall": True})
    await window.until("it begins", lambda: "agent: I begin." in _shown(window))
    await window.ask("pause", {"run": "demo-1"})
    await window.until("the person is told", lambda: window.asked)
    assert window.asked[0].type == types.MessageType.Info
    assert window.asked[0].message.startswith("demo-1 Title of demo-1: paused.")
    assert window.titles() == ["Resume"]
    await window.until("the progress ends", lambda: window.progress[0][-1].kind == "end")
    await window.answers.put("Resume")
    await window.until("the end is a message", lambda: window.messages)
    assert (await window.run(run))["state"] == "completed"
    assert len(window.asked) == 1
    await window.until("no progress stays", lambda: all(v[-1].kind == "end" for v in window.progress))


async def test_what_a_person_tells_arrives_in_the_turn(joined: Window, place: Place) -> None:
    """And stands in the log."""
    run = await works(joined, place, {"say": "I listen."}, {"hear": True})
    await listens(joined, run, "I listen.")
    assert (await joined.ask("tell", {"run": run, "text": "Be brief."}))["run"]["id"] == run
    await joined.until("it completes", lambda: joined.ended(run))
    assert "I was told: Be brief." in said(joined, run)
    assert "Be brief." in [event["text"] for event in joined.events(run) if event["kind"] == "message"]


async def test_a_failed_run_is_tried_again_from_its_message(opener: Opener, place: Place) -> None:
    """The next attempt and the last name each other; its end is a message too."""
    window = await opener(editor="neovim", whole=True)
    run = await works(window, place, {"fail_until": 2, "fail": "The tests do not pass."})
    await window.until("the end is shown", lambda: window.asked)
    assert window.asked[0].type == types.MessageType.Error
    assert "failed. The tests do not pass." in window.asked[0].message
    assert window.titles() == ["Retry", "Open log"]
    await window.answers.put("Retry")
    await window.until("the next end is shown", lambda: window.messages)
    assert window.messages[0][1] == "demo-1 Title of demo-1: completed. Greeted."
    first, second = await window.run(run), (await window.ask("log", {"run": "demo-1"}))["run"]
    assert (first["retriedBy"], first["retryable"]) == (second["id"], False)
    assert (second["retryOf"], second["attempt"]) == (run, 2)
    again = (await window.ask("retry", {"run": run}))["refused"]
    assert again["code"] == "retried"


async def test_a_run_that_is_tried_again_by_itself_says_so_and_how_that_went(
    opener: Opener, place: Place
) -> None:
    """There is nothing for a person to do; the end of the next attempt is theirs too."""
    place.settings(retry_delay=0.1)
    window = await opener(editor="emacs", whole=True)
    await works(window, place, {"fail_until": 2, "fail": "Overloaded.", "passing": True})
    await window.until("both ends are messages", lambda: len(window.messages) == 2)
    (_, failed), completed = window.messages
    assert failed.startswith("demo-1 Title of demo-1: failed. Overloaded. It is tried again by itself")
    assert completed == (types.MessageType.Info, "demo-1 Title of demo-1: completed. Greeted.")
    assert window.asked == []


async def test_the_log_of_a_failed_run_is_opened_from_its_message(opener: Opener, place: Place) -> None:
    """Where the editor opens files; nothing is tried again."""
    window = await opener(editor="visual_studio_code", whole=True)
    run = await fails(window, place, "The tests do not pass.")
    await window.until("the end is shown", lambda: window.asked)
    await window.answers.put("Open log")
    await window.until("the log is open", lambda: window.opened)
    assert window.opened == [Path((await window.run(run))["readableLog"]).as_uri()]
    assert len((await window.ask("runs"))["runs"]) == 1


async def test_the_queue_has_an_order_and_entries_move_to_its_front(joined: Window, place: Place) -> None:
    """With one slot: the second and third wait, until somebody changes their order."""
    place.settings(slots=1)
    window = joined
    await asyncio.to_thread(write_jsonl, place.workspace, [*BEADS, record("demo-4")])
    first = await works(window, place, {"stall": True})
    await window.until("the first runs", lambda: "running" in window.states(first))
    second = await works(window, place, {"stall": True}, bead="demo-3")
    third = await works(window, place, {"stall": True}, bead="demo-4")
    assert (await window.ask("first", {"run": first}))["refused"]["code"] == "not-queued"
    assert (await window.ask("first", {"run": third}))["run"]["state"] == "queued"
    queue = (await window.ask("queue"))["queue"]
    assert [run["id"] for run in queue["running"]] == [first]
    assert [run["id"] for run in queue["queued"]] == [third, second]
    for run in (third, second, first):
        await window.ask("cancel", {"run": run})
    await window.until("all have ended", lambda: "cancelled" in window.states(first))


async def test_all_that_is_ready_is_worked_on_and_what_becomes_so(joined: Window, place: Place) -> None:
    """A bead that somebody makes in a shell while a walk goes on is taken by it, without being asked for."""
    go = place.root / "go"
    script = place.script({"stall": True, "until": str(go)}, *ENDS)
    given = {"agent": "scripted", "runner": "plain", "script": script}
    walk = (await joined.ask("workAllReady", given))["walk"]
    assert (walk["folder"], walk["endedAt"]) == (str(place.workspace), None)
    assert await _beads_of_runs(joined) == ["demo-1", "demo-3"]
    await joined.until("both run", lambda: _running(joined) == {"demo-1", "demo-3"})
    line = json.dumps(record("demo-4"))
    await asyncio.to_thread(_append, place.workspace / ".beads" / "issues.jsonl", line)
    await joined.until("the new one runs", lambda: "demo-4" in _running(joined))
    (going,) = (await joined.ask("queue"))["queue"]["walks"]
    assert (going["running"], going["completed"]) == (3, 0)
    go.touch()
    await joined.until("all are done", lambda: _completed(joined) == {"demo-1", "demo-3", "demo-4"})
    assert (await joined.ask("stopWalk"))["refused"]["code"] == "no-walk"


async def test_a_walk_that_is_stopped_lets_what_runs_go_on(joined: Window, place: Place) -> None:
    """What it had queued is cancelled."""
    place.settings(slots=1)
    window = joined
    script = place.script({"stall": True}, *ENDS)
    await window.ask("workAllReady", {"agent": "scripted", "runner": "plain", "script": script})
    runs = {run["bead"]: run["id"] for run in (await window.ask("runs"))["runs"]}
    await window.until("the first runs", lambda: "running" in window.states(runs["demo-1"]))
    walk = (await window.ask("stopWalk"))["walk"]
    assert (walk["running"], walk["queued"], walk["endedAt"] is None) == (1, 0, False)
    assert (await window.run(runs["demo-3"]))["state"] == "cancelled"
    assert (await window.run(runs["demo-1"]))["state"] == "running"
    await window.ask("cancel", {"run": runs["demo-1"]})
    await window.until("it has ended", lambda: "cancelled" in window.states(runs["demo-1"]))


async def test_runs_are_found_by_state_time_and_words(joined: Window, place: Place) -> None:
    """Each argument narrows them; what is no state and no time is said."""
    run = await works(joined, place, {"spend": 0.25})
    await joined.until("it completes", lambda: "completed" in joined.states(run))
    failed = await fails(joined, place, "No luck.", "demo-3")
    await joined.until("it fails", lambda: "failed" in joined.states(failed))

    async def found(**narrowed: object) -> list[str]:
        return [each["id"] for each in (await joined.ask("runs", narrowed))["runs"]]

    tomorrow = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=1)
    assert await found() == [failed, run]
    assert await found(states=["completed", "paused"]) == [run]
    assert await found(text="LUCK") == [failed]
    assert await found(since=tomorrow.isoformat()) == []
    for wrong in ({"states": ["done"]}, {"since": "yesterday"}):
        with pytest.raises(JsonRpcException, match=next(iter(wrong))):
            await joined.ask("runs", wrong)
    page = (await joined.ask("export", {"run": failed[:8]}))["html"]
    assert page.lstrip().lower().startswith("<!doctype html>")
    assert "No luck." in page
    costs = (await joined.ask("costs", {"folder": str(place.workspace), "days": 1}))["costs"]
    assert (costs["total"]["runs"], costs["total"]["costUsd"]) == (2, 0.25)
    assert costs["byBead"][0]["name"] == "demo-1"


def _append(path: Path, line: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")


async def _beads_of_runs(window: Window) -> list[str]:
    return sorted(run["bead"] for run in (await window.ask("runs"))["runs"])


def _running(window: Window) -> set[str]:
    return _beads_in(window, "running")


def _completed(window: Window) -> set[str]:
    return _beads_in(window, "completed")


def _beads_in(window: Window, state: str) -> set[str]:
    return {
        params["run"]["bead"]
        for method, params in window.heard
        if method == "beadwork/executionChanged" and params["run"]["state"] == state
    }


def _shown(window: Window) -> list[str]:
    return [value.message for values in window.progress for value in values if value.kind == "report"]
