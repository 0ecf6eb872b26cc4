"""The commands that mend or overrule what stands in the way, each as a person can type it. Pure.

What it leaves out: showing them (`refusing.py`).
"""

import shlex
from collections.abc import Sequence

import attrs

from beadwork.workflows import Obstacle, RefusalCode, Refused

_FOLLOWED = " --follow"


@attrs.frozen
class Asked:
    """What a person asked for, as they would type it again."""

    verb: str
    """The command's name."""
    bead: str
    """Empty when it is about no bead."""
    options: tuple[str, ...] = ()

    def command(self, *more: str) -> str:
        """Give the command line, with further options behind."""
        subject = (self.bead,) if self.bead else ()
        return shlex.join(["beadwork", self.verb, *subject, *self.options, *more])


@attrs.frozen
class Way:
    """One thing that can be done."""

    name: str
    command: str


def obstacles_of(refused: Refused) -> Sequence[Obstacle]:
    """Give all that stands in the way, which may be one thing that the refusal itself says."""
    own = Obstacle(refused.code, refused.message, beads=refused.blocked_by)
    return refused.obstacles or (own,)


def ways(refused: Refused, asked: Asked) -> Sequence[Way]:
    """Give what can be done: what mends each obstacle, and what overrules all of them if that is allowed.

    A command that the refusal names itself is not said twice.
    """
    obstacles = obstacles_of(refused)
    found = [way for obstacle in obstacles if (way := _mending(obstacle, asked)) is not None]
    if asked.bead and any(obstacle.code is RefusalCode.GATES_FAILED for obstacle in obstacles):
        found.append(Way("run again", _command("gates", asked.bead, "--anew")))
    if refused.can_force:
        found.append(Way("all the same", asked.command(*_overruling(obstacles))))
    said = " ".join([refused.message, *(obstacle.message for obstacle in obstacles)])
    return tuple(
        way for way in dict.fromkeys(found) if f"`{way.command.removesuffix(_FOLLOWED)}`" not in said
    )


def overruled_by(refused: Refused) -> Sequence[str]:
    """Give the options that go on over a refusal; none where nothing does."""
    return _overruling(obstacles_of(refused)) if refused.can_force else ()


def _overruling(obstacles: Sequence[Obstacle]) -> Sequence[str]:
    """Give the options that go on over these: bringing a working tree along is asked for by itself."""
    in_use = [each.code is RefusalCode.TREE_IN_USE for each in obstacles]
    return ("--update-tree",) * any(in_use) + ("--force",) * (not all(in_use))


def _mending(obstacle: Obstacle, asked: Asked) -> Way | None:
    bead = asked.bead
    if not bead:
        return None
    match obstacle.code:
        case RefusalCode.GATES_FAILED:
            return Way("mend", _command("work", bead, "--follow"))
        case RefusalCode.OPEN_FINDINGS if obstacle.findings:
            return Way("fix", _command("fix", *obstacle.findings, "--follow"))
        case RefusalCode.NOT_REVIEWED:
            return Way("review", _command("review", bead, "--follow"))
        case RefusalCode.NOT_PUBLISHED:
            return Way("publish", _command("publish", bead))
        case RefusalCode.CONFLICT:
            return Way("resolve", _command("resolve", bead, "--follow"))
        case RefusalCode.CLOSED:
            return Way("reopen", _command("reopen", bead))
        case RefusalCode.ALREADY_ACTIVE:
            return Way("follow", _command("log", bead, "--follow"))
        case _:
            return None


def _command(*words: str) -> str:
    return shlex.join(["beadwork", *words])
