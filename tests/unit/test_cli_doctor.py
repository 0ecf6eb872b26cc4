"""`doctor`: what works on a machine, with programs that are there, missing, broken, or hang."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from beadwork.executions import Store

DEADLINE = 60.0

Doctor = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A folder that is the whole PATH, with git in it."""
    folder = tmp_path / "tools"
    folder.mkdir()
    program(folder, "git", "echo git version 2.39.5")
    return folder


def program(folder: Path, name: str, script: str) -> None:
    """Put a program on the PATH."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@pytest.fixture
def doctor(tmp_path: Path, tools: Path) -> Doctor:
    """Run the real program where only `tools` are."""

    def ask(*words: str, **more: str) -> "subprocess.CompletedProcess[str]":
        home = tmp_path / "home"
        home.mkdir(exist_ok=True)
        environment = {
            "PATH": str(tools),
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home / "config"),
            "BEADWORK_STATE": str(tmp_path / "state"),
            **more,
        }
        return subprocess.run(
            [sys.executable, "-m", "beadwork", "doctor", *words],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            encoding="utf-8",
            timeout=DEADLINE,
            check=False,
        )

    return ask


def found(ended: "subprocess.CompletedProcess[str]") -> dict[str, dict[str, object]]:
    """Give the checks by name."""
    assert ended.stderr == ""
    return {check["name"]: check for check in json.loads(ended.stdout)["checks"]}


def test_a_bare_machine(doctor: Doctor) -> None:
    """With git alone everything else is missing, each says what works without it, and the exit code is 0."""
    ended = doctor("--json")
    assert ended.returncode == 0
    checks = found(ended)
    assert [checks[name]["state"] for name in ("Python", "git", "state folder", "settings")] == ["ok"] * 4
    for name in ("bd", "claude", "bubblewrap", "docker", "gh"):
        assert checks[name]["state"] == "missing", checks[name]
        assert checks[name]["without"]
        assert not checks[name]["required"]


def test_words_for_people(doctor: Doctor) -> None:
    """Each check is a line, followed by what works without it where it does not work."""
    ended = doctor()
    assert (ended.returncode, ended.stderr) == (0, "")
    lines = ended.stdout.splitlines()
    assert "  ok       git            2.39.5" in lines
    (at,) = [number for number, line in enumerate(lines) if line.startswith("  missing  gh ")]
    assert "works without it: " in lines[at + 1]


def test_no_git(doctor: Doctor, tools: Path) -> None:
    """Without git nothing works: exit code 1, and the rest is still checked."""
    (tools / "git").unlink()
    ended = doctor("--json")
    assert ended.returncode == 1
    assert json.loads(ended.stdout)["ok"] is False
    checks = found(ended)
    assert (checks["git"]["state"], checks["git"]["required"]) == ("broken", True)
    assert checks["Python"]["state"] == "ok"


def test_an_old_git(doctor: Doctor, tools: Path) -> None:
    """A git before 2.31 is a warning that names what is asked for."""
    program(tools, "git", "echo git version 2.25.1.windows.1")
    check = found(doctor("--json"))["git"]
    assert check["state"] == "warning"
    assert "2.31" in str(check["found"])


def test_a_state_folder_that_cannot_be_written(doctor: Doctor, tmp_path: Path) -> None:
    """A state folder that cannot be made is broken, and that is exit code 1."""
    (tmp_path / "state").write_text("")
    ended = doctor("--json")
    assert ended.returncode == 1
    assert found(ended)["state folder"]["state"] == "broken"


def test_claude_with_a_login(doctor: Doctor, tools: Path, tmp_path: Path) -> None:
    """A login is noticed by its place or its variable; nothing of it is shown or read."""
    program(tools, "claude", "echo '2.1.197 (Claude Code)'")
    check = found(doctor("--json"))["claude"]
    assert check["state"] == "warning"
    assert "No login found" in str(check["found"])

    ended = doctor("--json", ANTHROPIC_API_KEY="sk-secret")
    assert found(ended)["claude"]["state"] == "ok"
    assert "ANTHROPIC_API_KEY" in ended.stdout
    assert "sk-secret" not in ended.stdout

    login = tmp_path / "home" / ".claude" / ".credentials.json"
    login.parent.mkdir(parents=True)
    login.mkdir()  # a folder is no login, whatever its name
    assert found(doctor("--json"))["claude"]["state"] == "warning"
    login.rmdir()
    login.write_text("not even JSON")
    assert found(doctor("--json"))["claude"]["state"] == "ok"


def test_gh_with_a_login(doctor: Doctor, tools: Path) -> None:
    """It says what gh is for, and warns where nobody is logged in; without gh all else works."""
    program(tools, "gh", 'test "$1" = --version && echo "gh version 2.40.1"')
    check = found(doctor("--json"))["gh"]
    assert check["state"] == "warning"
    assert "gh auth login" in str(check["found"])
    program(tools, "gh", "echo gh version 2.40.1")
    check = found(doctor("--json"))["gh"]
    assert check["state"] == "ok"
    assert check["found"] == "for pull requests: gh version 2.40.1, logged in"


def test_a_docker_without_its_daemon(doctor: Doctor, tools: Path) -> None:
    """A docker whose daemon does not answer is broken, in docker's own words, and that is no failure."""
    program(tools, "docker", "echo Cannot connect to the Docker daemon. >&2; exit 1")
    ended = doctor("--json")
    assert ended.returncode == 0
    check = found(ended)["docker"]
    assert check["state"] == "broken"
    assert "Cannot connect" in str(check["found"])


@pytest.mark.parametrize("name", ["docker", "gh"])
def test_a_program_that_hangs(doctor: Doctor, tools: Path, name: str) -> None:
    """A program that never answers is ended and said to be broken; doctor does not hang."""
    program(tools, name, f"exec {sys.executable} -c 'import signal; signal.pause()'")
    check = found(doctor("--json"))[name]
    assert check["state"] == "broken"
    assert "did not end within" in str(check["found"])


def test_settings_with_mistakes(doctor: Doctor, tmp_path: Path) -> None:
    """An unknown setting is a warning with the nearest name, a bad file is broken and names itself."""
    workspace = tmp_path / ".beadwork.toml"
    workspace.write_text("modell = 'x'\n")
    check = found(doctor("--json"))["settings"]
    assert check["state"] == "warning"
    assert "`model`" in str(check["found"])
    workspace.write_text("model = \n")
    ended = doctor("--json")
    assert ended.returncode == 0
    assert found(ended)["settings"]["state"] == "broken"
    assert str(workspace) in str(found(ended)["settings"]["found"])


def test_a_state_folder_where_nobody_may_write(doctor: Doctor) -> None:
    """A place that the system keeps for itself is broken as a state folder, also for root."""
    ended = doctor("--json", BEADWORK_STATE="/proc/beadwork")
    assert ended.returncode == 1
    assert found(ended)["state folder"]["state"] == "broken"


@pytest.mark.parametrize(
    ("version", "state"),
    [("1.2.2", "ok"), ("1.0.5", "warning"), ("1.2.0", "warning"), ("0.49.1", "broken")],
)
def test_versions_of_bd(doctor: Doctor, tools: Path, version: str, state: str) -> None:
    """Versions that harm data, and those that are too old, are named with what to install."""
    program(tools, "bd", f'echo \'{{"version":"{version}","build":"x"}}\'')
    check = found(doctor("--json"))["bd"]
    assert (check["state"], version in str(check["found"])) == (state, True)
    assert state == "ok" or "install" in str(check["found"])


def test_notifications_are_counted(doctor: Doctor, tmp_path: Path) -> None:
    """How many addresses are set is said, and nothing of what is in them."""
    assert found(doctor("--json"))["notifications"]["state"] == "missing"
    file = tmp_path / "home" / "config" / "beadwork" / "config.toml"
    file.parent.mkdir(parents=True)
    file.write_text('notify = ["ntfy://my-secret-topic", "mailto://me:word@example.org"]\n')
    ended = doctor("--json")
    check = found(ended)["notifications"]
    assert check["state"] == "ok"
    assert str(check["found"]).startswith("2 addresses, told of: completed, ")
    assert "secret" not in ended.stdout
    assert "example.org" not in ended.stdout


def test_a_store_that_was_damaged(doctor: Doctor, tmp_path: Path) -> None:
    """A damaged store is a warning that says what will become of it; one that was made anew says so."""
    store = tmp_path / "state" / "beadwork.sqlite3"
    assert found(doctor("--json"))["store"]["state"] == "ok"
    store.parent.mkdir(exist_ok=True)
    store.write_text("no database " * 1000)
    check = found(doctor("--json"))["store"]
    assert check["state"] == "warning"
    assert "damaged; the next command" in str(check["found"])
    aside = store.with_name(f"{store.name}.damaged-2026-01-15T10-30-00")
    store.rename(aside)
    Store(store).close()
    check = found(doctor("--json"))["store"]
    assert check["state"] == "warning"
    assert str(aside) in str(check["found"])
