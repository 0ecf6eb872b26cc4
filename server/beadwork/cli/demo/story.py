"""The demo: what happens when a bead is worked on, reviewed, published and closed, with real parts.

Only the agent is played: it has no model, and says so. What it leaves out: the sample project
(`sample.py`), the review (`reviewing.py`), the end of the work (`finishing.py`) and the editor's side of the
protocol (`editor.py`).
"""

import asyncio
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from beadwork.cli.demo.editor import Editor, EditorError, opened
from beadwork.cli.demo.finishing import finish
from beadwork.cli.demo.reviewing import review
from beadwork.cli.demo.sample import ANSWER, Sample, git, make_sample
from beadwork.cli.demo.telling import LONGEST, follow, heading, played, run_of, say
from beadwork.cli.printing import Cell, Line, Prose, show
from beadwork.own_programs import own_program


def run_demo() -> int:
    """Tell the story in a temporary folder, or in DEMO_DIR, which stays; give 0 when all held."""
    named = os.environ.get("DEMO_DIR")
    if named:
        return asyncio.run(_tell(make_sample(_new_folder(named)), stays=True))
    with tempfile.TemporaryDirectory(prefix="beadwork-demo-") as folder:
        return asyncio.run(_tell(make_sample(Path(folder).resolve()), stays=False))


def _new_folder(named: str) -> Path:
    """Make the folder that DEMO_DIR names. Raises EditorError when it is not empty, or cannot be made."""
    root = Path(named).expanduser().absolute()
    try:
        root.mkdir(parents=True, exist_ok=True)
        taken = any(root.iterdir())
    except OSError as error:
        raise EditorError(
            f"{root} cannot be made ({error.strerror}): name a new folder in DEMO_DIR."
        ) from error
    if taken:
        raise EditorError(f"{root} is not empty: name a new folder in DEMO_DIR.")
    return root


async def _tell(sample: Sample, *, stays: bool) -> int:
    began = time.monotonic()
    heading("A sample project with three beads, opened in an editor")
    say(f"{sample.project}: a small Python package whose test fails")
    environment = os.environ | {
        "BEADWORK_STATE": str(sample.state),
        "XDG_CONFIG_HOME": str(sample.root / "config"),
    }
    async with asyncio.timeout(2 * LONGEST), opened(sample.project, environment) as editor:
        await _show_beads(editor)
        worked = await _work(editor, sample)
        reviewed = worked and await review(editor, sample)
        cancelled = await _cancel_half_way(editor, sample)
        closed = reviewed and await finish(editor, sample)
        heading("The beads now")
        await _show_beads(editor)
    heading(f"That was it, in {time.monotonic() - began:.1f} s")
    if stays:
        say("It stays. To look around in it:")
        for command in _ways_in(sample):
            show([Line.of(f"  {command}", whole=True)])
    else:
        say(
            "Its temporary folder is gone now; with DEMO_DIR=FOLDER it is made there, and stays to play with."
        )
    return 0 if worked and reviewed and cancelled and closed else 1


def _ways_in(sample: Sample) -> list[str]:
    """Give commands for a shell that lead into the sample, also where this program is not on the PATH."""
    commands = [f"cd {shlex.quote(str(sample.project))}"]
    own = Path(sys.executable).with_name("beadwork")
    found = shutil.which("beadwork")
    if own.exists() and not (found and Path(found).samefile(own)):
        commands.append(f'export PATH={shlex.quote(str(own.parent))}:"$PATH"')
    program = "beadwork" if found or own.exists() else shlex.join(own_program())
    return [*commands, f"export BEADWORK_STATE={shlex.quote(str(sample.state))}", f"{program} list"]


async def _show_beads(editor: Editor) -> None:
    project = (await editor.command("list"))["projects"][0]
    if project.get("error"):
        raise EditorError(project["error"]["message"])
    for group in project["groups"]:
        for bead in group["beads"]:
            blocked = f"  (waits for {', '.join(bead['blockedBy'])})" if bead["blockedBy"] else ""
            show(
                [Line.of(f"  {group['title']:<15}", Cell(bead["id"], "bold"), f"  {bead['title']}{blocked}")]
            )


async def _work(editor: Editor, sample: Sample) -> bool:
    heading("Work on till-1. The agent is scripted: it plays a part, with no model behind it")
    refused = (await editor.command("work", id="till-2", **played(sample, "mends")))["refused"]
    say(f"till-2 is refused: {refused['message']} It could be forced.")
    run = (await editor.command("work", id="till-1", **played(sample, "mends")))["run"]
    await follow(editor, run["id"], answer=ANSWER)
    run = await run_of(editor, run["id"])
    branch = run["branch"]
    heading("What changed")
    if run["state"] != "completed":
        say(f"Not what was promised: the run is {run['state']}. {run['summary']}")
        return False
    show([Line.of(Cell("branch  ", "dim"), f"{branch}, back in the repository by name")])
    for line in git(sample.project, "log", "--format=%h %s", f"main..{branch}").splitlines():
        show([Line.of(Cell("commit  ", "dim"), line)])
    show([Prose(git(sample.project, "diff", "--stat", f"main...{branch}"))])
    status = git(sample.project, "status", "--short", "--untracked-files=no", "--", ":!.beads")
    current = git(sample.project, "branch", "--show-current")
    say(f"Your own tree is on {current}, with {status or 'nothing'} changed.")
    passed, words = _tests(sample, branch)
    show([Line.of(Cell("tests   ", "dim"), f"before: fail; on {branch}: {words}")])
    for name, path in (("log     ", run["readableLog"]), ("events  ", run["log"])):
        show([Line.of(Cell(name, "dim"), path, whole=True)])
    return passed and not status


def _tests(sample: Sample, branch: str) -> tuple[bool, str]:
    """Run the project's tests on the branch, in a clone of its own."""
    clone = sample.root / "look"
    git(sample.root, "clone", "--quiet", "--branch", branch, str(sample.project), str(clone))
    done = subprocess.run(
        [sys.executable, "-m", "unittest"],
        cwd=clone,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    return done.returncode == 0, done.stderr.strip().splitlines()[-1]


async def _cancel_half_way(editor: Editor, sample: Sample) -> bool:
    heading("Work on till-3, and cancel it half-way. This agent hangs, deaf to signals")
    run = (await editor.command("work", id="till-3", **played(sample, "stalls")))["run"]
    shown = await follow(editor, run["id"], until="Now I hang")
    running = _processes(sample, run["id"])
    began = time.monotonic()
    await editor.command("cancel", run=run["id"])
    await follow(editor, run["id"], after=shown)
    run = await run_of(editor, run["id"])
    took = time.monotonic() - began
    left = _processes(sample, run["id"])
    say(f"{run['state']} after {took:.1f} s (2 s of that are the agent's grace). {run['summary']}")
    say(f"Processes of the run: {len(running)} before, {len(left)} now.")
    show([Line.of("What it wrote is kept: ", run["checkout"], whole=True)])
    return run["state"] == "cancelled" and bool(running) and not left


def _processes(sample: Sample, run: str) -> list[int]:
    """Give the processes of a run, by its mark or because they are in its checkout."""
    checkouts = str(sample.state / "checkouts")
    found = []
    for process in psutil.process_iter():
        try:
            marked = process.environ().get("BEADWORK_EXECUTION") == run
            if marked or process.cwd().startswith(checkouts):
                found.append(process.pid)
        except (psutil.AccessDenied, psutil.NoSuchProcess, OSError):
            continue  # not ours, or gone: either way none of the run's
    return found
