"""What agents cost: per day and per bead, of one project or of all. What it leaves out: single runs."""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from beadwork.executions import Spending
from beadwork.workflows.house import House
from beadwork.workflows.queueing.views import CostLine, CostsView


def costs_view(house: House, project: Path | None, days: int) -> CostsView:
    """Show what runs of the last `days` days cost, today among them. Raises SettingsError, StoreError.

    A run counts on the local day it ended on or came to rest; one that goes on, today.
    """
    serving = house.queue()
    today = datetime.datetime.fromtimestamp(serving.budget_since).astimezone().date()
    first = today - datetime.timedelta(days=max(1, days) - 1)
    since = datetime.datetime.combine(first, datetime.time()).astimezone().timestamp()
    spendings = house.store.costs.since(since, str(project) if project else None)
    by_day: dict[str, list[Spending]] = defaultdict(list)
    by_bead: dict[tuple[str, str], list[Spending]] = defaultdict(list)
    for each in spendings:
        by_day[_day(each.at)].append(each)
        by_bead[each.project, each.bead].append(each)
    beads = [_line(bead, those) for (_, bead), those in by_bead.items()]
    return CostsView(
        today_usd=house.store.spent(serving.budget_since),
        day_budget_usd=serving.budget_usd,
        total=_line("", spendings),
        by_day=tuple(_line(day, by_day[day]) for day in sorted(by_day, reverse=True)),
        by_bead=tuple(sorted(beads, key=_dearest)),
    )


def _day(moment: float) -> str:
    return datetime.datetime.fromtimestamp(moment).astimezone().date().isoformat()


def _dearest(line: CostLine) -> tuple[float, str]:
    return -line.cost_usd, line.name


def _line(name: str, spendings: Sequence[Spending] | Iterable[Spending]) -> CostLine:
    those = list(spendings)
    return CostLine(
        name=name,
        runs=len(those),
        cost_usd=sum(each.cost_usd for each in those),
        input_tokens=sum(each.input_tokens for each in those),
        output_tokens=sum(each.output_tokens for each in those),
    )
