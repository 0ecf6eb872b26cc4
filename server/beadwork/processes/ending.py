"""Ends processes, step by step, and returns when the exit of each has been seen.

Interrupt, a grace time, terminate, a short grace time, kill until nothing is left. All times are parameters.
What it leaves out: which processes; the caller says how to find them, and they are found anew at each step,
for a program forks while it is being ended.
"""

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Sequence

import attrs

from beadwork.processes.identity import Identity, alive, send
from beadwork.processes.table import row_of, table
from beadwork.processes.tree import descendants, lineage, marked, union

Find = Callable[[], Sequence[Identity]]
"""Gives what is still running of what is to be ended; never the caller itself or what it descends from."""

_LOOK_AGAIN = 0.05
"""Seconds between two looks where nothing announces an exit, or a process forks faster than it is killed."""
_HANDLES = 128
"""How many processes are watched at once; of more than these, an exit is noticed at the next look."""


@attrs.frozen
class Ended:
    """How processes were ended."""

    steps: tuple[str, ...]
    """What it took, in order, of `interrupt`, `terminate`, `kill`; empty when nothing was running."""
    survivors: tuple[Identity, ...]
    """What could not be ended in time: uninterruptible, or another user's."""


async def end_found(
    find: Find,
    *,
    interrupt: Find | None = None,
    grace: float,
    terminate_grace: float = 1.0,
    kill_grace: float = 5.0,
) -> Ended:
    """End all that `find` gives; return when it gives nothing any more.

    `interrupt` gives those that get SIGINT; without it that step is left out. When they have gone, what they
    leave behind is terminated without waiting for the rest of `grace` seconds. Cancelling the caller stops it
    in between: shield it where the end must come.
    """
    steps: list[str] = []
    seen: set[Identity] = set()
    own = os.getpid()

    def look() -> Sequence[Identity]:
        found = find()
        for process in found:
            row = row_of(process.pid)
            if row is not None and row.parent != own:
                seen.add(process)
        return found

    first = interrupt() if interrupt is not None else ()
    if _signal(first, signal.SIGINT):
        steps.append("interrupt")
        await wait_until_gone(lambda: [process for process in first if alive(process)], grace)
    left = look()
    if _signal(left, signal.SIGTERM):
        steps.append("terminate")
        left = await wait_until_gone(look, terminate_grace)
    if left:
        steps.append("kill")
        left = await _kill(look, kill_grace)
    _reap(seen)
    return Ended(tuple(steps), tuple(left))


async def end_tree(
    root: Identity,
    *,
    mark: tuple[str, str] | None = None,
    interrupts: bool = True,
    grace: float,
    terminate_grace: float = 1.0,
    kill_grace: float = 5.0,
) -> Ended:
    """End `root`, everything below it, and what carries `mark` (a variable and its value).

    `root` itself gets the interrupt (none does with `interrupts` false). It may be gone already; what it left
    behind is ended all the same as far as it can be found: by descent only what was below it while it lived,
    so give a mark.
    """
    known: dict[Identity, None] = {}

    def find() -> Sequence[Identity]:
        rows = table()
        below = descendants(root.pid, rows) if alive(root) else ()
        kept = [process for process in known if alive(process)]
        of_kept = [found for process in kept for found in descendants(process.pid, rows)]
        carrying = marked(*mark, rows) if mark is not None else ()
        spared = lineage(rows)
        everything = union([root] if alive(root) else [], below, kept, of_kept, carrying)
        known.update(dict.fromkeys(everything))
        return [process for process in everything if process.pid not in spared]

    find()
    return await end_found(
        find,
        interrupt=(lambda: [root] if alive(root) else []) if interrupts else None,
        grace=grace,
        terminate_grace=terminate_grace,
        kill_grace=kill_grace,
    )


async def sweep(name: str, value: str, *, terminate_grace: float = 1.0, kill_grace: float = 5.0) -> Ended:
    """End whatever was started with `name=value` in its environment, and all that descends from it.

    For what a run left behind: the worker calls it at its end, recovery for a worker that is gone. Never ends
    the caller nor what it descends from.
    """

    def find() -> Sequence[Identity]:
        rows = table()
        carrying = marked(name, value, rows)
        spared = lineage(rows)
        below = [found for process in carrying for found in descendants(process.pid, rows)]
        return [process for process in union(carrying, below) if process.pid not in spared]

    return await end_found(find, grace=0, terminate_grace=terminate_grace, kill_grace=kill_grace)


def _signal(processes: Sequence[Identity], number: signal.Signals) -> bool:
    sent = False
    for process in processes:
        with contextlib.suppress(PermissionError):  # another user's: it shows among the survivors
            sent = send(process, number) or sent
    return sent


async def _kill(find: Find, limit: float) -> Sequence[Identity]:
    deadline = asyncio.get_running_loop().time() + limit
    while left := find():
        _signal(left, signal.SIGKILL)
        remaining = deadline - asyncio.get_running_loop().time()
        if remaining <= 0:
            break
        await _wait_for_an_exit(left, min(remaining, _LOOK_AGAIN))
    return left


async def wait_until_gone(find: Find, limit: float) -> Sequence[Identity]:
    """Wait until `find` gives nothing, at most `limit` seconds; give what is left."""
    deadline = asyncio.get_running_loop().time() + limit
    while left := find():
        remaining = deadline - asyncio.get_running_loop().time()
        if remaining <= 0:
            break
        await _wait_for_an_exit(left, remaining)
    return left


async def _wait_for_an_exit(processes: Sequence[Identity], limit: float) -> None:
    """Return when one of `processes` has exited, or `limit` seconds are over, or it is time to look again."""
    loop = asyncio.get_running_loop()
    exited = asyncio.Event()
    with contextlib.ExitStack() as stack:
        watched = 0
        for process in processes[:_HANDLES]:
            try:
                handle = os.pidfd_open(process.pid)
            except ProcessLookupError:
                return
            except (OSError, AttributeError):
                break
            stack.callback(os.close, handle)
            loop.add_reader(handle, exited.set)
            stack.callback(loop.remove_reader, handle)
            watched += 1
        if not all(alive(process) for process in processes):
            return
        blind = watched < len(processes)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(min(limit, _LOOK_AGAIN) if blind else limit):
                await exited.wait()


def _reap(orphans: set[Identity]) -> None:
    """Take note of the exits of processes that came to us as orphans, so that no zombie stays.

    Only of those that were seen below another parent: somebody waits for what we started ourselves.
    """
    own = os.getpid()
    for process in orphans:
        row = row_of(process.pid)
        if row is not None and row.gone and row.parent == own and row.started == process.started:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(process.pid, os.WNOHANG)
