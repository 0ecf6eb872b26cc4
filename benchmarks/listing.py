"""What an editor's list costs: bd asked each time, as front ends do that poll, beside our index.

Both answer from the same bd database with so many beads. bd's own time is the named peer; what is compared is
a list when nothing has changed since the last one, which is nearly every list that an editor asks for.
"""

import asyncio
import json
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from beadwork.state_folder import StateFolder
from beadwork.workflows import build

BEADS = 1000
ROUNDS = 10


def main() -> int:
    """Print medians in milliseconds and their ratio."""
    bd = shutil.which("bd")
    if bd is None:
        print("listing: no bd on the PATH, so nothing to compare with (tests/components/bd.sh builds one)")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "project"
        _make(bd, project)
        theirs = statistics.median(
            _seconds(lambda: _bd(bd, project, "list", "--all", "--limit", "0", "--json"))
        )
        ours = statistics.median(asyncio.run(_ours(project, StateFolder(Path(folder) / "state"))))
    print(
        f"list of {BEADS} beads, nothing changed: bd {1000 * theirs:.1f} ms, Beadwork {1000 * ours:.1f} ms,",
        end=" ",
    )
    print(f"ratio {ours / theirs:.3f}")
    return 0


async def _ours(project: Path, state: StateFolder) -> list[float]:
    application = build(state)
    await application.listing(project)
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        view = await application.listing(project)
        times.append(time.perf_counter() - start)
        assert view.error is None
        assert sum(len(group.beads) for group in view.groups) == BEADS
    application.close()
    return times


def _seconds(call: object) -> list[float]:
    assert callable(call)
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return times


def _make(bd: str, project: Path) -> None:
    project.mkdir()
    subprocess.run(["git", "init", "-q", "."], cwd=project, check=True)
    flags = ("--quiet", "--stealth", "--skip-hooks", "--skip-agents", "--non-interactive")
    _bd(bd, project, "init", "--prefix", "demo", *flags)
    moment = "2026-01-01T00:00:00Z"
    lines = [
        {
            "id": f"demo-{number}",
            "title": f"Bead {number}",
            "status": "open",
            "priority": 2,
            "issue_type": "task",
        }
        | {"created_at": moment, "updated_at": moment}
        for number in range(BEADS)
    ]
    _bd(bd, project, "import", "-", stdin="".join(json.dumps(line) + "\n" for line in lines))


def _bd(bd: str, project: Path, *words: str, stdin: str = "") -> None:
    environment = os.environ | {"BD_DISABLE_METRICS": "1", "BD_NON_INTERACTIVE": "1"}
    subprocess.run(
        [bd, *words], cwd=project, env=environment, input=stdin, text=True, check=True, capture_output=True
    )


if __name__ == "__main__":
    raise SystemExit(main())
