"""What a person can ask of reviews and findings: one object that the command line and the server both use.

It is the part of the Application (`application.py`) that knows findings. What it leaves out: the review
itself (`review.py`), and findings on their lines while they are edited (`lsp/`).
"""

from collections.abc import Sequence
from pathlib import Path

import attrs

from beadwork.beads import Bead
from beadwork.checkouts import Subject
from beadwork.context import Prompt, PromptKind
from beadwork.executions import Execution
from beadwork.findings import FindingState, KeptFinding, sarif
from beadwork.workflows.house import House
from beadwork.workflows.queueing.ordering import WorkRequest, bead_of
from beadwork.workflows.reviews.finding_beads import Made, make_beads
from beadwork.workflows.reviews.ordering_review import ReviewRequest, order_fix, order_review
from beadwork.workflows.reviews.reading_tasks import portions_as_tasks
from beadwork.workflows.reviews.showing import (
    FindingsView,
    FindingView,
    finding_view,
    findings_view,
    once,
)
from beadwork.workflows.settling import is_open, settled_by
from beadwork.workflows.views import Refused
from beadwork.workflows.working.telling_agent import prompt_for
from beadwork.workflows.workspace import Workspaces


class Reviews:
    """Reviews of all projects of a user. A finding is named by its id or an unambiguous beginning of it."""

    def __init__(self, house: House, workspaces: Workspaces) -> None:
        """Use what the Application holds."""
        self._house = house
        self._workspaces = workspaces

    async def order(self, project: Path, request: ReviewRequest) -> Execution | Refused:
        """Queue a review. Raises BeadworkError; NothingToReview when there is nothing."""
        return await order_review(self._house, self._workspaces, project, request)

    async def prompt(self, project: Path, bead: str) -> Prompt:
        """Give what a reviewer of a bead's branch would be sent now; nothing is made or started.

        Where several would read, it is what the first is sent, with a warning. Raises BeadworkError.
        """
        snapshot = await self._workspaces.of(project).snapshot()
        found = bead_of(snapshot, bead)
        settings = self._house.settings_for(project).settings
        checkouts = self._house.checkouts
        checkout = await checkouts.imagine_review(project, found.id, Subject.BEAD, base=settings.base)
        tasks = portions_as_tasks(checkout, await checkouts.difference(checkout), settings.prompt_budget)
        prompt = await prompt_for(
            PromptKind.REVIEW,
            self._house.desk_for(project, settings, snapshot.tracker),
            found,
            snapshot.index.listing.beads,
            tasks[0].checkout,
            findings=self._house.open_findings(str(project), found.id, snapshot.index.listing.beads),
            changes=tasks[0].changes,
        )
        if len(tasks) == 1:
            return prompt
        words = f"The work is too much for one reader: this is what the first of {len(tasks)} is sent."
        return attrs.evolve(prompt, warnings=(*prompt.warnings, words))

    async def order_fix(
        self, project: Path, findings: Sequence[str], request: WorkRequest
    ) -> Execution | Refused:
        """Queue work that mends findings, all of one bead. Raises BeadworkError."""
        found = [self._found(project, name) for name in findings]
        return await order_fix(self._house, self._workspaces, project, found, request)

    async def findings(self, project: Path, subject: str = "", *, everything: bool = False) -> FindingsView:
        """Give the newest review of each subject and its findings that are open; or all of them.

        Raises TrackerError.
        """
        beads = await self._beads(project)
        reviews = self._house.findings.newest(str(project), subject)
        at = {review.run: review.at for review in reviews}

        def counts(each: KeptFinding) -> bool:
            return is_open(each, beads, at.get(each.run, 0.0))

        kept = once(self._house.findings.current(str(project), subject), counts)
        shown = [each for each in kept if everything or counts(each)]
        return findings_view(str(project), reviews, shown, beads)

    async def finding(self, project: Path, name: str) -> FindingView:
        """Give one finding, of whichever review. Raises FindingNotFound, TrackerError."""
        kept = self._found(project, name)
        found = self._house.findings.review(kept.run)
        return finding_view(kept, await self._beads(project), found[0].at if found else 0.0)

    async def open(self, project: Path) -> Sequence[KeptFinding]:
        """Give the findings of a project that still count, for who pins them. Raises TrackerError."""
        kept = self._house.findings.current(str(project))
        if not kept:
            return ()
        beads = await self._beads(project)
        at = {review.run: review.at for review in self._house.findings.newest(str(project))}
        return once([each for each in kept if is_open(each, beads, at.get(each.run, 0.0))], lambda _: True)

    async def sarif(self, project: Path, subject: str, version: str) -> object:
        """Give the findings of the newest reviews as SARIF, dismissed ones suppressed.

        What a closed bead settles is left out. Raises TrackerError.
        """
        beads = await self._beads(project)
        at = {review.run: review.at for review in self._house.findings.newest(str(project), subject)}
        kept = self._house.findings.current(str(project), subject)
        left = [each for each in kept if settled_by(each, beads, at.get(each.run, 0.0)) is None]
        return sarif(once(left, lambda each: each.state is FindingState.OPEN), version)

    async def make_beads(self, project: Path, findings: Sequence[str]) -> Sequence[Made]:
        """Make a bead of each finding that has none, and give all of them; closed ones are opened again.

        Raises BeadworkError.
        """
        found = [self._found(project, name) for name in findings]
        tracker = (await self._workspaces.of(project).snapshot()).tracker
        return await make_beads(tracker, self._house.findings, found, project, self._house.state, reopen=True)

    async def dismiss(self, project: Path, finding: str, reason: str) -> KeptFinding:
        """Write that a finding does not count, and why; later reviews remember it."""
        found = self._found(project, finding)
        self._house.findings.dismiss(found.id, reason)
        return self._found(project, found.id)

    async def take_back(self, project: Path, finding: str) -> KeptFinding:
        """Write that a dismissed finding counts again."""
        found = self._found(project, finding)
        self._house.findings.take_back(found.id)
        return self._found(project, found.id)

    def checkout_of(self, project: Path, subject: str) -> Path:
        """Give the folder where the reviewed commit lies, whether it is there (any more) or not."""
        return self._house.checkouts.review_path(project, subject)

    def signal(self) -> str:
        """Give a text that changes when findings may have; cheap."""
        return self._house.findings.signal()

    def _found(self, project: Path, name: str) -> KeptFinding:
        return self._house.findings.get(str(project), name)

    async def _beads(self, project: Path) -> dict[str, Bead]:
        snapshot = await self._workspaces.of(project).snapshot()
        return {bead.id: bead for bead in snapshot.index.listing.beads}
