"""`demo`: the whole of it, and what it says when it cannot begin."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

DEADLINE = 120.0


def demo(home: Path, **more: str) -> "subprocess.CompletedProcess[str]":
    """Run the real demo for a user who has nothing yet."""
    return subprocess.run(
        [sys.executable, "-m", "beadwork", "demo"],
        cwd=home,
        env={"PATH": os.environ["PATH"], "HOME": str(home), **more},
        capture_output=True,
        encoding="utf-8",
        timeout=DEADLINE,
        check=False,
    )


@pytest.mark.timeout(180)
def test_the_demo_holds_and_leads_on(tmp_path: Path) -> None:
    """All is as promised; its last lines, pasted into a shell, lead into the project that stays."""
    program = Path(sys.executable).with_name("beadwork")
    assert program.exists(), "install this checkout: pip install -e ."
    ended = demo(tmp_path, DEMO_DIR=str(tmp_path / "a stay ü"))
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "tests   before: fail; on bead/till-1: OK" in ended.stdout
    assert "    2  Use Python's own sum" in ended.stdout
    assert "answer: Use Python's own sum\n" in ended.stdout
    assert "  till/receipt.py:6       warning     A total may be" in ended.stdout
    assert "  till/receipt.py:7       warning     A total may be" in ended.stdout
    bead = re.search(r"A quick fix on it makes the bead (till-\w+)", ended.stdout)
    assert bead is not None
    assert f"  Ready          {bead[1]}  A total may be" in ended.stdout
    assert "Processes of the run: " in ended.stdout
    assert ended.stdout.count("So says the remote itself.") == 2
    refused = ended.stdout.index("Refused: gates-failed.")
    assert "passed  test: python3 -m unittest" in ended.stdout[:refused], "after the work"
    assert "passed  test: python3 -m unittest" in ended.stdout[refused:], "before the close"
    assert "till-1 is closed: The total counts every item." in ended.stdout
    _, _, commands = ended.stdout.partition("To look around in it:\n")
    shell = subprocess.run(
        ["sh", "-e", "-c", commands],
        cwd=tmp_path,
        env={"PATH": os.defpath, "HOME": str(tmp_path)},
        capture_output=True,
        encoding="utf-8",
        timeout=DEADLINE,
        check=False,
    )
    assert shell.returncode == 0, shell.stderr
    assert "Ready (3)\n  till-2 " in shell.stdout
    assert "Closed (1: " in shell.stdout


@pytest.mark.parametrize("taken", ["a file", "a folder with something in it", "below a file"])
def test_a_folder_that_cannot_be_had(tmp_path: Path, taken: str) -> None:
    """What DEMO_DIR names is left alone unless it is new or empty, and one sentence says so."""
    place = tmp_path / "place"
    match taken:
        case "a file":
            place.write_text("mine")
        case "below a file":
            place.write_text("mine")
            place /= "deeper"
        case _:
            place.mkdir()
            (place / "mine").write_text("mine")
    ended = demo(tmp_path, DEMO_DIR=str(place))
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"error: {place} ")
    assert ended.stderr.endswith(": name a new folder in DEMO_DIR.\n")
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) in (["place"], ["mine"])


def test_no_git(tmp_path: Path) -> None:
    """Without git the demo says what to install."""
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "sh").symlink_to(shutil.which("sh") or "/bin/sh")
    ended = demo(tmp_path, PATH=str(tools), DEMO_DIR=str(tmp_path / "new"))
    assert ended.returncode == 1
    assert ended.stderr == "error: There is no git on your PATH: install it, then try again.\n"
