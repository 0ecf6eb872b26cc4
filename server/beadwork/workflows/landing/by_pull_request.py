"""Landing through the pull request of a branch, where one is open: the forge merges, the base is fetched.

The gates have passed on both together before, here. What it leaves out: opening one (`publishing/`).
"""

from collections.abc import Sequence

import attrs

from beadwork.checkouts import (
    CheckoutError,
    How,
    Merged,
    Target,
    contains,
    fetch_base,
    land_merged,
    target_of,
)
from beadwork.executions import Assignment, Conclusion, EventKind, Phase, Reason
from beadwork.forges import ForgeError, GitHub, Merging, PullRequest
from beadwork.workflows.kit import Kit, turned_down
from beadwork.workflows.landing.landed import note_landed
from beadwork.workflows.landing.obstacles import refused
from beadwork.workflows.landing.undivided import to_its_end
from beadwork.workflows.publishing.requesting import forge_of
from beadwork.workflows.publishing.standing import place_of
from beadwork.workflows.views import Obstacle, RefusalCode, Refused
from beadwork.workflows.working.journal import log_error
from beadwork.workflows.working.verdict import sentence_of

_MERGED = "MERGED"


@attrs.frozen
class Opened:
    """An open pull request, and who merges it."""

    forge: GitHub
    remote: str
    found: PullRequest

    async def obstacles(self, target: Target) -> Sequence[Obstacle]:
        """Say why it cannot be merged as it is, as far as that can be seen. Raises CheckoutError."""
        found, url = self.found, self.found.url
        if found.draft:
            words = f"{url} is a draft: `beadwork publish --ready` makes it ready."
            return [Obstacle(RefusalCode.NOT_READY, words)]
        if found.base != target.base:
            words = f"{url} goes into {found.base}, not into {target.base}: change it, or the setting `base`."
            return [Obstacle(RefusalCode.NOT_READY, words)]
        if found.head and found.head != target.head:
            at = f"{url} is at {found.head[:10]}, but {target.branch} at {target.head[:10]}"
            return [Obstacle(RefusalCode.NOT_PUBLISHED, f"{at}: publish it first.")]
        if target.old and not await contains(target.repository, target.known, target.old):
            words = (
                f"{target.base} has commits here that {self.remote} has not, so {url} is not all: push them."
            )
            return [Obstacle(RefusalCode.BASE_DIVERGED, words)]
        return []


async def opened_for(assignment: Assignment, kit: Kit, branch: str) -> Opened | None:
    """Give the open pull request of a branch; None where there is none, or nobody who could be asked.

    Raises CheckoutError, StoreError, LogError.
    """
    order = assignment.run.order
    if not kit.settings.publish_pull_request:
        return None
    place = await place_of(kit.house, kit.settings, order.workspace, order.bead)
    if isinstance(place, Refused) or (forge := forge_of(kit, place, order.workspace)) is None:
        return None
    try:
        found = await forge.pull_request_of(branch)
    except ForgeError as error:
        words = f"Whether a pull request is open is not known: {error.message}"
        assignment.log.write(EventKind.NOTE, text=words)
        return None
    return Opened(forge, place.remote, found) if found else None


async def merge_it(assignment: Assignment, kit: Kit, merged: Merged, opened: Opened) -> str | Conclusion:
    """Let the forge merge, fetch the base, and bring the user's own along; give what is to be said of it.

    Whatever becomes of the user's own base, what was merged is merged. Raises StoreError, LogError.
    """
    target, url = merged.target, opened.found.url
    assignment.enter(Phase.PUBLISHING)
    how = Merging.SQUASH if merged.how is How.SQUASH else Merging.MERGE
    try:
        done = await opened.forge.merge(opened.found.number, how, head=target.head)
    except ForgeError as error:
        log_error(assignment.log, error)
        found = Obstacle(RefusalCode.NOT_READY, f"{url} was not merged. {error.message}", output=error.detail)
        return turned_down(assignment, Reason.REMOTE, refused([found]))
    if done.state != _MERGED:
        words = f"{url} is not merged yet ({done.merging or done.state}): see there what it waits for."
        found = Obstacle(RefusalCode.NOT_READY, words)
        return turned_down(assignment, Reason.REMOTE, refused([found]))
    note_landed(assignment, merged, done.merge_commit, pushed=True, pull_request=url)
    try:
        return " ".join(
            filter(None, [f"Merged by {url}.", await _bring_home(assignment, kit, opened, merged)])
        )
    except (CheckoutError, OSError) as error:
        log_error(assignment.log, error)
        return f"Merged by {url}, but {target.base} did not come along here: {sentence_of(error)}"


async def _bring_home(assignment: Assignment, kit: Kit, opened: Opened, merged: Merged) -> str:
    """Fetch the base and move the user's own to it. Raises CheckoutError."""
    order, base = assignment.run.order, merged.target.base
    limit = kit.settings.publish_limit
    await fetch_base(order.workspace, opened.remote, base, environment=kit.environment, limit=limit)
    target = await target_of(order.workspace, order.bead, base=kit.settings.base, remote=opened.remote)
    if target is None or target.diverged or target.old == target.onto:
        return ""
    home = Merged(target, merged.how, target.onto, same_files=False)
    await to_its_end(
        land_merged(
            kit.house.state,
            order.workspace,
            home,
            update_tree=order.update_tree,
            environment=kit.environment,
        )
    )
    return f"{base} is at {target.onto[:10]} here too."
