"""Findings in an editor: on their lines as diagnostics, through edits, as beads, and gone when those close.

The server, its workers, the scripted agent and git are the real ones.
"""

import asyncio
import json
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from lsprotocol import types

from bead_places import write_jsonl
from lsp_window import Opener, Place, Window

EDITORS = ("visual_studio_code", "neovim", "emacs")
CODE = "def add(a, b):\n    total = a - b\n    return total\n\n\nprint(add(1, 2))\n"
OTHER = 'def grüße():\r\n\t"😀😀"; return nichts\r\n'
SUBTRACTS: Mapping[str, object] = {
    "title": "It subtracts",
    "description": "The sum is a difference.",
    "priority": 1,
    "type": "bug",
    "file": "app.py",
    "line": 2,
    "end_line": 3,
    "failure_scenario": "add(1, 2) is -1",
    "also": [],
}
UNNAMED: Mapping[str, object] = {
    "title": "Nothing has that name",
    "description": "",
    "priority": 3,
    "type": "bug",
    "file": "söme dir/grüße.py",
    "line": 2,
}

Files = Mapping[str, str]


def git(place: Place, *words: str) -> None:
    """Run git in the workspace."""
    subprocess.run(["git", *words], cwd=place.workspace, env=place.environment, check=True, timeout=60)


def write(place: Place, files: Files) -> None:
    """Write files of the workspace, their line ends as they are."""
    for name, text in files.items():
        path = place.workspace / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text.encode())


@pytest.fixture
def place(place: Place) -> Place:
    """A repository with work on demo-1's branch, which is checked out."""
    git(place, "add", "--all")
    git(place, "commit", "-q", "-m", "Beads")
    git(place, "checkout", "-q", "-b", "bead/demo-1")
    write(place, {"app.py": CODE, "söme dir/grüße.py": OTHER})
    git(place, "add", "--all")
    git(place, "commit", "-q", "-m", "Add")
    return place


def uri_of(place: Place, path: str) -> str:
    """Give the URI of a file of the workspace."""
    return (place.workspace / path).as_uri()


def shown(window: Window, place: Place, path: str) -> list[types.Diagnostic]:
    """Give what is shown of a file."""
    return list(window.client.diagnostics.get(uri_of(place, path), ()))


def lines_of(window: Window, place: Place, path: str = "app.py") -> list[tuple[int, int, str]]:
    """Give the first and last line of each diagnostic of a file, and its title."""
    return [
        (each.range.start.line, each.range.end.line, each.message.split("\n")[0])
        for each in shown(window, place, path)
    ]


def codes_of(window: Window, place: Place) -> list[object]:
    """Give the codes of the diagnostics of app.py."""
    return [each.code for each in shown(window, place, "app.py")]


async def reviewed(
    window: Window, place: Place, *findings: Mapping[str, object], **more: object
) -> dict[str, Any]:
    """Review the branch of demo-1 with a scripted agent that finds this, and give the run as it ended."""
    answer = {"findings": findings or (SUBTRACTS, UNNAMED), "summary": "Nearly.", "pr_ready": False}
    script = place.script({"answer": answer})
    asked = {"agent": "scripted", "script": script, "runner": "plain", **(more or {"id": "demo-1"})}
    run = (await window.ask("review", asked))["run"]
    found = {"state": "queued"}
    async with asyncio.timeout(90):
        while found["state"] in {"queued", "running"}:
            found = dict(await window.run(run["id"]))
            await asyncio.sleep(0.2)
    assert found["state"] == "completed", found
    return found


async def changed(
    window: Window, place: Place, version: int, *edits: tuple[tuple[int, int], tuple[int, int], str]
) -> None:
    """Edit app.py as an editor does."""
    window.client.text_document_did_change(
        types.DidChangeTextDocumentParams(
            types.VersionedTextDocumentIdentifier(version, uri_of(place, "app.py")),
            [
                types.TextDocumentContentChangePartial(
                    types.Range(types.Position(*start), types.Position(*end)), text
                )
                for start, end, text in edits
            ],
        )
    )


def opens(window: Window, place: Place, text: str = CODE, path: str = "app.py") -> None:
    """Open a file as an editor does."""
    window.client.text_document_did_open(
        types.DidOpenTextDocumentParams(types.TextDocumentItem(uri_of(place, path), "python", 1, text))
    )


async def actions(
    window: Window, place: Place, line: int, *only: str, path: str = "app.py"
) -> Sequence[types.CodeAction | types.Command]:
    """Ask for code actions on a line, with the diagnostics that the editor has there."""
    here = [each for each in shown(window, place, path) if each.range.start.line == line]
    return (
        await window.client.text_document_code_action_async(
            types.CodeActionParams(
                types.TextDocumentIdentifier(uri_of(place, path)),
                types.Range(types.Position(line, 0), types.Position(line, 0)),
                types.CodeActionContext(here, list(only) or None),
            )
        )
        or ()
    )


async def choose(window: Window, found: Sequence[types.CodeAction | types.Command], title: str) -> Any:
    """Do what a person does who picks an action."""
    action = next(each for each in found if each.title.startswith(title))
    command = action.command if isinstance(action, types.CodeAction) else action
    assert isinstance(command, types.Command)
    assert command.arguments is not None
    return await window.ask(command.command.removeprefix("beadwork."), *command.arguments)


def beads_of(place: Place) -> list[dict[str, Any]]:
    """Give the beads as their file has them."""
    lines = (place.workspace / ".beads" / "issues.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def set_status(place: Place, bead: str, **fields: object) -> None:
    """Change a bead as another program does."""
    beads = [{**each, **fields} if each["id"] == bead else each for each in beads_of(place)]
    write_jsonl(place.workspace, beads)


@pytest.mark.parametrize("editor", EDITORS)
async def test_a_finding_keeps_its_lines_until_its_bead_closes(
    opener: Opener, place: Place, editor: str
) -> None:
    """Shown after the review, moved by an edit and back, stale when deleted, a bead, closed, reopened."""
    window = await opener(editor=editor, whole=True)
    opens(window, place)
    await reviewed(window, place)
    await window.until("it is shown", lambda: shown(window, place, "app.py"))
    (found,) = shown(window, place, "app.py")
    assert found.range == types.Range(types.Position(1, 4), types.Position(2, 16))
    assert (found.severity, found.source) == (types.DiagnosticSeverity.Error, "beadwork")
    assert found.message == "It subtracts\nThe sum is a difference.\nIt fails when: add(1, 2) is -1"

    await changed(window, place, 2, ((0, 0), (0, 0), "# one\n# two\n"))
    await window.until("it moved", lambda: lines_of(window, place) == [(3, 4, "It subtracts")])
    await changed(window, place, 3, ((0, 0), (2, 0), ""))
    await window.until("it is back", lambda: lines_of(window, place) == [(1, 2, "It subtracts")])

    await changed(window, place, 4, ((1, 0), (3, 0), ""))
    stale = "It subtracts (its text has changed)"
    await window.until("it is stale", lambda: [each[2] for each in lines_of(window, place)] == [stale])
    assert shown(window, place, "app.py")[0].severity == types.DiagnosticSeverity.Hint
    await changed(window, place, 5, ((1, 0), (1, 0), "    total = a - b\n    return total\n"))
    await window.until("it is back again", lambda: lines_of(window, place) == [(1, 2, "It subtracts")])

    made = (await choose(window, await actions(window, place, 1), "Create a bead"))["made"][0]
    bead = next(each for each in beads_of(place) if each["id"] == made["bead"])
    assert bead["description"].startswith("app.py:2-3\n")
    assert bead["dependencies"][0]["depends_on_id"] == "demo-1"
    await window.until("its code is the bead", lambda: codes_of(window, place) == [made["bead"]])
    assert any(text == f"Made {made['bead']}." for _, text in window.messages)

    closed_at = "2099-01-01T00:00:00Z"
    set_status(place, made["bead"], status="closed", closed_at=closed_at)
    await window.until("it is gone", lambda: not shown(window, place, "app.py"))
    set_status(place, made["bead"], status="open", closed_at=None)
    await window.until("it is there again", lambda: lines_of(window, place) == [(1, 2, "It subtracts")])


async def test_ranges_are_in_units_of_the_protocol(opener: Opener, place: Place) -> None:
    """Characters outside of the basic plane count twice, a line's end with `\\r\\n` does not count."""
    window = await opener(editor="neovim", whole=True)
    assert window.joined.capabilities.position_encoding == types.PositionEncodingKind.Utf16
    await reviewed(window, place)
    path = "söme dir/grüße.py"
    await window.until("it is shown", lambda: shown(window, place, path))
    (found,) = shown(window, place, path)
    assert found.range == types.Range(types.Position(1, 1), types.Position(1, 22))
    assert found.severity == types.DiagnosticSeverity.Information
