"""The program as a process: exit codes, both streams, what it loads, how it is interrupted."""

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

import beadwork
from application_double import Rehearsal, a_run
from beadwork.cli import program

REHEARSED = Path(__file__).parents[1] / "programs" / "rehearsed_cli.py"
DEADLINE = 30.0
"""Seconds after which something that should have happened never will."""


def environment(state: Path, **more: str) -> dict[str, str]:
    """Give an environment that knows nothing of this machine's user."""
    return {"PATH": os.environ["PATH"], "HOME": str(state), "BEADWORK_STATE": str(state / "state"), **more}


def beadwork_ends(state: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run the real program to its end."""
    return subprocess.run(
        [sys.executable, "-m", "beadwork", *words],
        cwd=state,
        env=environment(state, **more),
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=DEADLINE,
        check=False,
    )


def loaded_by(state: Path, *words: str) -> set[str]:
    """Give the packages that the program has loaded when it ends."""
    code = (
        "import sys, beadwork.cli\n"
        "try: beadwork.cli.main()\n"
        "finally: print(*sorted({name.split('.')[0] for name in sys.modules}), file=sys.stderr)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, *words],
        cwd=state,
        env=environment(state),
        capture_output=True,
        encoding="utf-8",
        timeout=DEADLINE,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return set(ended.stderr.split())


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with one bead."""
    (tmp_path / ".beads").mkdir()
    line = '{"id":"demo-1","title":"Größe prüfen 検査","status":"open","priority":2,"issue_type":"task"}\n'
    (tmp_path / ".beads" / "issues.jsonl").write_text(line, "utf-8")
    return tmp_path


def test_version(tmp_path: Path) -> None:
    """`--version` says the version and nothing else."""
    ended = beadwork_ends(tmp_path, "--version")
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, f"beadwork {beadwork.__version__}\n", "")


def test_help_names_commands_and_exit_codes(tmp_path: Path) -> None:
    """`--help` has every command with its own first line, and the exit codes; the worker's is hidden."""
    ended = beadwork_ends(tmp_path, "--help")
    assert (ended.returncode, ended.stderr) == (0, "")
    for code in ("0", "1", "2", "3", "4", "130", "141"):
        assert re.search(rf"^ +{code} +\w", ended.stdout, re.MULTILINE)
    for name, (_, _, line) in program.COMMANDS.items():
        assert (re.search(rf"^ +{name} +{re.escape(line)}$", ended.stdout, re.MULTILINE) is None) == (
            name == "worker"
        )


def test_help_lines_are_the_commands_own() -> None:
    """The table of help lines, which saves loading the commands, does not drift from them."""
    for name, (_, _, line) in program.COMMANDS.items():
        command = program.get_command(
            program.make_context("beadwork", ["--help"], resilient_parsing=True), name
        )
        assert command is not None
        assert command.name == name
        own = command.get_short_help_str(200)
        assert own.startswith(line.split(" (")[0].rstrip(".").split(", on a sample")[0]), (own, line)


@pytest.mark.parametrize(
    "words", [["--version"], ["--help"], ["list", "--json"], ["list"], ["runs", "--all"]]
)
def test_what_is_loaded(project: Path, words: list[str]) -> None:
    """Neither the language server's parts nor, where no terminal reads, rich are loaded."""
    assert not {"pygls", "lsprotocol", "rich"} & loaded_by(project, *words)


@pytest.mark.parametrize("words", [["--version"], ["--help"]])
def test_the_quickest_commands_load_no_rooms(tmp_path: Path, words: list[str]) -> None:
    """`--version` and `--help` load neither attrs nor asyncio, which are half of their time."""
    assert not {"attrs", "attr", "asyncio", "sqlite3", "psutil"} & loaded_by(tmp_path, *words)


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["frobnicate"],
        ["list", "--group", "nothing"],
        ["work"],
        ["-C", "/no/such/folder", "list"],
        ["runs", "--limit", "0"],
    ],
)
def test_wrong_usage(tmp_path: Path, words: list[str]) -> None:
    """Wrong usage is exit code 2, with words on stderr alone."""
    ended = beadwork_ends(tmp_path, *words)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "Usage: beadwork" in ended.stderr


def test_beads_of_another_folder(project: Path) -> None:
    """`-C` acts in another folder, and finds the beads above it."""
    below = project / "a" / "b"
    below.mkdir(parents=True)
    ended = beadwork_ends(Path("/"), "-C", str(below), "list", BEADWORK_STATE=str(project / "state"))
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "demo-1" in ended.stdout


def test_a_locale_that_cannot_say_it(project: Path) -> None:
    """A title that the locale cannot show is shown as far as it can; JSON is UTF-8 in any locale."""
    ended = beadwork_ends(project, "list", PYTHONIOENCODING="cp437")
    assert ended.returncode == 0
    assert "fen ??" in ended.stdout
    assert "Größe prüfen 検査" in beadwork_ends(project, "list", "--json", PYTHONIOENCODING="cp437").stdout


def test_no_beads_here(tmp_path: Path) -> None:
    """A folder without beads is one sentence, exit code 1."""
    ended = beadwork_ends(tmp_path, "list")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("error: ")
    assert ended.stderr.count("\n") == 1


def test_a_state_folder_that_cannot_be_made(project: Path) -> None:
    """A state folder that is a file is one sentence that names it, exit code 1."""
    (project / "state").write_text("")
    ended = beadwork_ends(project, "list")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert str(project / "state") in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_mistake_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody expected is one sentence; its traceback is in a log of the state folder."""
    monkeypatch.setenv("BEADWORK_STATE", str(tmp_path / "state"))
    held = Rehearsal(trouble=ValueError("odd"))
    result = CliRunner().invoke(program, ["list"], obj=held.application)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("error: Beadwork made a mistake of its own (ValueError: odd). ")
    log = tmp_path / "state" / "logs" / "defects.log"
    assert str(log) in result.stderr
    assert "Traceback" not in result.stderr
    assert "Traceback" in log.read_text("utf-8")


def test_a_mistake_of_ours_without_a_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the log cannot be written the traceback is shown rather than lost."""
    (tmp_path / "state").write_text("")
    monkeypatch.setenv("BEADWORK_STATE", str(tmp_path / "state"))
    result = CliRunner().invoke(program, ["list"], obj=Rehearsal(trouble=ValueError("odd")).application)
    assert result.exit_code == 1
    assert "Traceback" in result.stderr


def test_the_reader_goes_away(tmp_path: Path) -> None:
    """`beadwork … | head -1` ends quietly with 141, as other programs do."""
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as nobody:
        argv = [sys.executable, str(REHEARSED), "list"]
        ended = subprocess.run(
            argv,
            env=environment(tmp_path),
            stdout=nobody,
            stderr=subprocess.PIPE,
            timeout=DEADLINE,
            check=False,
        )
    assert (ended.returncode, ended.stderr) == (141, b"")


def test_interrupted_while_following(tmp_path: Path) -> None:
    """Ctrl+C only stops showing: it says that the run goes on and how to end it; exit code 130."""
    child = subprocess.Popen(
        [sys.executable, str(REHEARSED), "log", "demo-1", "--follow"],
        env=environment(tmp_path, PYTHONUNBUFFERED="1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert child.stdout is not None
    while b"3 passed" not in (line := child.stdout.readline()):
        assert line, "the program ended before it had shown the run"
    child.send_signal(signal.SIGINT)
    _, stderr = child.communicate(timeout=DEADLINE)
    assert child.returncode == 130
    words = stderr.decode()
    assert "run 1a2b3c4d goes on" in words
    assert "beadwork cancel 1a2b3c4d" in words
    assert "Traceback" not in words


class Screen:
    """A terminal of a certain size with a program in it."""

    def __init__(self, columns: int, state: Path, *words: str, **more: str) -> None:
        self.seen = ""
        sized = {"COLUMNS": str(columns), "LINES": "40", "TERM": "xterm-256color", **more}
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            argv = [sys.executable, str(REHEARSED), *words]
            os.execve(sys.executable, argv, environment(state, **sized))

    def read_until(self, words: str) -> str:
        """Read until `words` are there; fail when they never come."""
        deadline = time.monotonic() + DEADLINE
        while words not in self.seen:
            ready, _, _ = select.select([self.terminal], [], [], deadline - time.monotonic())
            assert ready, f"never saw {words!r}, only {self.seen!r}"
            if not self._read():
                break
        assert words in self.seen
        return self.seen

    def end(self) -> tuple[int, str]:
        """Read to the end, and give the exit code and everything seen."""
        while self._read():
            pass
        os.close(self.terminal)
        _, status = os.waitpid(self.pid, 0)
        return os.waitstatus_to_exitcode(status), self.seen

    def press(self, keys: bytes) -> None:
        """Type."""
        os.write(self.terminal, keys)

    def _read(self) -> bool:
        try:
            data = os.read(self.terminal, 65536)
        except OSError:  # Linux: the other end of a terminal is closed
            return False
        self.seen += data.decode("utf-8", "replace")
        return bool(data)


def test_a_list_on_a_narrow_terminal(tmp_path: Path) -> None:
    """A long title is cut to the width with an ellipsis; the id stays whole and the bead is one line."""
    title = "Große Ängste vor 検査 und anderem " * 6
    code, seen = Screen(60, tmp_path, "list", REHEARSED_TITLE=title).end()
    assert code == 0
    plain = re.sub(r"\x1b\[[0-9;]*m", "", seen)
    (line,) = [line for line in plain.split("\r\n") if "demo-1" in line]
    assert line.rstrip().endswith("…")
    assert "\x1b[" in seen


def test_paths_on_a_narrow_terminal(tmp_path: Path) -> None:
    """A path is not broken in two, so that it can be copied; the terminal may break it as it likes."""
    code, seen = Screen(40, tmp_path, "log", "demo-1", REHEARSED_LOG="/a-long-path" * 9).end()
    assert code == 0
    plain = re.sub(r"\x1b\[[0-9;]*m", "", seen)
    assert "/a-long-path" * 9 in plain


def test_no_color(tmp_path: Path) -> None:
    """NO_COLOR leaves no colours on a terminal."""
    code, seen = Screen(80, tmp_path, "list", NO_COLOR="1").end()
    assert code == 0
    assert not re.search(r"\x1b\[(?:[0-9;]*;)?[39][0-9]", seen)


def test_a_dumb_terminal(tmp_path: Path) -> None:
    """A terminal that says it is dumb gets plain lines."""
    code, seen = Screen(80, tmp_path, "list", TERM="dumb").end()
    assert code == 0
    assert "\x1b" not in seen


def test_following_on_a_terminal(tmp_path: Path) -> None:
    """A moving line says what the run is at; Ctrl+C takes it away, shows the cursor again, and detaches."""
    screen = Screen(80, tmp_path, "log", "demo-1", "--follow")
    screen.read_until("running: agent")
    screen.press(b"\x03")
    code, seen = screen.end()
    assert code == 130
    assert "goes on" in seen
    assert seen.rindex("\x1b[?25h") > seen.rindex("\x1b[?25l")


def test_attach_opens_the_persons_shell(tmp_path: Path) -> None:
    """`attach` becomes $SHELL in the checkout, with git's hooks switched off, after a word of warning."""
    checkout = tmp_path / "checkout"
    subprocess.run(["git", "init", "-q", str(checkout)], check=True)
    hook = checkout / ".git" / "hooks" / "pre-commit"
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/planted\n")
    hook.chmod(0o755)
    code = (
        "from application_double import Rehearsal, a_run\n"
        "from beadwork.cli import program\n"
        f"held = Rehearsal(runs_there=[a_run(checkout={str(checkout)!r})])\n"
        "program.main(['attach', 'demo-1'], obj=held.application)"
    )
    commit = "git -c user.name=n -c user.email=e@x commit -q --allow-empty -m m"
    told = f"pwd; {commit} && git log --format=%s; exit 7\n"
    ended = subprocess.run(
        [sys.executable, "-c", code],
        env=environment(tmp_path, SHELL="/bin/sh", PYTHONPATH=str(REHEARSED.parents[1])),
        input=told,
        capture_output=True,
        encoding="utf-8",
        timeout=DEADLINE,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (7, f"{checkout}\nm\n")
    assert ended.stderr.startswith("warning: the agent could write this checkout's .git")
    assert not (tmp_path / "planted").exists()


def test_a_shell_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A SHELL that cannot be started is one sentence."""
    monkeypatch.setenv("SHELL", "/no/such/shell")
    monkeypatch.chdir(tmp_path)
    held = Rehearsal(runs_there=[a_run(checkout=str(tmp_path))])
    result = CliRunner().invoke(program, ["attach", "demo-1"], obj=held.application)
    assert result.exit_code == 1
    assert "The shell /no/such/shell cannot be started" in result.stderr
