"""Where the logs of executions lie. What it leaves out: what is in them."""

import datetime
from pathlib import Path

from beadwork.executions.model import Execution
from beadwork.state_folder import StateFolder


def new_log_path(state: StateFolder, run: Execution) -> Path:
    """Give a path for the log of `run` where there is no file yet: `{local time}-{verb}.jsonl`."""
    folder = state.logs_of(Path(run.order.project), run.order.bead)
    began = run.started_at or run.queued_at
    when = datetime.datetime.fromtimestamp(began, datetime.UTC).astimezone().strftime("%Y-%m-%dT%H-%M-%S")
    name = f"{when}-{run.order.verb.value}"
    path = folder / f"{name}.jsonl"
    number = 2
    while path.exists():
        path = folder / f"{name}-{number}.jsonl"
        number += 1
    return path


def reserve_path(log: Path) -> Path:
    """Give the path of the few bytes that are kept back so that a run's end can be written on a full disk."""
    return log.with_suffix(".reserve")
