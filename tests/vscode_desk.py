"""One person's desk with a real VS Code on it: a home, a repository with beads, a state folder.

What it leaves out: what happens in the window (`tests/real/vscode/*.mjs`) and what must be true after it.
"""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import attrs

from code_server import CodeServer, Tools, code_server

PROGRAMS = Path(sys.executable).parent
"""The folder of a Python that is fit, and of the program of the same sources."""

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
        command = (str(PROGRAMS / "beadwork"), "findings", "--all", "--json")
        environment = {**os.environ, "BEADWORK_STATE": str(self.state)}
        told = subprocess.run(command, cwd=self.workspace, env=environment, capture_output=True, check=True)
        found: Sequence[Mapping[str, object]] = json.loads(told.stdout)["findings"]
        return found

    def git(self, *words: str) -> str:
        """Give what git says in the workspace."""
        return git(self.workspace, *words)


@contextlib.contextmanager
def desk_with(
    tools: Tools,
    extensions: Path,
    folder: Path,
    *programs: Path,
    settings: str = "",
    environment: Mapping[str, str] | None = None,
    editor: Mapping[str, object] | None = None,
    trusting: bool = True,
    bare: bool = False,
    project: str = "a demo project",
) -> Iterator[Desk]:
    """Give a desk in `folder`: `programs` (folders) on the PATH, the scripted agent or what `settings` say.

    `editor` is what the person has set in VS Code. Without `trusting`, it asks whether a folder is trusted.
    A `bare` machine has no other programs than those.
    """
    home, workspace, state = folder / "home", folder / project, folder / "state"
    if not workspace.exists():
        make_repository(workspace)
    script = folder / "script.json"
    script.write_text(json.dumps(SCRIPT))
    config = home / "config" / "beadwork" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(
        settings if "agent =" in settings else f'agent = "scripted"\nscript = "{script}"\n{settings}'
    )
    (home / ".gitconfig").write_text("[user]\n\tname = Ada\n\temail = ada@example.invalid\n")
    screenshots = Path(os.environ.get("BEADWORK_SCREENSHOTS", str(folder / "screenshots")))
    served = code_server(
        tools,
        extensions,
        home,
        programs=programs,
        environment={"BEADWORK_STATE": str(state), **(environment or {})},
        settings=editor or {},
        trusting=trusting,
        bare=bare,
    )
    with served as code:
        yield Desk(code, workspace, state, screenshots)


def make_repository(
    folder: Path, beads: Sequence[Mapping[str, object]] = BEADS, files: Mapping[str, str] | None = None
) -> None:
    """Make a repository with one commit of `files`, and with these beads in a file of it."""
    folder.mkdir()
    if beads:
        (folder / ".beads").mkdir()
        lines = "".join(json.dumps(issue(bead)) + "\n" for bead in beads)
        (folder / ".beads" / "issues.jsonl").write_text(lines)
    for name, text in {"README.md": "# A demo project\n", **(files or {})}.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "Begin")


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
