"""Where a bead's branch is published, and whether it is: the remote is asked, not what we remember of it.

What it leaves out: publishing it (`publish.py`).
"""

from collections.abc import Mapping
from pathlib import Path

import attrs

from beadwork.checkouts import ask_remote, branch_of, contains, remote_of, remotes_of, url_of
from beadwork.settings import Settings
from beadwork.workflows.house import House
from beadwork.workflows.views import RefusalCode, Refused


@attrs.frozen
class Place:
    """A branch of a remote."""

    workspace: Path
    remote: str
    url: str
    """Where it is pushed to, without a password."""
    branch: str
    environment: Mapping[str, str]
    """The user's own."""
    limit: float
    """Seconds that one call may take."""

    @property
    def shown(self) -> str:
        """The remote, as a person reads it: `origin (https://…)`."""
        return f"{self.remote} ({self.url})"

    async def ask(self) -> str:
        """Ask which commit is there; empty for none. Raises RemoteError."""
        return await ask_remote(
            self.workspace, self.remote, self.branch, environment=self.environment, limit=self.limit
        )


async def place_of(house: House, settings: Settings, workspace: Path, bead: str) -> Place | Refused:
    """Give where the branch of a bead is published; a refusal where that is nowhere. Raises CheckoutError."""
    remote = await remote_of(workspace, settings.publish_remote)
    if not remote:
        return await _nowhere(settings, workspace)
    return Place(
        workspace=workspace,
        remote=remote,
        url=await url_of(workspace, remote),
        branch=branch_of(bead),
        environment=house.environment,
        limit=settings.publish_limit,
    )


async def can_publish(house: House, workspace: Path) -> bool:
    """Whether there is a remote to publish to; it is not asked. Raises CheckoutError, SettingsError."""
    return bool(await remote_of(workspace, house.settings_for(workspace).settings.publish_remote))


async def is_published(house: House, workspace: Path, bead: str, head: str) -> bool:
    """Whether the remote, asked now, has `head` as the branch of a bead, or within it.

    Takes up to the setting `publish.limit`. Raises RemoteError when it cannot be asked, CheckoutError.
    """
    place = await place_of(house, house.settings_for(workspace).settings, workspace, bead)
    if isinstance(place, Refused):
        return False
    there = await place.ask()
    return there == head or (bool(there) and await contains(workspace, there, head))


async def _nowhere(settings: Settings, workspace: Path) -> Refused:
    known = ", ".join(await remotes_of(workspace))
    if settings.publish_remote and known:
        words = f"There is no remote {settings.publish_remote} (setting `publish.remote`), only {known}."
    elif known:
        words = f"There are several remotes ({known}), none of them origin: name one in `publish.remote`."
    else:
        words = "The repository has no remote to publish to: add one with `git remote add origin URL`."
    return Refused(RefusalCode.NO_REMOTE, words)
