"""A double of the Application for the command line's tests: data in memory, runs that play by a script.

It keeps what `workflows.Application` promises; nothing starts a process.
"""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

import attrs

from beadwork.beads import BeadNotFound, Group, TrackerMissing, Trouble
from beadwork.executions import Event, ExecutionNotFound, State
from beadwork.workflows import (
    Application,
    BeadPage,
    BeadView,
    ChangesView,
    CloseRequest,
    CommentView,
    CostLine,
    CostsView,
    Failure,
    FindingsView,
    GatesRequest,
    GroupView,
    LandRequest,
    LogPage,
    NotifyResult,
    ProjectView,
    PublishRequest,
    QueueView,
    RefusalCode,
    Refused,
    RelatedView,
    RunView,
    Since,
    WalkRequest,
    WalkView,
    Wanted,
    WorkRequest,
    moment,
)
from beadwork.workflows.showing import EVERYTHING
from eventually import eventually

RUN_ID = "1a2b3c4d-0000-4000-8000-000000000001"


def a_run(**changes: object) -> RunView:
    """Give a run of `demo-1` that completed, with `changes`."""
    run = RunView(
        id=RUN_ID,
        folder="/projects/demo",
        bead="demo-1",
        title="Größe prüfen 検査",
        verb="work",
        state="completed",
        phase=None,
        reason="verified",
        summary="Two commits.",
        agent="scripted agent (no model)",
        runner="sandbox",
        branch="bead/demo-1",
        base="a" * 40,
        head="b" * 40,
        queued_at="2026-01-15T10:30:00.000Z",
        started_at="2026-01-15T10:30:01.000Z",
        ended_at="2026-01-15T10:31:05.000Z",
        cost_usd=0.12,
        input_tokens=1000,
        output_tokens=234,
        log="",
        readable_log="",
        checkout="/nowhere/checkout",
        forced_over=(),
        intent=None,
        attempt=1,
        retry_of="",
        retried_by="",
        not_before=None,
        used_seconds=0.0,
        resumed=0,
        ask=None,
        results={},
        blocked_by="",
        walk="",
        cancellable=False,
        pausable=False,
        resumable=False,
        retryable=False,
        tellable=False,
    )
    return attrs.evolve(run, **changes)  # type: ignore[arg-type]  # a test names the fields it means


def a_running(**changes: object) -> RunView:
    """Give a run that is at work."""
    now: dict[str, object] = {"state": "running", "phase": "agent", "reason": None, "ended_at": None}
    return a_run(**{**now, "cancellable": True, **changes})


def a_bead(**changes: object) -> BeadView:
    """Give a bead that is ready, with `changes`."""
    bead = BeadView(
        id="demo-1",
        title="Größe prüfen 検査",
        status="open",
        type="task",
        priority=2,
        group=Group.READY,
        assignee="",
        labels=(),
        blocked_by=(),
        run=None,
    )
    return attrs.evolve(bead, **changes)  # type: ignore[arg-type]  # as above


def an_event(seq: int, kind: str, **data: object) -> Event:
    """Give an event."""
    return Event(seq, 1768473000.0 + seq, kind, data)


@attrs.define
class Rehearsal:
    """What the double holds, and what it was asked."""

    beads: list[BeadView] = attrs.field(factory=lambda: [a_bead()])
    runs_there: list[RunView] = attrs.field(factory=list)
    log_of: dict[str, list[Event]] = attrs.field(factory=dict)
    answer: RunView | Refused | None = None
    """What `work` and `cancel` answer."""
    trouble: Exception | None = None
    """What every question raises, if anything."""
    failure: Failure | None = None
    troubles: tuple[Trouble, ...] = ()
    tended: tuple[str, ...] = ()
    has_beads: bool = True
    on_wait: Callable[[], RunView] | None = None
    """What happens, and what the run is then, while somebody waits for its end; None: it never ends."""
    ends_after: int = 0
    """How many looks at the runs somebody has before the end for which they wait."""
    looks: int = 0
    asked: list[WorkRequest] = attrs.field(factory=list)
    cancelled: list[str] = attrs.field(factory=list)
    said: list[tuple[object, ...]] = attrs.field(factory=list)
    """What else was done, each as the method's name and what it was given."""
    queue: QueueView = attrs.field(factory=lambda: QueueView((), (), 3, "", ()))
    queue_later: QueueView | None = None
    """What `queue` gives from the second time on, where that is something else."""
    costs: CostsView = attrs.field(factory=lambda: CostsView(0.0, 0.0, CostLine("", 0, 0.0, 0, 0), (), ()))
    walk: WalkView | Refused | None = None
    """What `begin_walk` and `end_walk` answer."""
    notified: tuple[NotifyResult, ...] = ()
    on_answer: Callable[[], RunView | Refused] | None = None
    """What happens, and what the run is then, when its agent is answered; None: as `answer`."""
    reopened: Refused | None = None
    """What `finishing.reopen` answers."""
    changes: ChangesView | None = None
    """What `finishing.changes` answers."""
    patch: str = ""
    closed: int = 0

    def application(self) -> Application:
        """Give the double in the place of the application."""
        return cast("Application", _Double(self))


class _DoubleReviews:
    """Has no reviews: what is done with those is tested with real ones."""

    async def findings(self, project: Path, subject: str = "") -> FindingsView:  # noqa: ARG002  (none at all)
        return FindingsView(str(project), (), ())


class _DoubleFinishing:
    def __init__(self, held: Rehearsal) -> None:
        self.held = held

    async def reopen(self, _project: Path, bead: str) -> Refused | None:
        self.held.said.append(("reopen", bead))
        return self.held.reopened

    async def changes(self, _project: Path, bead: str, since: Since = Since.BASE) -> ChangesView:
        self.held.said.append(("changes", bead, since))
        assert self.held.changes is not None
        return self.held.changes

    async def patch(self, _project: Path, bead: str, since: Since = Since.BASE, *, stat: bool = False) -> str:
        self.held.said.append(("patch", bead, since, stat))
        return self.held.patch

    async def content(self, _project: Path, commit: str, path: str) -> str | None:
        self.held.said.append(("content", commit, path))
        return None


class _Double:
    def __init__(self, held: Rehearsal) -> None:
        self.held = held
        self.reviews = _DoubleReviews()
        self.finishing = _DoubleFinishing(held)

    def _question(self) -> None:
        if self.held.trouble is not None:
            raise self.held.trouble

    async def tend(self) -> Sequence[str]:
        return self.held.tended

    async def project_of(self, folder: Path) -> Path:
        self._question()
        if not self.held.has_beads:
            raise TrackerMissing(f"There are no beads in {folder} or above.")
        return folder

    async def listing(self, project: Path, wanted: Wanted = EVERYTHING) -> ProjectView:
        shown = [bead for bead in self.held.beads if wanted.search in bead.title]
        groups = tuple(
            GroupView(
                group, group.value.replace("_", " ").capitalize(), tuple(b for b in shown if b.group is group)
            )
            for group in Group
        )
        return ProjectView(
            str(project), "demo", "embedded", "", groups, troubles=self.held.troubles, error=self.held.failure
        )

    async def page(self, _project: Path, bead: str) -> BeadPage:
        found = [known for known in self.held.beads if known.id == bead]
        if not found:
            raise BeadNotFound(f"There is no bead {bead} here.")
        return BeadPage(
            bead=found[0],
            description="What it is about.\nSecond line.",
            design="",
            acceptance="Tests pass.",
            notes="",
            created_at="2026-01-15T10:30:00Z",
            updated_at="2026-01-15T10:30:00Z",
            closed_at="",
            close_reason="",
            depends_on=(RelatedView("demo-0", "blocks", "The first", "closed"),),
            dependents=(RelatedView("demo-9", "blocks", "", ""),),
            comments=(CommentView("ada", "Looks good.", "2026-01-15T10:30:00Z"),),
            runs=tuple(run for run in self.held.runs_there if run.bead == bead),
        )

    async def work(self, _project: Path, request: WorkRequest) -> RunView | Refused:
        self.held.asked.append(request)
        return self.held.answer or a_running()

    async def cancel(self, run: str) -> RunView | Refused:
        self.held.cancelled.append(run)
        return self.held.answer or a_running(intent="cancel")

    def _done(self, *what: object) -> RunView | Refused:
        self.held.said.append(what)
        return self.held.answer or a_running()

    async def answer(self, run: str, texts: Sequence[str], ask: str = "") -> RunView | Refused:
        done = self._done("answer", run, tuple(texts), ask)
        return self.held.on_answer() if self.held.on_answer is not None else done

    async def tell(self, run: str, text: str) -> RunView | Refused:
        return self._done("tell", run, text)

    async def pause(self, run: str) -> RunView | Refused:
        return self._done("pause", run)

    async def resume(self, run: str) -> RunView | Refused:
        return self._done("resume", run)

    async def retry(self, run: str, *, force: bool = False) -> RunView | Refused:
        return self._done("retry", run, force)

    async def gates(self, _project: Path, request: GatesRequest) -> RunView | Refused:
        return self._done("gates", request)

    async def publish(self, _project: Path, request: PublishRequest) -> RunView | Refused:
        return self._done("publish", request)

    async def land(self, _project: Path, request: LandRequest) -> RunView | Refused:
        return self._done("land", request)

    async def resolve(self, _project: Path, request: WorkRequest) -> RunView | Refused:
        return self._done("resolve", request)

    async def close_bead(self, _project: Path, request: CloseRequest) -> RunView | Refused:
        return self._done("close_bead", request)

    async def queue(self) -> QueueView:
        now = self.held.queue
        self.held.queue = self.held.queue_later or now
        return now

    async def move_first(self, run: str) -> RunView | Refused:
        return self._done("move_first", run)

    async def begin_walk(self, _project: Path, request: WalkRequest) -> WalkView | Refused:
        self.held.said.append(("begin_walk", request))
        assert self.held.walk is not None
        return self.held.walk

    async def end_walk(self, _project: Path) -> WalkView | Refused:
        self.held.said.append(("end_walk",))
        assert self.held.walk is not None
        return self.held.walk

    async def costs(self, project: Path | None = None, days: int = 30) -> CostsView:
        self.held.said.append(("costs", project is None, days))
        return self.held.costs

    async def notify_test(self) -> Sequence[NotifyResult]:
        return self.held.notified

    async def export(self, run: str) -> str:
        return f"<!doctype html>\n<title>Größe {run}</title>\n"

    async def wait_for_end(self, _run: str) -> RunView:
        if self.held.on_wait is None:
            await asyncio.Event().wait()
            raise AssertionError
        await eventually("the last look", lambda: self.held.looks >= self.held.ends_after)
        return self.held.on_wait()

    async def runs(
        self,
        project: Path | None = None,  # noqa: ARG002  (all its runs are of one project)
        bead: str = "",
        limit: int = 50,
        *,
        states: frozenset[State] | None = None,
        since: float = 0.0,
        text: str = "",
    ) -> Sequence[RunView]:
        return [
            run
            for run in self.held.runs_there
            if (not bead or run.bead == bead)
            and (states is None or State(run.state) in states)
            and (since == 0.0 or run.queued_at >= moment(since))
            and text in f"{run.bead} {run.title} {run.summary}"
        ][:limit]

    async def run(self, run: str) -> RunView:
        found = [known for known in self.held.runs_there if known.id.startswith(run)]
        if len(found) != 1:
            raise ExecutionNotFound(f"No run is called {run}." if not found else f"{run} names several runs.")
        return found[0]

    async def log(self, run: str, after: int = 0, limit: int = 2) -> LogPage:
        events = [event for event in self.held.log_of.get(run, []) if event.seq > after]
        return LogPage(await self.run(run), tuple(events[:limit]), more=len(events) > limit)

    async def projects(self) -> Sequence[str]:
        return sorted({run.folder for run in self.held.runs_there})

    def runs_signal(self) -> str:
        self.held.looks += 1
        return str(sum(map(len, self.held.log_of.values())))

    def close(self) -> None:
        self.held.closed += 1


REFUSED = Refused(RefusalCode.BLOCKED, "demo-1 is blocked by demo-0.", blocked_by=("demo-0",), can_force=True)
