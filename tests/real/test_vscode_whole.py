"""What a person does with Beadwork in a real VS Code, from the first trust to thousands of beads.

bd and Claude Code are real; only the model is played.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from bead_places import BdPlace
from beadwork.state_folder import StateFolder
from code_server import Tools
from left_behind import carrying, new_token
from loopback_api import LoopbackApi, bash, done, reply, structured, text, tool
from vscode_desk import BEADS, PROGRAMS, WAIT, desk_with, git, make_repository

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
    bubblewrap: Path,
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


def test_a_list_is_handled_by_names_by_keyboard_and_by_words(
    vscode_tools: Tools, extensions: Path, tmp_path: Path
) -> None:
    """Screen readers have names for all; work begins without a mouse; the status bar leads to each run."""
    epic = {"id": "demo-5", "title": "Speak well", "issue_type": "epic", "priority": 2}
    parts = (_part("demo-6", "Say please", of="demo-5"), _part("demo-7", "Say thanks", of="demo-5"))
    make_repository(tmp_path / "a demo project", beads=(*BEADS, epic, *parts))
    with desk_with(vscode_tools, extensions, tmp_path, PROGRAMS) as desk:
        desk.play("lists")


def test_thousands_of_beads_stay_where_they_are(
    vscode_tools: Tools, extensions: Path, tmp_path: Path
) -> None:
    """5,000 are opened, scrolled and searched; what another program changes moves and unselects nothing."""
    ready, blocked, closed = range(1, 3001), range(3001, 4001), range(4001, 5001)
    beads = [
        *(_numbered(number) for number in ready),
        *(_numbered(number, needs="demo-0001") for number in blocked),
        *(_numbered(number, status="closed") for number in closed),
    ]
    make_repository(tmp_path / "a demo project", beads=beads)
    with desk_with(vscode_tools, extensions, tmp_path, PROGRAMS) as desk:
        desk.play("many", ready=str(len(ready)))


@pytest.mark.bd
def test_without_bd_the_view_says_what_to_do(
    vscode_tools: Tools, extensions: Path, tmp_path: Path, bd_program: Path
) -> None:
    """A database of bd's on a machine without bd is a sentence; once bd is named, its beads come."""
    workspace = tmp_path / "a demo project"
    make_repository(workspace, beads=())
    _create(BdPlace(bd_program, workspace, tmp_path), "Known to bd")
    with desk_with(vscode_tools, extensions, tmp_path, PROGRAMS) as desk:
        settings = tmp_path / "home" / "config" / "beadwork" / "config.toml"
        desk.play("no_bd", settings=str(settings), bd=str(bd_program))


def _numbered(number: int, **more: object) -> Mapping[str, object]:
    return {
        "id": f"demo-{number:04}",
        "title": f"Do thing {number}",
        "issue_type": "task",
        "priority": 2,
        **more,
    }


def _part(bead: str, title: str, *, of: str) -> Mapping[str, object]:
    edge = {
        "issue_id": bead,
        "depends_on_id": of,
        "type": "parent-child",
        "created_at": "2026-01-15T10:30:00Z",
    }
    return {"id": bead, "title": title, "issue_type": "task", "priority": 3, "dependencies": [edge]}


def _create(place: BdPlace, title: str) -> str:
    return str(json.loads(place.bd("create", f"--title={title}", "-t", "task", "--json"))["id"])


def _programs(folder: Path, **scripts: str) -> Path:
    """Make a folder of programs, each a shell script."""
    folder.mkdir()
    for name, script in scripts.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    return folder
