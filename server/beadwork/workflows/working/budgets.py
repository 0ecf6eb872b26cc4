"""What a run may still cost. What it leaves out: the budget of a day (the queue) and of a walk."""

from beadwork.agents import Outcome, OutcomeKind
from beadwork.executions import Execution
from beadwork.settings import Settings


def budget_left(run: Execution, settings: Settings) -> float:
    """Give what a run may still cost, in US dollars; 0 for any."""
    return max(0.0, settings.run_budget - (run.cost_usd or 0.0)) if settings.run_budget else 0.0


def spent_already(run: Execution, settings: Settings) -> Outcome | None:
    """Give the end of a run that has cost all it may before its agent, or a further one, could begin."""
    if not settings.run_budget or budget_left(run, settings) > 0:
        return None
    cost, bound = run.cost_usd or 0.0, settings.run_budget
    words = f"It has cost ${cost:.2f} before it could go on, and ${bound:.2f} is `run_budget`."
    return Outcome(OutcomeKind.FAILED, words, over_budget=True)
