"""The chapter of the demo about the end of the work: publish it, and close the bead through its gates.

What it leaves out: the work itself (`story.py`), and what a review finds in it (`reviewing.py`).
"""

from collections.abc import Mapping
from typing import Any

from beadwork.cli.demo.editor import Editor, EditorError
from beadwork.cli.demo.sample import Sample, git
from beadwork.cli.demo.telling import follow, heading, run_of, say
from beadwork.cli.printing import Cell, Line, Prose, show

_BEAD = "till-1"
_BRANCH = f"bead/{_BEAD}"
_RIGHT, _HASTY = "sum(prices)", "sum(prices[1:])"


async def finish(editor: Editor, sample: Sample) -> bool:
    """Publish till-1 and close it, after a hasty commit was taken back; give whether all was as promised."""
    heading(f"Close {_BEAD}. A hasty commit of yours has come onto its branch, and was pushed with it")
    _change(sample, _RIGHT, _HASTY, "till-1: tidy up, in a hurry")
    published = await _publish(editor, sample)
    refused = await _close(editor)
    if refused["state"] != "failed" or refused["reason"] != "gates-failed":
        say(f"Not what was promised: the run is {refused['state']}. {refused['summary']}")
        return False
    _tell_refusal(refused["results"]["refused"])
    heading("Take the commit back, publish again, and close")
    _change(sample, _HASTY, _RIGHT, "till-1: count the first item again")
    published = await _publish(editor, sample) and published
    closed = await _close(editor)
    if closed["state"] != "completed":
        say(f"Not what was promised: the run is {closed['state']}. {closed['summary']}")
        return False
    return published and await _is_closed(editor)


def _change(sample: Sample, old: str, new: str, message: str) -> None:
    """Commit onto the branch by hand, as a person does."""
    git(sample.project, "switch", "--quiet", _BRANCH)
    file = sample.project / "till" / "receipt.py"
    file.write_text(file.read_text("utf-8").replace(old, new), "utf-8")
    git(sample.project, "commit", "--quiet", "--message", message, "--", "till")
    git(sample.project, "switch", "--quiet", "main")
    show([Line.of(Cell("commit  ", "dim"), git(sample.project, "log", "--format=%h %s", "-1", _BRANCH))])


async def _publish(editor: Editor, sample: Sample) -> bool:
    """Publish the branch, and give whether the remote has it: the remote is asked, not the run."""
    run = await _through(editor, "publish")
    there = git(sample.remote, "rev-parse", "--verify", "--quiet", _BRANCH)
    same = there == git(sample.project, "rev-parse", _BRANCH)
    say(f"{run['summary']} {'So says the remote itself.' if same else 'But the remote has it not.'}")
    return same


async def _close(editor: Editor) -> dict[str, Any]:
    return await _through(editor, "close", reason="The total counts every item.")


async def _through(editor: Editor, command: str, **arguments: str) -> dict[str, Any]:
    """Ask for something, follow it to its end, and give the run."""
    answer = await editor.command(command, id=_BEAD, **arguments)
    if "refused" in answer:
        raise EditorError(answer["refused"]["message"])
    await follow(editor, answer["run"]["id"])
    return await run_of(editor, answer["run"]["id"])


def _tell_refusal(refused: Mapping[str, Any]) -> None:
    codes = ", ".join(obstacle["code"] for obstacle in refused["obstacles"])
    say(f"Refused: {codes}. The bead is open still. It could be forced; that would stand on the bead.")


async def _is_closed(editor: Editor) -> bool:
    page = (await editor.command("show", id=_BEAD))["page"]
    say(f"{_BEAD} is {page['bead']['status']}: {page['closeReason']} On the bead, for whoever asks later:")
    show([Prose(page["comments"][-1]["text"])])
    return bool(page["bead"]["status"] == "closed")
