"""Starts a program that goes on without us: no child of ours, no signal of our terminal reaches it.

What it leaves out: its end. Whoever wants to know about it asks the store, not the process.
"""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from beadwork.processes.program import ProgramMissing

_SHELL = "/bin/sh"


def start_detached(argv: Sequence[str], *, cwd: Path, environment: Mapping[str, str], output: Path) -> None:
    """Start `argv` in a session without a terminal, as an orphan; its output is appended to `output`.

    An editor that ends its server with all its descendants does not find it: a shell starts it in the
    background and is gone before this returns. Raises ProgramMissing when there is no shell or no `cwd`,
    OSError when `output` cannot be written; that `argv` cannot be started is said in `output`.
    """
    output.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(output, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        subprocess.run(
            [_SHELL, "-c", '"$@" &', _SHELL, *argv],
            cwd=cwd,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=descriptor,
            stderr=descriptor,
            start_new_session=True,
            check=True,
        )
    except (FileNotFoundError, subprocess.CalledProcessError) as error:
        raise ProgramMissing(f"{argv[0]} cannot be started in {cwd} by {_SHELL}: {error}.") from error
    finally:
        os.close(descriptor)
