"""What agents cost: by local day and by bead, of one project and of all."""

import datetime
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

import trial
from bead_places import record
from beadwork.executions import State
from quiet_house import Quiet, quiet

Maker = Callable[..., Quiet]

DAY = 24 * 3600.0


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Maker]:
    """A factory of users whose workers do nothing, in a zone far from UTC."""
    made: list[Quiet] = []

    def maker(*beads: Mapping[str, object], **settings: object) -> Quiet:
        user = trial.with_file(tmp_path, *beads)
        user.settings(**{"agent": "scripted", "actor": "Ada", **settings})
        for name, value in {**user.environment, "TZ": "Pacific/Auckland"}.items():
            monkeypatch.setenv(name, value)
        time.tzset()
        made.append(new := quiet(user))
        return new

    yield maker
    monkeypatch.undo()
    time.tzset()
    for each in made:
        each.application.close()


async def spent(user: Quiet, bead: str, usd: float, *, days_ago: float = 0.0, ends: bool = True) -> None:
    """Let a run of `bead` cost so much, and have ended so many days ago."""
    run = await user.begun(bead, cost_usd=usd, input_tokens=100, output_tokens=10)
    if not ends:
        return
    user.end(run.id, State.CANCELLED)
    noon = datetime.datetime.now().astimezone().replace(hour=12, minute=0)
    database = sqlite3.connect(user.made.state / "beadwork.sqlite3")
    with database:
        database.execute(
            "UPDATE execution SET ended_at = ? WHERE id = ?", (noon.timestamp() - days_ago * DAY, run.id)
        )
    database.close()


def day(days_ago: int) -> str:
    """Give the local day so many days ago."""
    return (datetime.datetime.now().astimezone().date() - datetime.timedelta(days=days_ago)).isoformat()


async def test_runs_count_on_the_local_day_they_ended_and_those_that_go_on_today(make: Maker) -> None:
    """The newest day first, the dearest bead first, and a total of all that is shown."""
    user = make(record("demo-1"), record("demo-2"), record("demo-3"), day_budget=5.0)
    await spent(user, "demo-1", 0.5, days_ago=2)
    await spent(user, "demo-1", 0.25)
    await spent(user, "demo-2", 2.0, days_ago=40)
    await spent(user, "demo-3", 1.0, ends=False)
    costs = await user.application.costs()
    assert [(line.name, line.runs, line.cost_usd) for line in costs.by_day] == [
        (day(0), 2, 1.25),
        (day(2), 1, 0.5),
    ]
    assert [(line.name, line.runs, line.cost_usd) for line in costs.by_bead] == [
        ("demo-3", 1, 1.0),
        ("demo-1", 2, 0.75),
    ]
    assert (costs.total.runs, costs.total.cost_usd) == (3, 1.75)
    assert (costs.total.input_tokens, costs.total.output_tokens) == (300, 30)
    assert (costs.today_usd, costs.day_budget_usd) == (1.25, 5.0)


async def test_today_alone_and_long_ago(make: Maker) -> None:
    """One day is today; enough days have everything."""
    user = make(record("demo-1"))
    await spent(user, "demo-1", 0.5, days_ago=1)
    await spent(user, "demo-1", 0.25)
    await spent(user, "demo-1", 2.0, days_ago=40)
    assert (await user.application.costs(days=1)).total.cost_usd == 0.25
    assert (await user.application.costs(days=2)).total.cost_usd == 0.75
    assert (await user.application.costs(days=60)).total.cost_usd == 2.75


async def test_a_projects_costs_are_its_own_and_todays_are_of_all(make: Maker) -> None:
    """The budget of the day is over all projects, so what counts against it is too."""
    user = make(record("demo-1"))
    await spent(user, "demo-1", 0.25)
    elsewhere = await user.application.costs(user.made.folder / "elsewhere")
    assert (elsewhere.total.runs, elsewhere.by_day, elsewhere.by_bead) == (0, (), ())
    assert elsewhere.today_usd == 0.25
    assert (await user.application.costs(user.project)).total.cost_usd == 0.25


async def test_what_never_began_is_not_counted_and_what_told_no_cost_is(make: Maker) -> None:
    """A run without a cost is a run all the same; one that was cancelled in the queue is none."""
    user = make(record("demo-1"), record("demo-2"))
    run = await user.queued("demo-1")
    await user.application.cancel(run.id)
    run = await user.begun("demo-2")
    user.end(run.id, State.FAILED)
    costs = await user.application.costs()
    assert (costs.total.runs, costs.total.cost_usd) == (1, 0.0)
