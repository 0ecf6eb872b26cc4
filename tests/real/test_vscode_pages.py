"""Beads in a real VS Code: read as pages, edited, made, and the findings about them gone through."""

import json
from pathlib import Path

import pytest

from code_server import Tools
from vscode_desk import PROGRAMS, desk_with, make_repository

pytestmark = [pytest.mark.vscode, pytest.mark.timeout(600), pytest.mark.xdist_group("vscode")]


def test_a_bead_is_read_changed_and_made(vscode_tools: Tools, extensions: Path, tmp_path: Path) -> None:
    """What a person changes on a page is in the file of beads; what another wrote meanwhile is not lost.

    Beads made of a selection and of a TODO know their place, and the TODO has the id of its bead.
    """
    with desk_with(vscode_tools, extensions, tmp_path, PROGRAMS) as desk:
        desk.play("page", script=str(tmp_path / "script.json"))
        beads = (desk.workspace / ".beads" / "issues.jsonl").read_text().splitlines()
        readme = (desk.workspace / "README.md").read_text()
    by_title = {bead["title"]: bead for bead in map(json.loads, beads)}
    assert by_title["Greet politely"]["priority"] == 0
    assert by_title["Greet politely"]["labels"] == ["greeting", "tone"]
    made = by_title["Write how to say hello"]
    assert f"TODO({made['id']}): write how to say hello" in readme
    assert "README.md" in made["description"]
    assert "README.md" in by_title["A demo project"]["description"]


def test_a_folder_without_beads_begins_with_them(
    vscode_tools: Tools, extensions: Path, tmp_path: Path
) -> None:
    """The empty view leads to a tracker, and from there to the first bead and its page."""
    make_repository(tmp_path / "a demo project", beads=())
    with desk_with(vscode_tools, extensions, tmp_path, PROGRAMS) as desk:
        desk.play("begin")
        assert "Greet everybody" in (desk.workspace / ".beads" / "issues.jsonl").read_text()
