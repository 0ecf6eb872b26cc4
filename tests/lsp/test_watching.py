"""What a window is told of changes that other windows, workers and shells make."""

import asyncio
import os
from pathlib import Path

from bead_places import record, write_jsonl
from lsp_window import BEADS, JOINED, Opener, Place, Window


async def test_a_run_is_announced_from_its_queue_to_its_end(window: Window, place: Place) -> None:
    """Each state arrives as the worker reaches it, and with it that the groups may have changed."""
    script, go = place.held()
    await window.ask("list")
    run = await window.work("demo-1", script)
    await window.until("the run runs", lambda: "running" in window.states(run["id"]))
    await window.until("the groups changed", lambda: _beads_changed(window, place))
    go.touch()
    await window.until("the run is completed", lambda: "completed" in window.states(run["id"]))


async def test_two_windows_see_the_same_runs(opener: Opener, place: Place) -> None:
    """A run is shown in the window that did not start it, can be followed there, and cancelled there."""
    script, _ = place.held()
    one, other = await opener(options=JOINED), await opener(options=JOINED)
    await other.ask("list")
    run = await one.work("demo-1", script)
    await other.until("the other window hears of it", lambda: "running" in other.states(run["id"]))
    await other.ask("output", {"run": run["id"]})
    await other.until("its output arrives", lambda: "I begin." in _texts(other, run["id"]))
    await other.ask("cancel", {"run": run["id"]})
    await one.until("the first window hears of the end", lambda: "cancelled" in one.states(run["id"]))


async def test_output_is_sent_from_where_it_was_asked_for_to_the_end_without_a_gap(
    window: Window, place: Place
) -> None:
    """Whoever subscribes late gets all from `after + 1` on, once, and `ended` after the last event."""
    script, go = place.held()
    run = (await window.work("demo-1", script))["id"]
    assert (await window.ask("output", {"run": run}))["next"] == 1
    await window.until("it begins", lambda: "I begin." in _texts(window, run))
    assert not window.ended(run)
    go.touch()
    await window.until("the output has ended", lambda: window.ended(run))
    seqs = [event["seq"] for event in window.events(run)]
    assert seqs == list(range(1, len(seqs) + 1))
    assert window.events(run) == (await window.ask("log", {"run": run}))["events"]

    window.heard.clear()
    assert (await window.ask("output", {"run": run, "after": 2}))["next"] == 3
    await window.until("the output has ended again", lambda: window.ended(run))
    assert [event["seq"] for event in window.events(run)] == seqs[2:]


async def test_a_subscription_that_was_ended_sends_nothing_more(window: Window, place: Place) -> None:
    """`follow: false` answers with the first event that was not sent."""
    script, go = place.held()
    run = (await window.work("demo-1", script))["id"]
    await window.ask("output", {"run": run})
    await window.until("it begins", lambda: "I begin." in _texts(window, run))
    sent = window.events(run)[-1]["seq"]
    assert (await window.ask("output", {"run": run, "follow": False}))["next"] == sent + 1
    go.touch()
    await window.until("the run is completed", lambda: "completed" in window.states(run))
    assert window.events(run)[-1]["seq"] == sent
    assert not window.ended(run)


async def test_output_comes_as_a_terminal_shows_it_for_those_who_ask(window: Window, place: Place) -> None:
    """Whole, or from its last events on with a line about the others; where it was left it goes on."""
    run = (await window.work("demo-1", place.script({"say": "I begin."}, {"done": "Done."})))["id"]
    heading = (await window.ask("output", {"run": run, "text": True}))["text"]
    await window.until("the output has ended", lambda: window.ended(run))
    told = [params for method, params in window.heard if method == "beadwork/output"]
    shown = heading + "".join(each["text"] for each in told)
    assert "demo-1" in heading
    assert [shown.count(once) for once in ("I begin.", "── agent", "Completed")] == [1, 1, 1]
    assert not window.events(run)
    assert told[-1]["now"]["state"] == "completed"
    last = told[-2]["next"] - 1
    assert last == (await window.ask("log", {"run": run}))["events"][-1]["seq"]

    window.heard.clear()
    answer = await window.ask("output", {"run": run, "text": True, "last": 2})
    assert answer["next"] == last - 1
    assert f"{last - 2} events before these" in answer["text"]
    await window.until("the end of it has come", lambda: window.ended(run))
    assert (await window.ask("output", {"run": run, "text": True, "after": last}))["text"] == ""


async def test_much_output_comes_in_few_messages_of_a_bounded_size(window: Window, place: Place) -> None:
    """A line of 5 MB is cut in what is sent, and the events of a burst travel together."""
    many = [{"say": f"line {number} " + "y" * 1000} for number in range(2000)]
    run = (await window.work("demo-1", place.script(*many, {"long_line": 5_000_000}, {"done": "Done."})))[
        "id"
    ]
    await window.ask("output", {"run": run})
    await window.until("the output has ended", lambda: window.ended(run))
    texts = _texts(window, run)
    assert len([text for text in texts if text.startswith("line ")]) == 2000
    assert max(map(len, texts)) < 40_000
    assert "more characters are in the log" in max(texts, key=len)
    assert len([1 for method, _ in window.heard if method == "beadwork/output"]) < 200


async def test_beads_that_a_shell_changed_are_announced(window: Window, place: Place) -> None:
    """A bead that somebody else made is announced without being asked for, and is in the next list."""
    await window.ask("list")
    await asyncio.to_thread(write_jsonl, place.workspace, [*BEADS, record("demo-4")])
    await window.until("the change is announced", lambda: _beads_changed(window, place))
    (project,) = (await window.ask("list"))["projects"]
    ready = next(group for group in project["groups"] if group["group"] == "ready")
    assert [bead["id"] for bead in ready["beads"]] == ["demo-1", "demo-3", "demo-4"]


async def test_a_window_that_did_not_opt_in_gets_no_notification_of_ours(
    opener: Opener, place: Place
) -> None:
    """Editors complain about methods that they do not know."""
    window = await opener(editor="neovim")
    run = (await window.work("demo-1", place.script({"done": "It is done."})))["id"]
    await window.until("the end is shown", lambda: any("demo-1" in text for _, text in window.messages))
    assert window.heard == []
    assert (await window.run(run))["state"] == "completed"


async def test_a_run_whose_worker_was_killed_is_recovered_and_said(window: Window, place: Place) -> None:
    """A server that watches says what was lost, and the run ends as interrupted."""
    script, _ = place.held()
    run = (await window.work("demo-1", script))["id"]
    await window.until("the run runs", lambda: "running" in window.states(run))
    worker = _worker_of(place)
    os.kill(worker, 9)
    await window.until("the run has failed", lambda: "failed" in window.states(run))
    assert (await window.run(run))["reason"] == "interrupted"
    await window.until("it is said", lambda: any("demo-1" in text for _, text in window.messages))


def _worker_of(place: Place) -> int:
    return next(
        pid for pid in place.processes() if b"lsp_worker.py" in Path(f"/proc/{pid}/cmdline").read_bytes()
    )


def _beads_changed(window: Window, place: Place) -> bool:
    return ("beadwork/beadsChanged", {"folder": str(place.workspace)}) in window.heard


def _texts(window: Window, run: str) -> list[str]:
    return [event["text"] for event in window.events(run) if event["kind"] == "text"]
