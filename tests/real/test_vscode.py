"""The extension in a real VS Code: what a person clicks and sees, and what is true in the repository then."""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import attrs
import psutil
import pytest

from code_server import CodeServer, Tools, build_vsix, code_server, install

pytestmark = [pytest.mark.vscode, pytest.mark.timeout(600), pytest.mark.xdist_group("vscode")]

BEADS = (
    {"id": "demo-1", "title": "Greet politely", "issue_type": "bug", "priority": 1, "labels": ["greeting"]},
    {"id": "demo-2", "title": "Greet in French", "issue_type": "feature", "priority": 2, "needs": "demo-1"},
    {"id": "demo-3", "title": "Say goodbye", "issue_type": "task", "priority": 3},
    {"id": "demo-4", "title": "Choose a name", "issue_type": "chore", "priority": 2, "status": "closed"},
)
WAIT = "for _ in $(seq 1200); do [ -e .git/go ] && exit 0; sleep 0.1; done"
SCRIPT = {
    "steps": [
        {"say": "I look at the greeting first."},
        {"run": "ls -a"},
        {"say": "I wait to be let go."},
        {"run": WAIT},
        {"write": "GREETING.md", "text": "Good day!\n"},
        {"commit": "Greet politely"},
        {"done": "The greeting is polite now."},
    ],
}


@attrs.frozen
class Desk:
    """One person's machine: a home, a repository with beads, a state folder."""

    code: CodeServer
    workspace: Path
    state: Path
    screenshots: Path

    def play(self, scenario: str, **given: object) -> None:
        """Play a scenario in the window."""
        self.code.play(scenario, self.workspace, self.screenshots, state=str(self.state), **given)

    def script(self, *steps: Mapping[str, object]) -> None:
        """Let agents play `steps` from now on."""
        (self.workspace.parent / "script.json").write_text(json.dumps({"steps": steps}))

    def findings(self) -> Sequence[Mapping[str, object]]:
        """Give what reviews found, as the command line has it."""
        command = (str(Path(sys.executable).parent / "beadwork"), "findings", "--all", "--json")
        environment = {**os.environ, "BEADWORK_STATE": str(self.state)}
        told = subprocess.run(command, cwd=self.workspace, env=environment, capture_output=True, check=True)
        found: Sequence[Mapping[str, object]] = json.loads(told.stdout)["findings"]
        return found

    def git(self, *words: str) -> str:
        """Give what git says in the workspace."""
        return git(self.workspace, *words)


@pytest.fixture(scope="session")
def extensions(vscode_tools: Tools, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the packaged extension installed in it."""
    folder = tmp_path_factory.mktemp("extensions")
    install(vscode_tools, build_vsix(vscode_tools), folder, tmp_path_factory.mktemp("installer"))
    return folder


@pytest.fixture
def desk(vscode_tools: Tools, extensions: Path, tmp_path: Path) -> Iterator[Desk]:
    """VS Code with the server of this environment on its PATH and the scripted agent chosen."""
    with _desk(vscode_tools, extensions, tmp_path, Path(sys.executable).parent) as ready:
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
    with _desk(vscode_tools, extensions, tmp_path, Path(sys.executable).parent, settings=settings) as desk:
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
    _repository(other, beads=({**BEADS[0], "id": "other-1"},))
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
    _repository(workspace, beads=())
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
    programs = Path(sys.executable).parent
    with _desk(vscode_tools, extensions, tmp_path, programs, settings=f'bd = "{bd_program}"\n') as desk:
        desk.play(
            "created", known="Known to bd", create=[str(bd_program), "create", "--title", "Made in a shell"]
        )


def test_without_the_program_a_person_is_told_what_to_do(
    vscode_tools: Tools, extensions: Path, tmp_path: Path
) -> None:
    """The message and the empty view both offer the way on."""
    with _desk(vscode_tools, extensions, tmp_path, tmp_path / "no-programs") as desk:
        desk.play("no_server")


def test_a_program_that_ends_at_once_is_one_message(
    vscode_tools: Tools, extensions: Path, tmp_path: Path
) -> None:
    """It is not started again, and what it said is in the log."""
    programs = tmp_path / "programs"
    programs.mkdir()
    starts = programs / "starts"
    says = f"#!/bin/sh\necho start >> '{starts}'\necho This is not Beadwork >&2\nexit 3\n"
    (programs / "beadwork").write_text(says)
    (programs / "beadwork").chmod(0o755)
    with _desk(vscode_tools, extensions, tmp_path, programs) as desk:
        desk.play("broken_server")
    assert starts.read_text() == "start\n"


def git(folder: Path, *words: str) -> str:
    """Give what git says in `folder`."""
    command = ("git", "-c", "user.name=Ada", "-c", "user.email=ada@example.invalid", *words)
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


def issue(bead: Mapping[str, object]) -> dict[str, object]:
    """Give a bead as a line of `.beads/issues.jsonl` has it."""
    at = "2026-01-15T10:30:00Z"
    needs = bead.get("needs")
    edge = {"issue_id": bead["id"], "depends_on_id": needs, "type": "blocks", "created_at": at}
    plain = {key: value for key, value in bead.items() if key != "needs"}
    return {
        "status": "open",
        "created_at": at,
        "updated_at": at,
        **plain,
        **({"dependencies": [edge]} if needs else {}),
    }


def gone_in_time(processes: Callable[[], Sequence[psutil.Process]], deadline: float = 30.0) -> None:
    """Wait until there are no such processes; fail at the deadline (seconds)."""
    end = time.monotonic() + deadline
    while left := processes():
        psutil.wait_procs(left, timeout=max(0.0, end - time.monotonic()))
        assert time.monotonic() < end, f"still there after the window was closed: {left}"


@contextlib.contextmanager
def _desk(tools: Tools, extensions: Path, folder: Path, programs: Path, settings: str = "") -> Iterator[Desk]:
    home, workspace, state = folder / "home", folder / "a demo project", folder / "state"
    if not workspace.exists():
        _repository(workspace)
    script = folder / "script.json"
    script.write_text(json.dumps(SCRIPT))
    config = home / "config" / "beadwork" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(f'agent = "scripted"\nscript = "{script}"\n{settings}')
    (home / ".gitconfig").write_text("[user]\n\tname = Ada\n\temail = ada@example.invalid\n")
    screenshots = Path(os.environ.get("BEADWORK_SCREENSHOTS", str(folder / "screenshots")))
    environment = {"BEADWORK_STATE": str(state)}
    with code_server(tools, extensions, home, programs=programs, environment=environment) as code:
        yield Desk(code, workspace, state, screenshots)


def _repository(folder: Path, beads: Sequence[Mapping[str, object]] = BEADS) -> None:
    folder.mkdir()
    if beads:
        (folder / ".beads").mkdir()
        lines = "".join(json.dumps(issue(bead)) + "\n" for bead in beads)
        (folder / ".beads" / "issues.jsonl").write_text(lines)
    (folder / "README.md").write_text("# A demo project\n")
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "Begin")


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
