"""What the chapters of the demo share: telling a line, and showing a run as it goes.

What it leaves out: the chapters (`story.py`, `reviewing.py`).
"""

import asyncio
from typing import Any

from beadwork.cli import happenings
from beadwork.cli.demo.editor import Editor, EditorError
from beadwork.cli.demo.sample import Sample
from beadwork.cli.printing import Heading, Line, show
from beadwork.executions import Event, EventKind

LONGEST = 60.0
"""Seconds after which the demo gives up waiting for a run."""
_READING = 1.0
"""Seconds that a person needs to read a question."""


async def follow(editor: Editor, run: str, *, after: int = 0, until: str = "", answer: str = "") -> int:
    """Show a run's output from `after` on as it arrives, to its end or to the first text with `until` in it.

    A question of the agent is given `answer`. Give the sequence number of the last event shown.
    """
    await editor.command("output", run=run, after=after)
    async with asyncio.timeout(LONGEST):
        while True:
            method, params = await editor.told.get()
            if method == "exit":
                raise EditorError("The language server has gone.")
            if method != "beadwork/output" or params["run"] != run:
                continue
            for event in params["events"]:
                if event["seq"] <= after:
                    continue
                after = event["seq"]
                show(happenings.blocks(_event(event)))
                if event["kind"] == EventKind.QUESTION:
                    await _answer(editor, run, answer)
                if until and until in str(event.get("text", "")):
                    await editor.command("output", run=run, follow=False)
                    return after
            if params["ended"]:
                return after


async def _answer(editor: Editor, run: str, answer: str) -> None:
    """Answer a question from the editor, after as long as a person needs to read it."""
    await asyncio.sleep(_READING)
    say(f"  The agent waits in its turn. You answer, in the editor or with `beadwork answer`: {answer}")
    said = await editor.command("answer", run=run, texts=[answer])
    if "refused" in said:
        raise EditorError(said["refused"]["message"])


async def run_of(editor: Editor, run: str) -> dict[str, Any]:
    """Give a run as it is now."""
    return dict((await editor.command("log", run=run, limit=1))["run"])


def _event(wire: dict[str, Any]) -> Event:
    data = {key: value for key, value in wire.items() if key not in {"seq", "at", "kind"}}
    return Event(wire["seq"], 0.0, wire["kind"], data)


def played(sample: Sample, script: str) -> dict[str, str]:
    """Give the arguments that let the scripted agent play."""
    return {"agent": "scripted", "script": str(sample.script(script))}


def heading(text: str) -> None:
    """Begin a chapter, or a part of one."""
    show([Heading(text, "bold cyan")])


def say(text: str) -> None:
    """Tell a sentence."""
    show([Line.of(text)])
