"""The extension in a real VS Code: what a person clicks and sees, and what is true in the repository then."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import attrs
import psutil
import pytest

from code_server import Tools
from vscode_desk import BEADS, PROGRAMS, WAIT, Desk, desk_with, issue, make_repository

pytestmark = [pytest.mark.vscode, pytest.mark.timeout(600), pytest.mark.xdist_group("vscode")]


@pytest.fixture
def desk(vscode_tools: Tools, extensions: Path, tmp_path: Path) -> Iterator[Desk]:
    """VS Code with a Python that is fit on its PATH and the scripted agent chosen."""
    with desk_with(vscode_tools, extensions, tmp_path, PROGRAMS) as ready:
        yield ready


def test_work_runs_and_is_reviewed(desk: Desk) -> None:
    """The row shows the phase, the panel the output as it comes; then the repository has the commit.

    What a review of it finds is in Problems, follows its line, becomes a bead, and goes when that is closed.
    """
    head = desk.git("rev-parse", "main")
    desk.play("work", script=str(desk.workspace.parent / "script.json"))
    assert desk.git("show", "bead/demo-1:GREETING.md") == "Good day!"
    assert desk.git("rev-parse", "main") == head
    reasons = {each["reason"] for each in desk.findings() if each["state"] == "dismissed"}
    assert reasons == {"Two words will do."}
    gone_in_time(desk.code.language_servers)


def test_a_person_steps_into_a_run(desk: Desk) -> None:
    """They answer its question, pause it and go on, tell it something in its terminal, and cancel it.

    After *Cancel* nothing of the run is left, and the bead can be worked on again.
    """
    desk.script(
        {"question": "Which greeting?", "choices": ["Polite", "Short"]},
        {"say": "I wait to be let go."},
        {"run": WAIT},
        {"say": "I listen."},
        {"hear": True},
        {"run": WAIT},
    )
    desk.play("step_in")
    assert "bead/demo-1" not in desk.git("branch", "--list", "bead/*")


def test_work_is_looked_at_and_its_bead_closed_over_a_failing_gate(
    vscode_tools: Tools, extensions: Path, tmp_path: Path
) -> None:
    """Both sides of each file are shown, and what the gate said; *Close Anyway* is told on the bead."""
    gate = "test -e fixed.txt || { echo no fixed.txt here; exit 3; }"
    settings = f"gates.after_work = false\ngates.commands = [{json.dumps(gate)}]\n"
    with desk_with(vscode_tools, extensions, tmp_path, PROGRAMS, settings=settings) as desk:
        desk.script(
            {"write": "GREETING.md", "text": "Good day!\n"},
            {"write": "README.md", "text": "# A polite project\n"},
            {"commit": "Greet politely"},
            {"done": "The greeting is polite now."},
        )
        desk.play("finish")
        beads = (desk.workspace / ".beads" / "issues.jsonl").read_text()
    assert "Closed all the same, by force, over:" in beads
    assert desk.git("status", "--short", "--", "README.md") == ""


def test_a_blocked_bead_is_refused_unless_a_person_insists(desk: Desk) -> None:
    """The dialog names the blocker; *Work Anyway* runs it."""
    desk.play("blocked")
    assert desk.git("show", "bead/demo-2:GREETING.md") == "Good day!"


def test_a_bead_that_another_program_writes_is_shown(desk: Desk) -> None:
    """A line that is added to the file of beads is a row soon after, without a click."""
    line = json.dumps(
        issue({"id": "demo-9", "title": "Made in a shell", "issue_type": "task", "priority": 2})
    )
    adds = ["/bin/sh", "-c", 'printf "%s\\n" "$1" >> .beads/issues.jsonl', "sh", line]
    desk.play("created", known="demo-1", create=adds)


def test_a_run_outlives_its_server_and_its_window(desk: Desk) -> None:
    """After a kill of the server, and after a reload, the same run is shown and followed to its end."""
    desk.play("survive")
    assert desk.git("show", "bead/demo-1:GREETING.md") == "Good day!"
    assert desk.git("show", "bead/demo-3:GREETING.md") == "Good day!"


def test_several_folders_are_shown_apart(desk: Desk) -> None:
    """A window with several folders has a row for each, also for one without beads."""
    other, empty = desk.workspace.parent / "other", desk.workspace.parent / "empty"
    make_repository(other, beads=({**BEADS[0], "id": "other-1"},))
    empty.mkdir()
    together = desk.workspace.parent / "together.code-workspace"
    together.write_text(
        json.dumps({"folders": [{"path": str(one)} for one in (desk.workspace, other, empty)]})
    )
    attrs.evolve(desk, workspace=together).play("folders")


@pytest.mark.bd
def test_a_bead_that_is_created_in_a_shell_is_shown(
    vscode_tools: Tools, extensions: Path, tmp_path: Path, bd_program: Path
) -> None:
    """`bd create` in a terminal is a row soon after; so is what bd had before."""
    workspace = tmp_path / "a demo project"
    make_repository(workspace, beads=())
    _bd(
        bd_program,
        workspace,
        "init",
        "--prefix",
        "demo",
        "--quiet",
        "--stealth",
        "--skip-hooks",
        "--skip-agents",
    )
    _bd(bd_program, workspace, "create", "--title", "Known to bd", "--type", "task")
    with desk_with(vscode_tools, extensions, tmp_path, PROGRAMS, settings=f'bd = "{bd_program}"\n') as desk:
        desk.play(
            "created", known="Known to bd", create=[str(bd_program), "create", "--title", "Made in a shell"]
        )


def test_without_a_python_a_person_is_told_what_to_do(
    vscode_tools: Tools, extensions: Path, tmp_path: Path
) -> None:
    """The message names those that are too old; it and the empty view offer the way on, then all goes on."""
    programs = tmp_path / "programs"
    programs.mkdir()
    old = programs / "python3"
    old.write_text("#!/bin/sh\necho it is Python 3.9 >&2\nexit 1\n")
    old.chmod(0o755)
    install_python = ["/bin/sh", "-c", 'exec ln -sf "$1" "$2"', "sh", sys.executable, str(old)]
    for name in ("git", "sh"):
        (programs / name).symlink_to(Path("/usr/bin") / name)
    with desk_with(vscode_tools, extensions, tmp_path, programs, bare=True) as desk:
        desk.play("no_server", old=str(old), install=install_python)


def test_a_program_that_ends_at_once_is_one_message(
    vscode_tools: Tools, extensions: Path, tmp_path: Path
) -> None:
    """It is not started again, and what it said is in the log."""
    starts = tmp_path / "starts"
    broken = tmp_path / "broken"
    broken.write_text(f"#!/bin/sh\necho start >> '{starts}'\necho This is not Beadwork >&2\nexit 3\n")
    broken.chmod(0o755)
    editor = {"beadwork.server.path": str(broken)}
    with desk_with(vscode_tools, extensions, tmp_path, PROGRAMS, editor=editor) as desk:
        desk.play("broken_server")
    assert starts.read_text() == "start\n"


def gone_in_time(processes: Callable[[], Sequence[psutil.Process]], deadline: float = 30.0) -> None:
    """Wait until there are no such processes; fail at the deadline (seconds)."""
    end = time.monotonic() + deadline
    while left := processes():
        psutil.wait_procs(left, timeout=max(0.0, end - time.monotonic()))
        assert time.monotonic() < end, f"still there after the window was closed: {left}"


def _bd(program: Path, folder: Path, *words: str) -> None:
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder.parent), "BD_NON_INTERACTIVE": "1"}
    command = (str(program), *words)
    ended = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, f"{words}: {ended.stdout}{ended.stderr}"
