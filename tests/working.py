"""A user at work with an agent: starts it, answers it, tells it things, as a server would, and waits.

Workers, agents and boxes are real processes; the agent is the scripted one.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
import pytest

import trial
from beadwork.executions import FINAL, Event, Execution, Intent, State, Store, read_events
from beadwork.state_folder import StateFolder
from beadwork.workflows import Application, Refused, RunView, WorkRequest, build
from eventually import eventually

WORK: tuple[Mapping[str, object], ...] = (
    {"write": "new.txt", "text": "new\n"},
    {"commit": "From the agent"},
    {"done": "Worked."},
)
"""Steps that complete a run."""
SETTINGS = {"agent": "scripted", "runner": "plain", "actor": "Ada", "cancel_grace": 1.0}


@attrs.frozen
class Working:
    """A user with a project, and a server's Application over it."""

    made: trial.Trial
    application: Application
    store: Store

    def settings(self, **values: object) -> None:
        """Write the user's settings."""
        self.made.settings(**{**SETTINGS, **values})

    async def work(self, *steps: Mapping[str, object], bead: str = "demo-1") -> str:
        """Ask for work by an agent that does `steps`; give the run's id."""
        request = WorkRequest(bead, script=self.made.script(*steps))
        return accepted(await self.application.work(self.made.project, request)).id

    async def state(self, run: str, *states: State, live: bool | None = None) -> Execution:
        """Wait until a run is in one of `states`, and give it; another end is told at once."""

        def there() -> bool:
            now = self.store.get(run)
            if now.state in states and live in {None, now.live}:
                return True
            assert now.state not in FINAL, f"{now.state} ({now.reason}): {now.summary}"
            return False

        await eventually(f"{' or '.join(states)}", there, within=trial.DEADLINE)
        return self.store.get(run)

    async def asks(self, run: str, text: str = "") -> Execution:
        """Wait until the agent of a run waits live, for an answer to what has `text` in it."""

        def there() -> bool:
            now = self.store.get(run)
            assert now.state not in FINAL, f"{now.state} ({now.reason}): {now.summary}"
            return now.live and now.ask is not None and text in now.ask.text

        await eventually(f"it asks {text}", there, within=trial.DEADLINE)
        return self.store.get(run)

    async def said(self, run: str, text: str) -> None:
        """Wait until the agent of a run has said `text`."""
        await eventually(f"it says {text}", lambda: text in self.texts(run), within=trial.DEADLINE)

    async def concluded(self, run: str, summary: str) -> None:
        """Wait until the agent of a run has given its result; it is written where its session is kept."""
        homes = self.made.state / "homes"

        def there() -> bool:
            return any(summary in kept.read_text("utf-8") for kept in homes.rglob(".scripted-agent.json"))

        await eventually(f"the result of {run}", there, within=trial.DEADLINE)

    async def answer(self, run: str, *texts: str) -> None:
        """Answer what the agent asks now."""
        accepted(await self.application.answer(run, texts))

    def events(self, run: str) -> Sequence[Event]:
        """Give the events of a run's log, which must have no gap."""
        log = self.store.get(run).log
        events = read_events(Path(log)) if log else []
        assert [event.seq for event in events] == list(range(1, len(events) + 1))
        return events

    def of_kind(self, run: str, kind: str) -> list[Mapping[str, Any]]:
        """Give what the events of one kind hold."""
        return [event.data for event in self.events(run) if event.kind == kind]

    def texts(self, run: str) -> list[str]:
        """Give what the agent said."""
        return [str(data["text"]) for data in self.of_kind(run, "text")]

    def notes(self, run: str) -> str:
        """Give the notes of a run's log."""
        return "\n".join(str(data["text"]) for data in self.of_kind(run, "note"))

    def bead(self, bead: str = "demo-1") -> dict[str, Any]:
        """Give a bead as its file has it."""
        return next(each for each in self.beads() if each["id"] == bead)

    def beads(self) -> list[dict[str, Any]]:
        """Give all beads as their file has them."""
        lines = (self.made.project / ".beads" / "issues.jsonl").read_text("utf-8").splitlines()
        return [json.loads(line) for line in lines]

    def comments(self, bead: str = "demo-1") -> list[str]:
        """Give the comments of a bead."""
        return [str(comment["text"]) for comment in self.bead(bead).get("comments", [])]

    def permissions(self) -> Path:
        """Give the path of the user's standing answers."""
        return self.made.folder / "config" / "beadwork" / "permissions.toml"


def accepted(answer: RunView | Refused) -> RunView:
    """Give the run of an answer that must not be a refusal."""
    assert not isinstance(answer, Refused), answer
    return answer


def working(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Working]]:
    """Give a factory of users at work in whose environment this process is too; what runs on is ended."""
    made: list[Working] = []

    def maker(*beads: Mapping[str, object], **settings: object) -> Working:
        new = trial.with_file(folder, *beads)
        for name, value in new.environment.items():
            monkeypatch.setenv(name, value)
        application = build(StateFolder(new.state))
        place = Working(new, application, trial.open_store(new))
        place.settings(**settings)
        made.append(place)
        return place

    yield maker
    for each in made:
        for run in each.store.queue():
            each.store.intend(run.id, Intent.CANCEL)
        each.made.end_all()
        each.application.close()
        each.store.close()
