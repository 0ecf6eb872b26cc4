"""How Beadwork starts a program of its own: with the Python that runs it, from where it was itself started.

Installed, its modules are found by every start of that Python. Bundled with an editor's extension they are
not: there its launcher (`run.py`) finds them, and the environment, which agents and gates inherit, tells of
nothing.
What it leaves out: starting them.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

_launcher: Path | None = None


def started_by(launcher: Path) -> None:
    """Let programs of our own be started by `launcher`, as this process was. Said once, before all else."""
    global _launcher  # noqa: PLW0603  (it is a fact of the process, as sys.executable is)
    _launcher = launcher


def own_program(module: str = "beadwork", *arguments: str) -> Sequence[str]:
    """Give the command that runs our module with `arguments`, also where it can import nothing by itself."""
    if _launcher is None:
        return (sys.executable, "-P", "-m", module, *arguments)
    return (sys.executable, "-I", "-S", str(_launcher), module, *arguments)
