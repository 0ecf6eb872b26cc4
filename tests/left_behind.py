"""Finds what a test left running: by a token on its command line, or as a descendant of the tests."""

import contextlib
import os
import uuid
from pathlib import Path

import psutil

PROGRAMS = Path(__file__).parent / "programs"


def new_token() -> str:
    """Give a word that is on no other command line."""
    return f"token-{uuid.uuid4().hex}"


def carrying(token: str) -> list[int]:
    """Give the pids of all running processes with `token` on their command line, except ours."""
    found = []
    for process in psutil.process_iter(["pid", "status"]):
        with contextlib.suppress(psutil.Error):
            if (
                process.info["pid"] != os.getpid()
                and process.info["status"] != psutil.STATUS_ZOMBIE
                and token in process.cmdline()
            ):
                found.append(process.info["pid"])
    return found
