"""What can be asked for of a bead, as far as a list can tell: without git, the disk or the network.

What it leaves out: whether it can be done, which is looked at when it is asked for (`ordering_*.py`), and
what a run takes, which is said with it (`views.py`).
"""

from collections.abc import Iterator

from beadwork.beads import Group
from beadwork.executions import UNFINISHED, Execution, Verb


def actions_of(group: Group, run: Execution | None, *, read_only: bool) -> tuple[str, ...]:
    """Give what can be asked for of a bead of `group` with the newest run `run`; see docs/protocol.md."""
    return tuple(_actions(group, run, read_only=read_only))


def _actions(group: Group, run: Execution | None, *, read_only: bool) -> Iterator[str]:
    free = run is None or run.state not in UNFINISHED
    open_and_free = free and group is not Group.CLOSED
    if open_and_free and not read_only:
        yield "work"
    if open_and_free and _has_work(group, run):
        yield "review"
    if _has_branch(group, run):
        yield "changes"
        if open_and_free:
            yield from ("gates", "publish", "land", "resolve")
    if not read_only:
        if group is Group.CLOSED:
            yield "reopen"
        elif free:
            yield "close"
        yield "edit"


def _has_work(group: Group, run: Execution | None) -> bool:
    return group is Group.DONE or (run is not None and bool(run.head) and run.head != run.base)


def _has_branch(group: Group, run: Execution | None) -> bool:
    errand = run is not None and run.order.verb not in {Verb.WORK, Verb.REVIEW}
    return errand or _has_work(group, run)
