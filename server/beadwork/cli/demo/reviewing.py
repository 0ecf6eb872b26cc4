"""The chapter of the demo about a review: findings on their lines in an editor, and a bead made from one.

What it leaves out: the work that is reviewed (`story.py`).
"""

import asyncio
from collections.abc import Mapping
from typing import Any

from beadwork.cli.demo.editor import Editor, EditorError
from beadwork.cli.demo.sample import Sample, git
from beadwork.cli.demo.telling import LONGEST, follow, heading, played, run_of, say
from beadwork.cli.printing import Cell, Line, show

Diagnostic = Mapping[str, Any]

_SEVERITIES = {1: "error", 2: "warning", 3: "information", 4: "hint"}
_TYPED = "# How much a receipt comes to.\n"


async def review(editor: Editor, sample: Sample) -> bool:
    """Review the branch of till-1 and follow one of its findings; give whether all was as promised."""
    heading("Review the work on till-1. The agent reads a checkout of its own, and may change nothing")
    branch = "bead/till-1"
    git(sample.project, "switch", "--quiet", branch)
    say(f"You switch to {branch}, to look at it yourself meanwhile.")
    run = (await editor.command("review", id="till-1", **played(sample, "reviews")))["run"]
    await follow(editor, run["id"])
    run = await run_of(editor, run["id"])
    if run["state"] != "completed":
        say(f"Not what was promised: the review is {run['state']}. {run['summary']}")
        return False
    say(run["summary"])
    async with asyncio.timeout(LONGEST):
        held = await _findings(editor, sample)
    git(sample.project, "switch", "--quiet", "main")
    say("You go back to main.")
    return held


async def _findings(editor: Editor, sample: Sample) -> bool:
    heading("What the editor shows in its files")
    file = sample.project / "till" / "receipt.py"
    uris = {name: (sample.project / name).as_uri() for name in ("till/receipt.py", "tests/test_receipt.py")}
    uri = uris["till/receipt.py"]
    await editor.until_shown(lambda shown: all(shown.get(each) for each in uris.values()))
    for name, each in uris.items():
        _tell(name, editor.shown[each][0])
    before = _first_line(editor.shown[uri][0])
    await editor.open_file(file)
    await editor.insert(file, 0, _TYPED)
    await editor.until_shown(lambda shown: any(_first_line(each) != before for each in shown[uri]))
    moved = _first_line(editor.shown[uri][0])
    say("You type a line at the top of the first file, and its finding moves along:")
    _tell("till/receipt.py", editor.shown[uri][0])
    bead = await _quick_fix(editor, uri, moved)
    await editor.until_shown(lambda shown: any(each["code"] == bead for each in shown[uri]))
    say(f"A quick fix on it makes the bead {bead}; it goes from the file when that is closed:")
    _tell("till/receipt.py", editor.shown[uri][0])
    await editor.close_file(file)
    return moved == before + 1


async def _quick_fix(editor: Editor, uri: str, at: int) -> str:
    """Choose the action that makes a bead of what is on a line; give the bead."""
    position = {"line": at, "character": 0}
    actions = await editor.request(
        "textDocument/codeAction",
        {
            "textDocument": {"uri": uri},
            "range": {"start": position, "end": position},
            "context": {"diagnostics": list(editor.shown[uri])},
        },
    )
    chosen = next((each for each in actions if each["title"].startswith("Create a bead")), None)
    if chosen is None:
        raise EditorError("The language server offers no bead for a finding.")
    command = {key: chosen[key] for key in ("command", "arguments")}
    made = await editor.request("workspace/executeCommand", command)
    return str(made["made"][0]["bead"])


def _tell(name: str, each: Diagnostic) -> None:
    place = f"{name}:{_first_line(each) + 1}"
    severity = _SEVERITIES[each["severity"]]
    title = each["message"].splitlines()[0]
    show(
        [
            Line.of(
                f"  {place:<24}", Cell(f"{severity:<12}", "yellow"), title, Cell(f"  {each['code']}", "dim")
            )
        ]
    )


def _first_line(each: Diagnostic) -> int:
    return int(each["range"]["start"]["line"])
