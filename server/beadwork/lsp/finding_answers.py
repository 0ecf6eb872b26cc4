"""The answers to commands about reviews and findings.

An editor that does not speak of results itself (`asks`) is shown them as messages. What it leaves out: what
is shown in the files (`findings.py`), which follows by itself.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from beadwork import __version__
from beadwork.checkouts import Subject
from beadwork.findings import Place
from beadwork.lsp import finding_arguments as arguments
from beadwork.lsp.editor import Level
from beadwork.lsp.errors import InvalidArguments
from beadwork.lsp.session import Session
from beadwork.lsp.wire import Reply
from beadwork.workflows import BeadPage, FindingView, Made, Refused, ReviewRequest, RunView, WorkRequest

DISMISSED = "Dismissed in an editor."
"""Why a finding was dismissed, where nobody said."""
_LONGEST = 2000
_SHOWN = 8


class FindingAnswers:
    """What a session answers about findings. All of it may raise BeadworkError."""

    def __init__(self, session: Session, begun: Callable[[RunView | Refused], Reply]) -> None:
        self._session = session
        self._application = session.application
        self._begun = begun

    async def review(self, ask: arguments.ReviewWork) -> Reply:
        """Answer `beadwork.review`."""
        subject = _subject(ask)
        project = await self._session.project(ask.folder)
        request = ReviewRequest(subject, ask.id, ask.create_beads, ask.agent, ask.runner, ask.script)
        return self._begun(await self._application.review(project, request))

    async def list_findings(self, ask: arguments.ListFindings) -> Reply:
        """Answer `beadwork.findings`."""
        project = await self._session.project(ask.folder)
        return Reply(
            {"findings": await self._application.reviews.findings(project, ask.id, everything=ask.all)}
        )

    async def create_beads(self, ask: arguments.CreateBeads) -> Reply:
        """Answer `beadwork.createBeads`."""
        project = await self._session.project(ask.folder)
        made = await self._application.reviews.make_beads(project, ask.findings)
        self._session.findings.look_now()
        return Reply({"made": made}, lambda: self._session.tell(Level.INFO, _made(made)))

    async def dismiss(self, ask: arguments.DismissFinding) -> Reply:
        """Answer `beadwork.dismiss`."""
        project = await self._session.project(ask.folder)
        kept = await self._application.reviews.dismiss(project, ask.finding, ask.reason or DISMISSED)
        return await self._finding(project, kept.id)

    async def take_back(self, ask: arguments.TakeBack) -> Reply:
        """Answer `beadwork.takeBack`."""
        project = await self._session.project(ask.folder)
        kept = await self._application.reviews.take_back(project, ask.finding)
        return await self._finding(project, kept.id)

    async def fix(self, ask: arguments.FixFindings) -> Reply:
        """Answer `beadwork.fix`."""
        project = await self._session.project(ask.folder)
        request = WorkRequest("", agent=ask.agent, runner=ask.runner, script=ask.script)
        return self._begun(await self._application.fix(project, ask.findings, request))

    async def open_bead(self, ask: arguments.OpenBead) -> Reply:
        """Answer `beadwork.openBead`."""
        page = await self._application.page(await self._session.project(ask.folder), ask.id)
        return Reply({"page": page}, lambda: self._session.tell(Level.INFO, _page(page)))

    async def copy(self, ask: arguments.CopyFinding) -> Reply:
        """Answer `beadwork.copyFinding`."""
        project = await self._session.project(ask.folder)
        text = text_of(await self._application.reviews.finding(project, ask.finding))
        return Reply({"text": text}, lambda: self._session.tell(Level.INFO, text))

    async def export(self, ask: arguments.ExportFindings) -> Reply:
        """Answer `beadwork.sarif`."""
        project = await self._session.project(ask.folder)
        return Reply({"sarif": await self._application.reviews.sarif(project, ask.id, __version__)})

    async def _finding(self, project: Path, name: str) -> Reply:
        self._session.findings.look_now()
        return Reply({"finding": await self._application.reviews.finding(project, name)})


def text_of(finding: FindingView) -> str:
    """Give a finding as a text to be copied."""
    place = Place(finding.path, finding.line, finding.end_line) if finding.path else None
    parts = [
        f"{place}: " * bool(place) + f"{finding.title} (P{finding.priority}, {finding.bead or finding.id})",
        finding.description,
        f"It fails when: {finding.failure_scenario}" if finding.failure_scenario else "",
        f"See also {', '.join(map(str, finding.also))}." if finding.also else "",
    ]
    return "\n\n".join(part for part in parts if part)


def _subject(ask: arguments.ReviewWork) -> Subject:
    wanted = {Subject.BEAD: bool(ask.id), Subject.BRANCH: ask.branch, Subject.CHANGES: ask.changes}
    match [subject for subject, is_wanted in wanted.items() if is_wanted]:
        case [subject]:
            return subject
        case _:
            raise InvalidArguments("`beadwork.review` needs one of `id`, `branch` and `changes`.")


def _made(made: Sequence[Made]) -> str:
    new = [each.bead for each in made if each.new]
    there = list(dict.fromkeys(each.bead for each in made if not each.new))
    parts = [f"Made {_listed(new)}." if new else "", f"{_listed(there)} was there already." if there else ""]
    return " ".join(part for part in parts if part)


def _listed(beads: Sequence[str]) -> str:
    more = f" and {len(beads) - _SHOWN} more" if len(beads) > _SHOWN else ""
    return ", ".join(beads[:_SHOWN]) + more


def _page(page: BeadPage) -> str:
    bead = page.bead
    text = f"{bead.id} {bead.title} ({bead.status}, P{bead.priority}, {bead.type})"
    return "\n\n".join(part for part in (text, page.description) if part)[:_LONGEST]
