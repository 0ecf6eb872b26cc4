"""What every command has in common: the folder it is about, `--json`, and a way to Beadwork itself.

What it leaves out: anything heavy. Building the application loads the rooms, so it happens on demand.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from beadwork.cli import failing

if TYPE_CHECKING:
    from beadwork.workflows import Application

T = TypeVar("T")

Maker = Callable[[], "Application"]


class Invocation:
    """One use of the command line. Not an attrs class: `--version` should not pay for attrs."""

    def __init__(self, *, folder: Path, maker: Maker | None) -> None:
        self.folder = folder
        """Absolute: where the person is, or said to be with `-C`."""
        self._maker = maker or _built

    def run(self, deed: Callable[["Application"], Awaitable[T]]) -> T:
        """Do `deed` with an application, after lost runs were recovered and queued ones started."""
        import asyncio  # noqa: PLC0415  (20 ms, which `--version` and `--help` need not pay)

        return asyncio.run(self._with_application(deed))

    async def _with_application(self, deed: Callable[["Application"], Awaitable[T]]) -> T:
        application = self._maker()
        try:
            for sentence in await application.tend():
                failing.warn(sentence)
            return await deed(application)
        finally:
            application.close()


def _built() -> "Application":
    from beadwork.state_folder import StateFolder  # noqa: PLC0415  (see the module's docstring)
    from beadwork.workflows import build  # noqa: PLC0415

    return build(StateFolder.of_user())


def _remember_json(ctx: click.Context, _: click.Parameter, value: bool) -> bool:  # noqa: FBT001  (click's)
    ctx.meta[failing.JSON_KEY] = value
    return value


json_option = click.option(
    "--json",
    is_flag=True,
    callback=_remember_json,
    help="Print the objects of docs/protocol.md.",
)
