"""By whom something is done: the options that every command has which starts an agent.

What it leaves out: the settings that hold where none of them is given.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import attrs
import click

from beadwork.agents import AgentName
from beadwork.runners import RunnerName

C = TypeVar("C", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--agent", type=click.Choice([name.value for name in AgentName]), help="Another agent than usual."
    ),
    click.option(
        "--runner", type=click.Choice([name.value for name in RunnerName]), help="Another box than usual."
    ),
    click.option(
        "--script",
        type=click.Path(exists=True, dir_okay=False, resolve_path=True, path_type=Path),
        help="What the scripted agent plays; implies `--agent scripted`.",
    ),
)


@attrs.frozen
class ByWhom:
    """An agent and its box, as requests have them; what is empty is as the settings say."""

    agent: str
    runner: str
    script: str


def by_whom_options(command: C) -> C:
    """Give a command the options `--agent`, `--runner` and `--script`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def by_whom(agent: str | None, runner: str | None, script: Path | None) -> ByWhom:
    """Take the options together. Raises click.UsageError when they contradict each other."""
    if script is not None and agent not in {None, AgentName.SCRIPTED}:
        raise click.UsageError(f"--script is for the scripted agent, not for {agent}.")
    return ByWhom(AgentName.SCRIPTED if script else agent or "", runner or "", str(script or ""))
