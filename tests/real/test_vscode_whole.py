"""All that a person does with Beadwork in a real VS Code, with real bd and Claude Code: only the model is played."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bead_places import BdPlace
from beadwork.state_folder import StateFolder
from code_server import Tools
from left_behind import carrying, new_token
from loopback_api import LoopbackApi, bash, done, reply, structured, text, tool
from vscode_desk import PROGRAMS, WAIT, desk_with, git, make_repository

pytestmark = [pytest.mark.vscode, pytest.mark.timeout(600), pytest.mark.xdist_group("vscode-whole")]

SHORT = {
    "title": "It is short",
    "description": "One word.",
    "priority": 2,
    "type": "bug",
    "file": "greeting.txt",
    "line": 1,
}


@pytest.mark.bd
@pytest.mark.claude
@pytest.mark.bubblewrap
def test_a_day_with_bd_and_claude(
    vscode_tools: Tools,
    extensions: Path,
    tmp_path: Path,
    bd_program: Path,
    claude_program: Path,
    bubblewrap: Path,  # noqa: ARG001  (the box of the runs)
    loopback_api: Callable[..., LoopbackApi],
) -> None:
    """A folder is trusted, beads are worked on, cancelled, reviewed and closed, and a crash loses nothing."""
    workspace, token, api = tmp_path / "a demo project", new_token(), loopback_api()
    make_repository(workspace, beads=())
    place = BdPlace(bd_program, workspace, tmp_path)
    greet, start, again = (_create(place, title) for title in ("Greet the world", "Start it", "Greet again"))
    greeting = StateFolder(tmp_path / "state").checkout_of(workspace, greet) / "greeting.txt"
    sleeper = f"setsid bash -c 'exec -a {token} sleep 600' & wait"
    api.add(
        reply(text("I write the greeting."), tool("Write", file_path=str(greeting), content="hello\n")),
        reply(text("I wait to be let go."), bash(WAIT)),
        reply(bash("git add greeting.txt && git commit -q -m 'Greet the world'")),
        reply(done("Wrote the greeting.")),
        reply(text("I start something."), bash(sleeper)),
        reply(structured(findings=[SHORT], summary="Nearly there.", pr_ready=False)),
        reply(text("I begin again."), bash("seq 1 20")),
        reply(text("I wait once more."), bash(WAIT)),
        reply(bash("echo hi > again.txt && git add again.txt && git commit -q -m 'Greet again'")),
        reply(done("Greeted again.")),
    )
    calls = tmp_path / "bd-calls"
    programs = _programs(tmp_path / "programs", bd=f"echo \"$@\" >> '{calls}'\nexec '{bd_program}' \"$@\"")
    desk = desk_with(
        vscode_tools,
        extensions,
        tmp_path,
        programs,
        claude_program.parent,
        PROGRAMS,
        settings='agent = "claude"\nactor = "Ada"\ncancel_grace = 1.0\nallow = ["Bash"]\n',
        environment=api.environment,
        trusting=False,
    )
    with desk as ready:
        ready.play("whole", greet=greet, start=start, again=again, token=token, bdCalls=str(calls))
    assert not carrying(token)
    assert api.turns_left == 0
    assert git(workspace, "show", f"bead/{again}:again.txt") == "hi"
    (finding,) = json.loads(place.bd("list", "--all", "--label=review-finding", "--json"))
    assert (finding["status"], finding["close_reason"]) == ("closed", "Short is good")


def _create(place: BdPlace, title: str) -> str:
    return str(json.loads(place.bd("create", f"--title={title}", "-t", "task", "--json"))["id"])


def _programs(folder: Path, **scripts: str) -> Path:
    """Make a folder of programs, each a shell script."""
    folder.mkdir()
    for name, script in scripts.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    return folder
