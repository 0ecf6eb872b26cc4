"""Workspaces with beads for tests, and the environment that a bd of the tests runs in."""

import json
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path


def bare_environment(home: Path) -> dict[str, str]:
    """Give an environment with nothing of the user's in it."""
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": str(home),
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "Tester",
        "GIT_AUTHOR_EMAIL": "tester@example.invalid",
        "GIT_COMMITTER_NAME": "Tester",
        "GIT_COMMITTER_EMAIL": "tester@example.invalid",
        "BD_DISABLE_METRICS": "1",
    }


class BdPlace:
    """A repository with a bd database, and bd as a person uses it there."""

    def __init__(self, program: Path, folder: Path, home: Path) -> None:
        """Make the repository and the database in `folder`."""
        self.program = program
        self.folder = folder
        self.environment = bare_environment(home)
        folder.mkdir(parents=True, exist_ok=True)
        self.run("git", "init", "-q", ".")
        flags = ("--quiet", "--stealth", "--skip-hooks", "--skip-agents", "--non-interactive")
        self.bd("init", "--prefix", "demo", *flags)

    def bd(self, *words: str, stdin: str = "") -> str:
        """Run bd and give its stdout; it must succeed."""
        return self.run(str(self.program), *words, stdin=stdin)

    def ids(self, *words: str) -> set[str]:
        """Give the ids of bd's answer, which is a list of beads."""
        return {bead["id"] for bead in json.loads(self.bd(*words, "--json"))}

    def run(self, *argv: str, stdin: str = "") -> str:
        """Run a program in the folder and give its stdout; it must succeed."""
        done = subprocess.run(
            argv,
            cwd=self.folder,
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=280,
        )
        assert done.returncode == 0, f"{argv}: {done.stdout[-1000:]} {done.stderr[-1000:]}"
        return done.stdout


def write_jsonl(workspace: Path, records: Iterable[Mapping[str, object]]) -> Path:
    """Write an issues.jsonl into `workspace`, and give its path."""
    path = workspace / ".beads" / "issues.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    return path


def record(bead: str, **fields: object) -> dict[str, object]:
    """Give the record of an open task, with `fields` over it."""
    return {
        "id": bead,
        "title": f"Title of {bead}",
        "status": "open",
        "priority": 2,
        "issue_type": "task",
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-01T00:00:00Z",
        **fields,
    }


def edge(bead: str, on: str, kind: str = "blocks") -> dict[str, object]:
    """Give an edge as a JSONL file has it."""
    return {"issue_id": bead, "depends_on_id": on, "type": kind, "created_at": "2026-01-01T00:00:00Z"}
