"""The commands for the end of the work, over everything real: git, a remote, gates, workers, a terminal."""

import os
import pty
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import attrs
import pytest

import trial
from bead_places import record

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")
HIDDEN = "\x1b[2J\u202e"


@attrs.frozen
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


def use(made: trial.Trial, *words: str) -> Ended:
    """Run the command line in a pipe."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "beadwork", *words],
        cwd=made.project,
        env=dict(made.environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=trial.DEADLINE,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def on_terminal(made: trial.Trial, *words: str, typed: str = "") -> tuple[int, str]:
    """Run it on a terminal with somebody who types when asked; give the exit code and what is seen, raw."""
    pid, end = pty.fork()
    if pid == 0:
        os.chdir(made.project)
        more = {"TERM": "xterm-256color", "COLUMNS": "120", "PAGER": "cat"}
        argv = [sys.executable, "-P", "-m", "beadwork", *words]
        os.execve(sys.executable, argv, {**made.environment, **more})
    seen = b""
    while True:
        try:
            data = os.read(end, 65536)
        except OSError:  # Linux: the other end is closed
            break
        if not data:
            break
        seen += data
        if typed and b"[y/N]: " in seen:
            os.write(end, typed.encode())
            typed = ""
    os.close(end)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), seen.decode("utf-8")


@pytest.fixture
def made(tmp_path: Path) -> trial.Trial:
    """A user with one gate, a remote, and work on the branch of demo-1; main is checked out."""
    made = trial.with_file(tmp_path, record("demo-1"), record("demo-2"))
    made.settings(
        **{"runner": "plain", "agent": "scripted", "actor": "Ada", "gates.commands": ["sh gate.sh"]}
    )
    made.repository.commit("beads", **{"gate.sh": "exit 0\n", "app.py": "one\n"})
    remote = tmp_path / "remote.git"
    made.repository.git("init", "--quiet", "--bare", str(remote))
    made.repository.git("remote", "add", "origin", str(remote))
    made.repository.git("push", "--quiet", "origin", "main")
    on_branch(made, "Work", **{"app.py": f"two {HIDDEN}\n"})
    return made


def on_branch(made: trial.Trial, message: str, **files: str) -> None:
    """Commit onto the branch of demo-1 by hand."""
    made.repository.git("switch", "--quiet", *branch_words(made), "bead/demo-1")
    for path, text in files.items():
        made.repository.write(path, text)
    made.repository.git("commit", "--quiet", "--message", message, "--", *files)
    made.repository.git("switch", "--quiet", "main")


def branch_words(made: trial.Trial) -> Sequence[str]:
    """Give what makes git make the branch, where it is not there."""
    return () if made.repository.git("branch", "--list", "bead/demo-1") else ("--create",)


def test_gates_then_close(made: trial.Trial) -> None:
    """A failing gate is shown, also by `show`, and keeps the bead open; when it passes, the bead closes."""
    on_branch(made, "Break", **{"gate.sh": "echo 5 is not 7; exit 3\n"})
    made.repository.git("push", "--quiet", "origin", "bead/demo-1")
    failed = use(made, "gates", "demo-1")
    assert (failed.code, failed.err) == (3, "")
    assert "  failed  gate: sh gate.sh, exit code 3, in " in failed.out
    assert "\n    5 is not 7\n" in failed.out
    assert "    gate: sh gate.sh, exit code 3" in use(made, "show", "demo-1").out

    refused = use(made, "close", "demo-1")
    assert refused.code == 3
    assert refused.err.startswith("refused: demo-1 was not closed. ")
    assert "    5 is not 7\n" in refused.err
    assert refused.err.endswith("  all the same  beadwork close demo-1 --force\n")

    on_branch(made, "Mend", **{"gate.sh": "exit 0\n"})
    made.repository.git("push", "--quiet", "origin", "bead/demo-1")
    closed = use(made, "close", "demo-1", "--reason", "It counts.")
    assert (closed.code, closed.err) == (0, "")
    _, gate, said, *_ = closed.out.splitlines()
    assert gate.startswith("  passed  gate: sh gate.sh, in ")
    assert said.startswith("Closed demo-1: It counts.")
    assert "closed (It counts.)" in use(made, "show", "demo-1").out

    assert use(made, "reopen", "demo-1").out == "demo-1 is open again.\n"
    assert use(made, "reopen", "demo-1").code == 3
    assert [run["verb"] for run in made.json("runs")["runs"]] == ["close", "gates"]


def test_gates_here(made: trial.Trial) -> None:
    """They run on what is not committed, too; without a bead and without --here it is wrong usage."""
    made.repository.write("gate.sh", "exit 1\n")
    assert use(made, "gates", "--here").code == 3
    made.repository.git("checkout", "--quiet", "--", "gate.sh")
    ended = use(made, "gates", "--here", "--json")
    assert ended.code == 0
    assert '"bead": "@here"' in ended.out
    assert use(made, "gates").code == 2


def test_publish(made: trial.Trial) -> None:
    """The remote has the branch, and `show` says so; one that is gone is exit code 4, with git's words."""
    published = use(made, "publish", "demo-1")
    assert (published.code, published.err) == (0, "")
    assert published.out.splitlines()[1].startswith("Published bead/demo-1 at ")
    head = made.repository.git("rev-parse", "bead/demo-1")
    assert head in made.repository.git("ls-remote", "origin", "bead/demo-1")
    assert f"  published  to origin at {head[:10]}, " in use(made, "show", "demo-1").out
    shutil.rmtree(made.folder / "remote.git")
    gone = use(made, "publish", "demo-1")
    assert (gone.code, gone.err) == (4, "")
    assert re.search(r"^failed: .+\n(?:  .+\n)+  log  /.+\.log\n\Z", gone.out, re.MULTILINE)


def test_land_asks_for_the_working_tree(made: trial.Trial) -> None:
    """Where main is checked out a pipe is refused, and a person asked: no leaves all as it is, yes lands."""
    before = made.repository.git("rev-parse", "main")
    refused = use(made, "land", "demo-1", "--how", "squash")
    assert refused.code == 3
    assert refused.err.endswith("  all the same  beadwork land demo-1 --how squash --update-tree\n")

    code, seen = on_terminal(made, "land", "demo-1", typed="n\n")
    assert (code, made.repository.git("rev-parse", "main")) == (3, before)
    assert "the files there too. Bring it along? [y/N]: " in ESCAPES.sub("", seen)

    code, seen = on_terminal(made, "land", "demo-1", typed="y\n")
    assert code == 0, seen
    assert "passed  gate: sh gate.sh" in ESCAPES.sub("", seen)
    assert made.repository.git("rev-parse", "main^2") == made.repository.git("rev-parse", "bead/demo-1")
    assert (made.project / "app.py").read_text("utf-8").startswith("two")
    assert re.search(r"^  landed +in main as ", use(made, "show", "demo-1").out, re.MULTILINE)


def test_a_conflict_then_resolve(made: trial.Trial) -> None:
    """The files are named with the command that resolves them; that is work, and answers at once."""
    made.repository.commit("Another way", **{"app.py": "three\n"})
    refused = use(made, "land", "demo-1", "--update-tree")
    assert refused.code == 3
    assert "app.py" in refused.err
    assert "`beadwork resolve demo-1`" in refused.err
    play = made.script({"say": "I look."}, {"done": "Nothing to do."})
    ended = use(made, "resolve", "demo-1", "--follow", "--script", play)
    assert (ended.code, ended.err) == (4, "")
    assert ended.out.splitlines()[0].endswith(" · work on demo-1 · Title of demo-1")


def test_diff(made: trial.Trial) -> None:
    """In a pipe it is a patch that git takes; on a terminal what would steer it is written out."""
    patch = use(made, "diff", "demo-1")
    assert (patch.code, patch.err) == (0, "")
    assert HIDDEN in patch.out
    applied = subprocess.run(
        ["git", "apply", "--check", "-"],
        cwd=made.project,
        input=patch.out,
        encoding="utf-8",
        check=False,
        capture_output=True,
    )
    assert applied.returncode == 0, applied.stderr
    assert use(made, "diff", "demo-1", "--stat").out.startswith(" app.py | 2 +-\n")
    (file,) = made.json("diff", "demo-1")["changes"]["files"]
    assert (file["path"], file["added"], file["removed"]) == ("app.py", 1, 1)
    code, seen = on_terminal(made, "diff", "demo-1")
    assert code == 0
    assert HIDDEN not in seen
    assert "+two ^[[2J<U+202E>" in ESCAPES.sub("", seen)
    assert use(made, "diff", "demo-1", "--since", "review").code == 1
