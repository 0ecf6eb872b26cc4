"""Why a run came to nothing, read from what it kept: its results have a refusal as it is sent.

What it leaves out: what a person can do about it, which is said by who shows it.
"""

from collections.abc import Mapping

from beadwork.workflows.views import Obstacle, RefusalCode, Refused, RunView

_CODES = frozenset(RefusalCode)


def refused_in(run: RunView) -> Refused | None:
    """Give why `run` came to nothing, if something stood in its way; None also where that cannot be read."""
    match run.results.get("refused"):
        case {"code": str(code), "message": str(message), **rest} if code in _CODES:
            return Refused(
                RefusalCode(code),
                message,
                blocked_by=_strings(rest.get("blockedBy")),
                can_force=rest.get("canForce") is True,
                obstacles=_obstacles(rest.get("obstacles")),
            )
        case _:
            return None


def _obstacles(given: object) -> tuple[Obstacle, ...]:
    each_given = given if isinstance(given, list | tuple) else ()
    return tuple(
        _obstacle(each) for each in each_given if isinstance(each, Mapping) and each.get("code") in _CODES
    )


def _obstacle(given: Mapping[str, object]) -> Obstacle:
    return Obstacle(
        RefusalCode(str(given["code"])),
        str(given.get("message", "")),
        output=str(given.get("output", "")),
        file=str(given.get("file", "")),
        paths=_strings(given.get("paths")),
        beads=_strings(given.get("beads")),
        findings=_strings(given.get("findings")),
    )


def _strings(given: object) -> tuple[str, ...]:
    return tuple(map(str, given)) if isinstance(given, list | tuple) else ()
