"""What a log knows of its execution: enough to put it into a store that was lost.

What it leaves out: the store (`rebuilding.py`).
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs

from beadwork.executions.asking import Ask, ask_of
from beadwork.executions.assignment import KEPT_IN_LOG
from beadwork.executions.encoding import event_of
from beadwork.executions.ending import Conclusion, conclusion_of_log
from beadwork.executions.events import Event, EventKind
from beadwork.executions.model import Execution, Phase, Reason, State, Worker
from beadwork.executions.rows import order_of

_TELLING = re.compile(rb'^.{0,100}?"kind":"(run|state|cost|git|question)"')
"""What begins the lines that are worth reading; the rest of a log is the agent's, and long."""


def execution_of_log(path: Path) -> Execution | None:
    """Give the execution that the log at `path` is of; None for one that does not say it, as older ones.

    One whose log has no end comes as running, with the worker that the log names, dead or alive.
    Raises OSError.
    """
    recollected: Execution | None = None
    for event in _telling_events(path):
        if recollected is None and not _is_header(event):
            continue
        try:
            recollected = _after(recollected, event) if recollected else _begun(None, event, path)
        except (ValueError, KeyError, TypeError, AttributeError):
            if recollected is None:
                return None  # a header of another version
    return _settled(recollected) if recollected else None


def _telling_events(path: Path) -> Iterator[Event]:
    with path.open("rb") as file:
        for line in file:
            if _TELLING.match(line) and (event := event_of(line)) is not None:
                yield event


def _is_header(event: Event) -> bool:
    return event.kind == EventKind.RUN and "order" in event.data


def _begun(before: Execution | None, header: Event, path: Path) -> Execution:
    data: Mapping[str, Any] = header.data
    worker = data.get("worker")
    fresh = before or Execution(
        id=str(data["run"]),
        order=order_of(data["order"]),
        state=State.RUNNING,
        queued_at=float(data["queuedAt"]),
        log=str(path),
        attempt=int(data["attempt"]),
        retry_of=str(data["retryOf"]),
    )
    return attrs.evolve(
        fresh,
        state=State.RUNNING,
        worker=Worker(int(worker["pid"]), float(worker["started"]), str(worker["boot"])) if worker else None,
        started_at=float(data.get("startedAt") or header.at),
        resumed=int(data.get("resumed", 0)),
        reason=None,
        ended_at=None,
        summary="",
        ask=None,
        told=False,
    )


def _after(run: Execution, event: Event) -> Execution:
    """Give `run` with what `event` says of it."""
    data: Mapping[str, Any] = event.data
    match event.kind:
        case EventKind.RUN if _is_header(event):
            return _begun(run, event, Path(run.log))
        case EventKind.RUN:
            kept = {name: str(data[word]) for name, word in KEPT_IN_LOG.items() if word in data}
            given: Mapping[str, object] = data.get("results", {})
            return attrs.evolve(run, results={**run.results, **given}, **kept)  # type: ignore[arg-type]
        case EventKind.COST:
            return _with_cost(run, data)
        case EventKind.GIT:
            return attrs.evolve(run, head=str(data.get("head", run.head)))
        case EventKind.QUESTION:
            return attrs.evolve(run, ask=_ask(data))
        case _:
            return _in_state(run, event)


def _ask(data: Mapping[str, Any]) -> Ask:
    return ask_of(data["ask"])


def _with_cost(run: Execution, data: Mapping[str, Any]) -> Execution:
    usd = data.get("usd")
    return attrs.evolve(
        run,
        cost_usd=float(usd) if usd is not None else run.cost_usd,
        input_tokens=int(data.get("inputTokens", run.input_tokens)),
        output_tokens=int(data.get("outputTokens", run.output_tokens)),
    )


def _in_state(run: Execution, event: Event) -> Execution:
    end = conclusion_of_log([event], resumed=0)
    if end is None:
        state = State(str(event.data["state"]))
        phase = event.data.get("phase")
        return attrs.evolve(run, state=state, phase=Phase(str(phase)) if phase else run.phase)
    return _ended(run, event, end)


def _ended(run: Execution, event: Event, end: Conclusion) -> Execution:
    used: Any = event.data.get("used", run.used)
    rests = end.state in {State.NEEDS_INPUT, State.PAUSED}
    return attrs.evolve(
        run,
        state=end.state,
        phase=None,
        reason=end.reason,
        summary=end.summary,
        ended_at=event.at,
        used=float(used),
        worker=None if rests else run.worker,
        blocked_by=str(event.data.get("blockedBy", "")),
        # Logs that do not say it are older; to tell all those beads twice would be worse than missing one.
        told=event.data.get("told", True) is True,
    )


def _settled(run: Execution) -> Execution:
    """Give `run` with a question where it waits for an answer; as running where that is not known."""
    if run.state is not State.NEEDS_INPUT:
        return attrs.evolve(run, ask=None)
    return attrs.evolve(run, state=State.RUNNING) if run.worker is not None and run.ask is None else run


def interrupted(run: Execution) -> Execution:
    """Give `run` as ended, because nothing is known of how it ended."""
    words = "Interrupted: the store was lost, and its log has no end."
    return attrs.evolve(
        run,
        state=State.FAILED,
        reason=Reason.INTERRUPTED,
        summary=words,
        ended_at=run.started_at,
        ask=None,
    )
