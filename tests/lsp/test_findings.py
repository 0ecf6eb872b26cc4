"""Findings in an editor: on their lines as diagnostics, through edits, as beads, and gone when those close.

The server, its workers, the scripted agent and git are the real ones.
"""

import asyncio
import json
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

import editing
import lsp_window
from bead_places import write_jsonl
from beadwork.findings import Finding, FindingStore, Reported, ReviewRecord, anchor_in
from beadwork.findings import Place as Location
from beadwork.findings import lines_of as lines_in
from beadwork.state_folder import StateFolder
from editing import choose
from lsp_window import JOINED, Opener, Place, Window

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

DISMISSED = "Dismissed in an editor."
STALE = "It subtracts (its text has changed)"

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
    git(place, "branch", "-q", "-M", "main")
    git(place, "checkout", "-q", "-b", "bead/demo-1")
    write(place, {"app.py": CODE, "söme dir/grüße.py": OTHER})
    git(place, "add", "--all")
    git(place, "commit", "-q", "-m", "Add")
    return place


def keeps(
    place: Place, *findings: Mapping[str, object], subject: str = "demo-1", project: Path | None = None
) -> list[str]:
    """Keep a review that found this in the files as they are, and give the findings' ids."""
    store = FindingStore(StateFolder(place.root / "state").findings)
    review = ReviewRecord(
        f"run of {subject}",
        str(project or place.workspace),
        subject,
        "bead/demo-1",
        "",
        "",
        "",
        pr_ready=False,
    )
    kept = store.record(review, [reported(place, finding) for finding in findings])
    store.close()
    return [each.id for each in kept]


def reported(place: Place, found: Mapping[str, object]) -> Reported:
    """Give a finding with the lines that it is about."""
    path, line = str(found["file"]), int(str(found["line"]))
    end = int(str(found.get("end_line", line)))
    lines = lines_in((place.workspace / path).read_bytes().decode())
    finding = Finding(
        str(found["title"]),
        str(found["description"]),
        int(str(found["priority"])),
        place=Location(path, line, end),
        failure_scenario=str(found.get("failure_scenario", "")),
    )
    return Reported(finding, anchor_in(lines, path, line, end))


def uri_of(place: Place, path: str) -> str:
    """Give the URI of a file of the workspace."""
    return (place.workspace / path).as_uri()


def shown(window: Window, place: Place, path: str) -> list[types.Diagnostic]:
    """Give what is shown of a file."""
    return editing.shown(window, uri_of(place, path))


def lines_of(window: Window, place: Place) -> list[tuple[int, int, str]]:
    """Give the first and last line of each diagnostic of app.py, and its title."""
    return editing.lines_shown(window, uri_of(place, "app.py"))


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


def changed(window: Window, place: Place, version: int, *changes: editing.Change) -> None:
    """Edit app.py as an editor does."""
    editing.edits(window, uri_of(place, "app.py"), version, *changes)


def opens(window: Window, place: Place, text: str = CODE) -> None:
    """Open app.py as an editor does."""
    editing.opens(window, uri_of(place, "app.py"), text)


async def actions(
    window: Window, place: Place, line: int, *only: str, path: str = "app.py"
) -> Sequence[types.CodeAction | types.Command]:
    """Ask for code actions on a line of a file."""
    return await editing.actions(window, uri_of(place, path), line, *only)


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

    changed(window, place, 2, ((0, 0), (0, 0), "# one\n# two\n"))
    await window.until("it moved", lambda: lines_of(window, place) == [(3, 4, "It subtracts")])
    changed(window, place, 3, ((0, 0), (2, 0), ""))
    await window.until("it is back", lambda: lines_of(window, place) == [(1, 2, "It subtracts")])

    changed(window, place, 4, ((1, 0), (3, 0), ""))
    await window.until("it is stale", lambda: [each[2] for each in lines_of(window, place)] == [STALE])
    assert shown(window, place, "app.py")[0].severity == types.DiagnosticSeverity.Hint
    changed(window, place, 5, ((1, 0), (1, 0), "    total = a - b\n    return total\n"))
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


async def test_two_windows_agree_on_what_is_left(opener: Opener, place: Place) -> None:
    """What one dismisses is gone in both at once, and taking it back shows it in both again."""
    one, other = await opener(editor="neovim"), await opener(editor="visual_studio_code", options=JOINED)
    (name,) = keeps(place, SUBTRACTS)

    async def both(what: str, holds: Callable[[Window], object]) -> None:
        await one.until(what, lambda: holds(one))
        await other.until(what, lambda: holds(other))

    await both("it is shown", lambda window: shown(window, place, "app.py"))
    assert [each.data for each in shown(other, place, "app.py")] == [
        {"finding": name, "folder": str(place.workspace)}
    ]
    told = ("beadwork/findingsChanged", {"folder": str(place.workspace)})
    assert told in other.heard
    other.heard.clear()
    answer = await choose(one, await actions(one, place, 1), "Dismiss")
    assert (answer["finding"]["state"], answer["finding"]["reason"]) == (
        "dismissed",
        "Dismissed in an editor.",
    )
    await both("it is gone", lambda window: not shown(window, place, "app.py"))
    assert told in other.heard
    assert one.heard == []
    (left,) = (await other.ask("findings", {"all": True}))["findings"]["findings"]
    assert left["state"] == "dismissed"
    assert (await other.ask("takeBack", {"finding": name}))["finding"]["state"] == "open"
    await both("it is there again", lambda window: shown(window, place, "app.py"))


async def test_a_file_that_is_not_open_is_followed_on_the_disk(opener: Opener, place: Place) -> None:
    """A change by another program moves its findings; a file that is gone has none, one that is back has."""
    window = await opener(editor="neovim")
    keeps(place, SUBTRACTS)
    await window.until("it is shown", lambda: lines_of(window, place) == [(1, 2, "It subtracts")])
    write(place, {"app.py": f"# one\n# two\n{CODE}"})
    await window.until("it moved", lambda: lines_of(window, place) == [(3, 4, "It subtracts")])
    git(place, "checkout", "-q", "--force", "main")
    await window.until("it is gone", lambda: not shown(window, place, "app.py"))
    git(place, "checkout", "-q", "bead/demo-1")
    await window.until("it is back", lambda: lines_of(window, place) == [(1, 2, "It subtracts")])


async def test_what_is_typed_counts_and_not_what_is_on_the_disk(opener: Opener, place: Place) -> None:
    """An open file is as the editor has it, until it is closed; then it is as it was saved."""
    window = await opener(editor="neovim")
    opens(window, place, f"# typed\n{CODE}")
    keeps(place, SUBTRACTS)
    await window.until("it is shown", lambda: lines_of(window, place) == [(2, 3, "It subtracts")])
    window.client.text_document_did_close(
        types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri_of(place, "app.py")))
    )
    await window.until("it is as on the disk", lambda: lines_of(window, place) == [(1, 2, "It subtracts")])


async def test_cut_and_pasted_lines_are_found_when_they_are_saved(opener: Opener, place: Place) -> None:
    """In between they are stale: nothing is guessed while somebody types."""
    window = await opener(editor="neovim")
    opens(window, place)
    keeps(place, SUBTRACTS)
    await window.until("it is shown", lambda: shown(window, place, "app.py"))
    cut = ((1, 0), (3, 0), "")
    paste = ((4, 0), (4, 0), "    total = a - b\n    return total\n")
    changed(window, place, 2, cut)
    changed(window, place, 3, paste)
    await window.until("it is stale", lambda: [each[2] for each in lines_of(window, place)] == [STALE])
    window.client.text_document_did_save(
        types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(uri_of(place, "app.py")))
    )
    await window.until("it is found", lambda: lines_of(window, place) == [(4, 5, "It subtracts")])


async def test_a_branch_that_is_not_checked_out_shows_its_findings_in_the_reviewed_checkout(
    opener: Opener, place: Place
) -> None:
    """And in the workspace's file as soon as the branch is there."""
    git(place, "checkout", "-q", "main")
    window = await opener(editor="neovim", whole=True)
    run = await reviewed(window, place, SUBTRACTS)
    checkout = (Path(run["checkout"]) / "app.py").as_uri()
    await window.until("it is in the checkout", lambda: window.client.diagnostics.get(checkout))
    assert not shown(window, place, "app.py")
    found = window.client.diagnostics[checkout][0]
    assert (found.range.start.line, found.message.split("\n")[0]) == (1, "It subtracts")
    git(place, "checkout", "-q", "bead/demo-1")
    await window.until("it is in the workspace", lambda: shown(window, place, "app.py"))
    await window.until("and there alone", lambda: not window.client.diagnostics.get(checkout))


async def test_changes_that_cannot_be_read_end_nothing(opener: Opener, place: Place) -> None:
    """A text that cannot be followed any more is as on the disk, until the editor says all of it again."""
    window = await opener(editor="neovim")
    opens(window, place, f"# typed\n{CODE}")
    keeps(place, SUBTRACTS)
    await window.until("it is shown", lambda: lines_of(window, place) == [(2, 3, "It subtracts")])
    named = {"uri": uri_of(place, "app.py"), "version": 2}
    for method, params in (
        ("textDocument/didChange", {"textDocument": named, "contentChanges": [{"a": 1}]}),
        ("textDocument/didChange", {"textDocument": named, "contentChanges": "all"}),
        ("textDocument/didChange", {"textDocument": 7}),
        ("textDocument/didOpen", {"textDocument": {"uri": 7}}),
        ("textDocument/didSave", []),
        ("textDocument/didClose", {}),
    ):
        window.client.protocol._send_data({"jsonrpc": "2.0", "method": method, "params": params})
    await window.until("it is as on the disk", lambda: lines_of(window, place) == [(1, 2, "It subtracts")])
    changed(window, place, 4, ((0, 0), (0, 0), "# not open\n"))
    changed(window, place, 5, ((99, 99), (4_000_000, 7), "x"))
    opens(window, place, f"# one\n# two\n{CODE}")
    await window.until("it is followed again", lambda: lines_of(window, place) == [(3, 4, "It subtracts")])
    changed(window, place, 6, ((99, 99), (4_000_000, 7), "x\n"), ((0, 0), (1, 0), ""))
    await window.until("it moved", lambda: lines_of(window, place) == [(2, 3, "It subtracts")])


async def test_an_editor_that_asks_for_diagnostics_is_sent_none(opener: Opener, place: Place) -> None:
    """Else it would show each twice; others are not told that they could ask."""
    pushed = await opener(editor="neovim")
    assert pushed.joined.capabilities.diagnostic_provider is None
    pulls = await opener(editor="neovim", options={"beadwork": {"pulls": True}})
    assert pulls.joined.capabilities.diagnostic_provider is not None
    keeps(place, SUBTRACTS)
    await pushed.until("it is shown", lambda: shown(pushed, place, "app.py"))
    uri = uri_of(place, "app.py")

    async def pull(previous: str | None = None) -> Any:
        params = types.DocumentDiagnosticParams(
            types.TextDocumentIdentifier(uri), previous_result_id=previous
        )
        return await pulls.client.text_document_diagnostic_async(params)

    report = await pull()
    async with asyncio.timeout(90):
        while not report.items:
            report = await pull()
            await asyncio.sleep(0.1)
    assert list(report.items) == shown(pushed, place, "app.py")
    assert (await pull(report.result_id)).kind == "unchanged"
    everything = await pulls.client.workspace_diagnostic_async(types.WorkspaceDiagnosticParams([]))
    assert [each.uri for each in everything.items] == [uri]
    assert not pulls.client.diagnostics


async def test_actions_for_all_of_a_file_and_all_of_a_review(opener: Opener, place: Place) -> None:
    """In the menu for a place, and among the source actions; each makes what has no bead yet a bead."""
    window = await opener(editor="visual_studio_code")
    keeps(place, SUBTRACTS, {**SUBTRACTS, "title": "Nobody calls it", "line": 6, "end_line": 6}, UNNAMED)
    await window.until("they are shown", lambda: len(shown(window, place, "app.py")) == 2)
    here = [each.title for each in await actions(window, place, 1)]
    assert here == [
        "Create a bead",
        "Fix with an agent",
        "Dismiss",
        "Copy",
        "Create beads of all 2 findings of this file",
        "Create beads of all 3 findings of the review of demo-1",
    ]
    source = await actions(window, place, 0, "source")
    assert [each.title for each in source] == here[-2:]
    assert {each.kind for each in source if isinstance(each, types.CodeAction)} == {"source.beadwork"}
    assert not await actions(window, place, 0)
    assert not await actions(window, place, 1, "refactor")
    await choose(window, source, here[-1])
    made = {each["id"] for each in beads_of(place)} - {"demo-1", "demo-2", "demo-3"}
    assert len(made) == 3
    await window.until("they are beads", lambda: set(codes_of(window, place)) <= made)
    (opens_bead, *others) = await actions(window, place, 1)
    assert opens_bead.title.startswith("Open demo-")
    assert [each.title for each in others] == ["Fix with an agent", "Dismiss", "Copy"]
    page = (await choose(window, [opens_bead], "Open"))["page"]
    assert page["bead"]["id"] in made
    text = (await choose(window, others, "Copy"))["text"]
    assert text.startswith(f"app.py:2-3: It subtracts (P1, {page['bead']['id']})")
    assert not await actions(window, place, 1, "source")


async def test_an_agent_mends_a_finding_on_the_reviewed_branch(opener: Opener, place: Place) -> None:
    """The order has the bead's branch and the finding; findings of no bead are refused in words."""
    git(place, "checkout", "-q", "-b", "mine")
    window = await opener(editor="neovim")
    keeps(place, SUBTRACTS)
    keeps(place, UNNAMED, subject="@changes")
    await window.until("they are shown", lambda: shown(window, place, "app.py"))
    (fix,) = [each for each in await actions(window, place, 1) if each.title == "Fix with an agent"]
    assert isinstance(fix, types.CodeAction)
    assert fix.command is not None
    assert fix.command.arguments is not None
    argument = {**lsp_window.plain(fix.command.arguments[0])}
    script = place.script({"done": "Mended."})
    run = (await window.ask("fix", {**argument, "agent": "scripted", "script": script}))["run"]
    assert (run["bead"], run["verb"]) == ("demo-1", "work")
    found = (await window.ask("findings"))["findings"]["findings"]
    unnamed = next(each["id"] for each in found if each["subject"] == "@changes")
    assert (await window.ask("fix", {"findings": [unnamed]}))["refused"]["code"] == "not-one-bead"
    path = "söme dir/grüße.py"
    await window.until("the other is shown", lambda: shown(window, place, path))
    titles = [each.title for each in await actions(window, place, 1, path=path)]
    assert titles == ["Create a bead", "Dismiss", "Copy"]


@pytest.mark.parametrize("what", ["branch", "changes"])
async def test_the_branch_and_what_is_not_committed_are_reviewed(
    opener: Opener, place: Place, what: str
) -> None:
    """They belong to no bead; one way of naming what to review must be given."""
    window = await opener(editor="neovim", whole=True)
    write(place, {"new.py": "import os\n"})
    found = {**UNNAMED, "file": "new.py" if what == "changes" else "app.py", "line": 1}
    run = await reviewed(window, place, found, **{what: True})
    assert (run["bead"], run["verb"]) == (f"@{what}", "review")
    await window.until("it is shown", lambda: shown(window, place, str(found["file"])))
    assert (await window.ask("sarif"))["sarif"]["version"] == "2.1.0"
    with pytest.raises(JsonRpcException, match="needs one of `id`, `branch` and `changes`"):
        await window.ask("review", {"id": "demo-1", "branch": True})


async def test_a_folder_below_the_top_and_behind_a_link_has_its_findings(
    opener: Opener, place: Place
) -> None:
    """Paths are those of the repository, and files are named as the editor names its folder."""
    below, link = place.workspace / "söme dir", place.root / "link"
    (below / ".beads").mkdir()
    (below / ".beads" / "issues.jsonl").write_bytes(
        (place.workspace / ".beads" / "issues.jsonl").read_bytes()
    )
    link.symlink_to(below)
    window = await opener(editor="neovim", folders=[link])
    keeps(place, UNNAMED, SUBTRACTS, project=link)
    uri = (link / "grüße.py").as_uri()
    await window.until("it is shown", lambda: editing.shown(window, uri))
    await window.until("so is what is above", lambda: shown(window, place, "app.py"))
    editing.opens(window, uri, f"# one\r\n{OTHER}")
    await window.until("it is as typed", lambda: editing.shown(window, uri)[0].range.start.line == 2)
    made = await editing.choose(window, await editing.actions(window, uri, 2), "Create a bead")
    assert made["made"][0]["new"]
