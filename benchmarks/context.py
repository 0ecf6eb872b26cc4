"""What it costs to know a project of 50,000 files before an agent is told of it, and to know it again.

Beside it as a measure: `git ls-files`, the least that anybody pays who lists the files. Prints medians in
milliseconds; fails when the first look takes longer than it is meant to.
"""

import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import attrs

from beadwork.beads import Bead, open_tracker
from beadwork.checkouts import GitCheckouts
from beadwork.context import PromptKind
from beadwork.settings import Settings
from beadwork.state_folder import StateFolder
from beadwork.workflows.working.telling_agent import Desk, prompt_for

sys.path.append(str(Path(__file__).parents[1] / "tests"))

FILES = 50_000
ROUNDS = 9
MOST = 0.5
"""Seconds that the first look is meant to stay under."""


def main() -> int:
    """Measure and print; 1 when it is too slow."""
    from many_files import make  # noqa: PLC0415  (the path to it is known only now)

    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "project"
        make(project, FILES)
        subprocess.run(["git", "read-tree", "HEAD"], cwd=project, check=True)
        beads = project / ".beads" / "issues.jsonl"
        beads.parent.mkdir()
        beads.write_text("")
        listed = statistics.median(_ls_files(project) for _ in range(ROUNDS))
        first = statistics.median(asyncio.run(_seconds(project, Path(folder), n)) for n in range(ROUNDS))
        again = statistics.median(asyncio.run(_seconds(project, Path(folder), 0)) for _ in range(ROUNDS))
    print(
        f"context of {FILES} files: git ls-files {1000 * listed:.0f} ms, first look {1000 * first:.0f} ms "
        f"(at most {1000 * MOST:.0f}), remembered {1000 * again:.0f} ms"
    )
    return 1 if first > MOST else 0


def _ls_files(project: Path) -> float:
    start = time.perf_counter()
    subprocess.run(["git", "ls-files", "-z"], cwd=project, check=True, capture_output=True)
    return time.perf_counter() - start


async def _seconds(project: Path, folder: Path, number: int) -> float:
    """Give the seconds from a checkout to its prompt; each number has a memory of its own."""
    state = StateFolder(folder / f"state{number}")
    checkouts = GitCheckouts(state)
    tracker = await open_tracker(project, bd="no-bd", timeout=5, locks=state.locks, environment={})
    desk = Desk(project, Settings(), state, tracker, checkouts, lambda _: ())
    checkout = await checkouts.imagine(project, "demo-1")
    bead = Bead(id="demo-1", title="file_31415 is wrong", status="open", type="bug", priority=1)
    bead = attrs.evolve(bead, description="In src/area1/new3.py, and wherever package17 is used.")
    start = time.perf_counter()
    prompt = await prompt_for(PromptKind.WORK, desk, bead, [bead], checkout)
    took = time.perf_counter() - start
    assert "file_31415.py" in prompt.text
    return took


if __name__ == "__main__":
    sys.exit(main())
