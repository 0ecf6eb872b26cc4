"""The composition root: what serve, the command line and a worker all stand on, made in one place.

What it leaves out: using it.
"""

import datetime
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs

from beadwork.agents import Agent, agent_of
from beadwork.beads import Bead, Tracker, open_tracker
from beadwork.checkouts import Checkouts, GitCheckouts
from beadwork.executions import Execution, Order, Queue, Store, Verb, open_store
from beadwork.findings import Finding, FindingStore, KeptFinding, open_findings
from beadwork.own_programs import own_program
from beadwork.settings import Layer, Loaded, Settings, layers_of_user, load, read_layer, user_file
from beadwork.state_folder import StateFolder
from beadwork.workflows.people.notifying import tell_people_apart
from beadwork.workflows.settling import is_open
from beadwork.workflows.working.bench import Bench
from beadwork.workflows.working.telling_agent import Desk

WORKSPACE_SETTINGS = ".beadwork.toml"


@attrs.frozen
class House:
    """The parts, and what depends on a project's settings."""

    state: StateFolder
    store: Store
    checkouts: Checkouts
    findings: FindingStore
    environment: Mapping[str, str]
    """The user's own; programs are found and agents are configured by it."""
    editor: Layer | None = None
    """The editor's own settings, the last layer."""
    said: str = ""
    """What a person must know of how it was opened, such as that the store was made anew; else empty."""
    worker_argv: Sequence[str] = own_program("beadwork", "worker")

    def close(self) -> None:
        """Let go of the stores."""
        self.findings.close()
        self.store.close()

    def user_settings(self) -> Settings:
        """Give the settings of the user's own file: of what all windows and workers share.

        How the queue is served, who is told, and what is kept cannot differ from window to window.
        Raises SettingsError.
        """
        return load([layers_of_user(user_file())[0]]).settings

    def queue(self) -> Queue:
        """Give how the queue is served now. Raises SettingsError."""
        settings = self.user_settings()
        today = datetime.datetime.now().astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
        return Queue(
            slots=settings.slots,
            by_priority=settings.queue_order == "priority",
            budget_usd=settings.day_budget,
            budget_since=today.timestamp(),
        )

    def settings_for(self, project: Path) -> Loaded:
        """Give the settings that hold in a project, with warnings about their files. Raises SettingsError."""
        general, own = layers_of_user(user_file(), project)
        return load([general, read_layer(project / WORKSPACE_SETTINGS, trusted=False), own, self.editor])

    def as_asked(self, values: Mapping[str, object]) -> "House":
        """Give the house with the settings of the editor that asked for something, where it had any."""
        return attrs.evolve(self, editor=Layer("editor settings", values, trusted=True)) if values else self

    def editor_values(self) -> Mapping[str, object]:
        """Give the editor's settings for an order: a worker has no editor to ask."""
        return dict(self.editor.values) if self.editor else {}

    async def actor(self, project: Path) -> str:
        """Give the name that claims beads and signs comments there."""
        return self.settings_for(project).settings.actor or await self.checkouts.user_name(project)

    async def open_tracker(self, project: Path) -> Tracker:
        """Open the beads of a project. Raises TrackerError, SettingsError."""
        settings = self.settings_for(project).settings
        return await open_tracker(
            project,
            bd=settings.bd,
            timeout=settings.bd_timeout,
            locks=self.state.locks,
            environment=self.environment,
        )

    def agent_for(self, order: Order, settings: Settings) -> Agent:
        """Make the agent that an order names. Raises AgentError."""
        script = order.script or settings.script
        return agent_of(
            order.agent or settings.agent,
            claude=settings.claude,
            allow=settings.allow,
            environment=self.environment,
            script=Path(script).expanduser() if script else None,
        )

    def check(self, order: Order) -> None:
        """Raise AgentError when the agent that `order` names cannot start: said now, not in a log later."""
        self.agent_for(order, self.settings_for(order.workspace).settings).check()

    def desk_for(self, project: Path, settings: Settings, tracker: Tracker) -> Desk:
        """Lay out what it takes to tell an agent of the beads of a project."""
        return Desk(
            workspace=project,
            settings=settings,
            state=self.state,
            tracker=tracker,
            checkouts=self.checkouts,
            runs=lambda bead: self._work_on(project, bead),
        )

    def _work_on(self, project: Path, bead: str) -> Sequence[Execution]:
        """Give the runs that worked on a bead, the newest first; what reviews found is told apart."""
        runs = self.store.list(project=str(project), bead=bead)
        return [run for run in runs if run.order.verb is Verb.WORK]

    def open_findings(self, project: str, bead: str, beads: Sequence[Bead]) -> Sequence[str]:
        """Give the findings of the newest review of a bead that still count, as an agent reads them.

        `beads` are those of the project.
        """
        reviewed = {review.run: review.at for review in self.findings.newest(project, bead)}
        known = {each.id: each for each in beads}
        return [
            _in_a_line(each.finding)
            for each in self.findings.current(project, bead)
            if is_open(each, known, reviewed.get(each.run, 0.0))
        ]

    def findings_in_full(self, project: str, names: Sequence[str]) -> Sequence[str]:
        """Give findings with all that was said of them. Raises FindingNotFound."""
        return [_in_full(self.findings.get(project, name)) for name in names]

    async def bench_for(self, order: Order) -> Bench:
        """Lay out what a worker needs for an order. Raises BeadworkError."""
        settings = self.settings_for(order.workspace).settings
        tracker = await self.open_tracker(order.workspace)
        return Bench(
            settings=settings,
            state=self.state,
            tracker=tracker,
            checkouts=self.checkouts,
            agent=self.agent_for(order, settings),
            actor=await self.actor(order.workspace),
            desk=self.desk_for(order.workspace, settings, tracker),
            open_findings=lambda bead, beads: self.open_findings(order.project, bead, beads),
            findings_of=lambda names: self.findings_in_full(order.project, names),
            announce=lambda run: tell_people_apart(self, run),
        )


def _in_a_line(finding: Finding) -> str:
    return f"P{finding.priority} {finding.place or ''} {finding.title}".replace("  ", " ")


def _in_full(kept: KeptFinding) -> str:
    finding = kept.finding
    parts = [
        _in_a_line(finding),
        finding.description,
        f"It fails when: {finding.failure_scenario}" if finding.failure_scenario else "",
        *(f"See also {place}" for place in finding.also),
    ]
    return "\n".join(part for part in parts if part)


def furnish(state: StateFolder, editor: Layer | None = None) -> House:
    """Make the house. Raises StateFolderError, StoreError."""
    state.create()
    store, said = open_store(state)
    try:
        findings, said_of_findings = open_findings(state.findings)
    except BaseException:
        store.close()
        raise
    return House(
        state=state,
        store=store,
        checkouts=GitCheckouts(state),
        findings=findings,
        environment=dict(os.environ),
        editor=editor,
        said=" ".join(filter(None, [said, said_of_findings])),
    )
