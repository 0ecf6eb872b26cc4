#!/usr/bin/env python3
"""A bd that misbehaves: BAD_BD in its environment says how. `version` works unless that is the point."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

DEAF = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True: signal.pause()"


def hang() -> NoReturn:
    """Ignore SIGTERM, start a child that does too, write both pids, and never end."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    child = subprocess.Popen([sys.executable, "-c", DEAF])
    pids = Path(os.environ["BAD_BD_PIDS"])
    unfinished = pids.with_suffix(".new")
    unfinished.write_text(f"{os.getpid()} {child.pid}")
    unfinished.rename(pids)
    while True:
        signal.pause()


def note_call() -> None:
    """Write down what we were called with."""
    if "BAD_BD_CALLS" not in os.environ:
        return
    told = ("BD_", "BEADS_", "CLAUDE")
    seen = {key: value for key, value in os.environ.items() if key.startswith(told)}
    with Path(os.environ["BAD_BD_CALLS"]).open("a") as calls:
        calls.write(json.dumps({"argv": sys.argv[1:], "environment": seen}) + "\n")


def old_list() -> tuple[str, str, int]:
    """Know no `--include-…`, as older versions."""
    flags = [word for word in sys.argv if word.startswith("--include-")]
    if flags:
        return "", f"Error: unknown flag: {flags[0]}\n", 1
    return '[{"id":"demo-1","title":"T","priority":1}]', "", 0


def version(how: str) -> str:
    """Say a version, or what is none."""
    if how == "version-hangs":
        hang()
    if how == "version-garbage":
        return "hello"
    return json.dumps({"version": os.environ.get("BAD_BD_VERSION", "1.2.2")})


def half_begun(how: str) -> None:
    """Leave what `bd init` makes first, or, in the case of `init-whole`, all of it."""
    database = Path(".beads/embeddeddolt/demo/.dolt")
    database.mkdir(parents=True)
    if how == "init-whole":
        (database.parents[2] / "metadata.json").write_text("{}")


def main() -> int:
    """Behave as BAD_BD says."""
    how, words = os.environ.get("BAD_BD", ""), os.environ.get("BAD_BD_WORDS", "")
    if "version" in sys.argv:
        sys.stdout.write(version(how))
        return 0
    note_call()
    if how == "hang":
        hang()
    if how.startswith("init-"):
        half_begun(how)
    answers = {
        "init-half": ("", "Error: no space left on device\n", 1),
        "init-whole": ("", "Error: no remote\n", 1),
        "half": ('[{"id": "demo-1", "title": "Ti', "", 0),
        "garbage": ("\udcff\udcfe not json at all \0", "", 0),
        "nothing": ("", "", 0),
        "silent-failure": ("", "", 7),
        "error-stdout": (json.dumps({"error": words, "schema_version": 1}), "", 1),
        "error-stdout-exit-0": (json.dumps({"error": words}), "", 0),
        "error-stderr": ("", f"Warning: something else\nError: {words}\n", 1),
        "error-stderr-json": ("", json.dumps({"error": words, "hint": "try"}), 1),
        "print": (words, "", 0),
        "old-list": old_list(),
        "no-design": ("", "Error: disk full", 1)
        if "--design-file=-" in sys.argv
        else ('[{"id":"demo-1"}]', "", 0),
    }
    stdout, stderr, code = answers[how]
    sys.stdout.buffer.write(stdout.encode("utf-8", "surrogateescape"))
    sys.stderr.write(stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
