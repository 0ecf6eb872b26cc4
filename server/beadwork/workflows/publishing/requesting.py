"""The pull request of a published branch: opened, or brought up to date; or the reason why there is none.

Whatever goes wrong here, the branch is at the remote: it is said in a sentence, and the publishing stands.
What it leaves out: what stands in it (`pull_request.py`).
"""

import re
from collections.abc import Sequence
from pathlib import Path

import attrs

from beadwork.beads import TrackerError
from beadwork.checkouts import Branch, CheckoutError, in_no_repository, remotes_of
from beadwork.executions import Assignment, Execution, State, Verb
from beadwork.findings import plain
from beadwork.forges import ForgeError, GitHub, PullRequest, owner_in
from beadwork.workflows.gating.known import known_report
from beadwork.workflows.gating.telling import lines_of
from beadwork.workflows.kit import Kit
from beadwork.workflows.publishing.pull_request import Known, body_of, title_of
from beadwork.workflows.publishing.standing import Place
from beadwork.workflows.working.journal import log_error

_LINK = re.compile(r"https?://[^\s<>()\[\]\"'`\\]+")
"""An address that is no more than that in Markdown."""


@attrs.frozen
class Requested:
    """What became of the pull request."""

    pull_request: PullRequest | None = None
    notes: tuple[str, ...] = ()
    """Sentences: why there is none, what of it is not up to date, and what can be done."""


def forge_of(kit: Kit, place: Place, folder: Path) -> GitHub | None:
    """Give the forge that pull requests of `place` are asked of; None where the remote can be none."""
    owner = owner_in(place.url)
    if not owner:
        return None
    return GitHub(
        program=str(Path(kit.settings.gh).expanduser()),
        folder=folder,
        owner=owner,
        environment=in_no_repository(kit.environment),
        limit=place.limit,
    )


async def request(
    assignment: Assignment,
    kit: Kit,
    place: Place,
    branch: Branch,
    *,
    draft: bool | None,
    said: str,
    links: Sequence[str],
) -> Requested:
    """Open the pull request of a branch that is at `place`, or bring it up to date; never fails for it.

    `draft` is what a person wants; with None the newest review says it. `said` is what the work said of
    itself, `links` what the remote told. Raises StoreError, LogError.
    """
    if not kit.settings.publish_pull_request:
        return Requested()
    forge = forge_of(kit, place, branch.repository)
    if forge is None:
        words = f"{place.url} is not on GitHub, so open one where it is hosted."
        return Requested(notes=(_without(words, links),))
    found: PullRequest | None = None
    try:
        known = await _known(kit, assignment.run, branch, said)
        found = await forge.pull_request_of(branch.name)
        wanted = _draft(kit, assignment, asked=draft)
        if found is None:
            found = await forge.open(
                branch.name,
                base=await _base(branch),
                title=title_of(known),
                body=body_of(known),
                draft=bool(wanted),
            )
        elif (body := body_of(known, found.body)) != found.body:
            found = await forge.rewrite(found.number, body)
        if wanted is not None and found.draft is not wanted:
            found = await forge.set_draft(found.number, draft=wanted)
    except (ForgeError, TrackerError, CheckoutError) as error:
        log_error(assignment.log, error)
        if found is None:
            return Requested(notes=(_without(error.message, links),))
        return Requested(found, (f"The pull request is not up to date: {error.message}",))
    return Requested(found)


def _without(why: str, links: Sequence[str]) -> str:
    """Say that there is no pull request, and what can be done."""
    by_hand = f" Or open one at {links[0]}." if links else ""
    return f"No pull request: {why}{by_hand}"


def _draft(kit: Kit, assignment: Assignment, *, asked: bool | None) -> bool | None:
    """Give whether it is to be a draft; None where nobody says so, which leaves one that is there."""
    if asked is not None:
        return asked
    order = assignment.run.order
    reviews = kit.house.findings.newest(order.project, order.bead)
    return not reviews[0].pr_ready if reviews else None


async def _base(branch: Branch) -> str:
    """Give the name that the base has at the remote; empty for a commit, which is no branch."""
    for remote in await remotes_of(branch.repository):
        if branch.base_ref.startswith(f"{remote}/"):
            return branch.base_ref.removeprefix(f"{remote}/")
    return "" if branch.base.startswith(branch.base_ref) else branch.base_ref


async def _known(kit: Kit, run: Execution, branch: Branch, said: str) -> Known:
    report = await known_report(kit.desk, run.order.bead, branch.head)
    beads = (await kit.tracker.list()).beads
    bead = next((each for each in beads if each.id == run.order.bead), None)
    reference = bead.external_ref if bead is not None else ""
    return Known(
        bead=run.order.bead,
        title=plain(bead.title if bead is not None else run.order.title, one_line=True),
        link=reference if _LINK.fullmatch(reference) else "",
        summary=plain(said or _last_summary(kit, run)),
        gates=lines_of(report) if report is not None else (),
        findings=kit.house.open_findings(run.order.project, run.order.bead, beads),
    )


def _last_summary(kit: Kit, run: Execution) -> str:
    """Give what the last work on the bead that came to something said."""
    runs = kit.house.store.list(project=run.order.project, bead=run.order.bead)
    return next(
        (each.summary for each in runs if each.order.verb is Verb.WORK and each.state is State.COMPLETED), ""
    )
