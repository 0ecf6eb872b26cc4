"""A worker to be killed: `running_worker.py RUNNER FOLDER ARGV…` starts a program and waits for it."""

import asyncio
import os
import sys
from pathlib import Path

from beadwork.processes import become_subreaper
from beadwork.runners import Box, RunnerName, of_name


async def main(runner: str, folder: Path, argv: list[str]) -> None:
    """Start the program, pass its output on, and wait."""
    become_subreaper()
    readable = (Path(argv[1]).parent, Path(sys.prefix), Path(sys.base_prefix))
    box = Box("killed-worker", folder / "checkout", folder / "home", readable)
    process = await of_name(RunnerName(runner)).start(box, argv, {"PATH": os.environ["PATH"]})
    while piece := await process.stdout.read(4096):
        sys.stdout.buffer.write(piece)
        sys.stdout.flush()


asyncio.run(main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:]))
