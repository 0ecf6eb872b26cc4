"""Telling people of runs away from the editor: which runs, each state once, and what became of it.

Nothing of this ever fails a run or holds it up. What it leaves out: the words (`announcing.py`), the services
(the room `notify/`).
"""

import asyncio
import datetime
import hashlib
import logging
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from beadwork.errors import BeadworkError
from beadwork.executions import FINAL, Execution, Reason, State, alive
from beadwork.notify import Sent, send
from beadwork.own_programs import own_program
from beadwork.processes import RUN_MARK, start_detached
from beadwork.settings import Layer, Settings, layers_of_user, load, user_file
from beadwork.state_folder import StateFolder
from beadwork.workflows.keeping import small_logs
from beadwork.workflows.people.announcing import announcement_of, sample
from beadwork.workflows.queueing.views import NotifyResult

if TYPE_CHECKING:
    from beadwork.workflows.house import House

logger = logging.getLogger(__name__)

_APART = own_program("beadwork.workflows.people.apart")
_LATELY = 3600.0
"""Seconds for which the end of a run is news."""
_FOLLOWED = 120.0
"""Seconds for which who asked for a run without an agent is taken to follow it."""
_LOOKED_AT = 20
_TROUBLED = frozenset({State.FAILED, State.TIMEOUT})


async def tell_people(house: "House", run: Execution) -> None:
    """Tell people how it stands with `run`, if they want to know; return when they were told. Never fails.

    What was told once, by whichever process, is not told again. What became of it is a line of
    `logs/notifications.log` for each service.
    """
    try:
        settings = _settings_of(run)
        if not worth_telling(run, settings) or not await asyncio.to_thread(_first, house.state, run):
            return
        words = announcement_of(run)
        sent = await send(
            settings.notify,
            words.title,
            words.body,
            timeout=settings.notify_timeout,
            environment=house.environment,
        )
        await asyncio.to_thread(_note_down, house.state, run, sent)
    except (BeadworkError, OSError) as error:
        logger.warning("nobody was told of run %s: %s", run.id[:8], error)


def tell_people_apart(house: "House", run: Execution) -> None:
    """Do what `tell_people` does in a process of its own, and return at once. Never fails.

    For whoever has no time to wait: a run that goes on, a command that comes by.
    """
    try:
        if not worth_telling(run, _settings_of(run)):
            return
        environment = {name: value for name, value in house.environment.items() if name != RUN_MARK}
        start_detached(
            [*_APART, run.id],
            cwd=house.state.root,
            environment={**environment, "BEADWORK_STATE": os.fspath(house.state.root)},
            output=house.state.worker_output,
        )
    except (BeadworkError, OSError) as error:
        logger.warning("nobody was told of run %s: %s", run.id[:8], error)


def tell_people_of_the_lost(house: "House") -> None:
    """Tell people, apart, of runs that ended lately and whose worker was gone before it could tell of them.

    Raises StoreError.
    """
    oldest = time.time() - _LATELY
    for run in house.store.list(states=FINAL, limit=_LOOKED_AT):
        if run.worker is None or (run.ended_at or 0.0) < oldest or _mark(house.state, run).exists():
            continue
        if not alive(run.worker):
            tell_people_apart(house, run)


async def notify_test(house: "House") -> Sequence[NotifyResult]:
    """Send a test to each address of the user's settings; give what became of each. Raises SettingsError."""
    settings = house.user_settings()
    words = sample()
    sent = await send(
        settings.notify,
        words.title,
        words.body,
        timeout=settings.notify_timeout,
        environment=house.environment,
    )
    return [NotifyResult(each.service, each.ok, each.error) for each in sent] + _unknown_states(settings)


def worth_telling(run: Execution, settings: Settings) -> bool:
    """Whether people want to know of `run` as it stands: not of a failure that is being tried again.

    Without an agent it takes seconds as a rule, and who asked for it follows it: of that only trouble is told
    that came when they may have turned to something else.
    """
    if not settings.notify or run.state not in settings.notify_on:
        return False
    if not run.order.verb.by_agent:
        took = (run.ended_at or 0.0) - run.queued_at
        return run.state in _TROUBLED and (took > _FOLLOWED or run.reason is Reason.INTERRUPTED)
    return not (run.state in _TROUBLED and run.retried_by)


def _settings_of(run: Execution) -> Settings:
    """Give the settings of the person who asked for `run`; a project has no say in who is told of it."""
    editor = Layer("editor settings", run.order.settings, trusted=True)
    return load([layers_of_user(user_file())[0], editor]).settings


def _first(state: StateFolder, run: Execution) -> bool:
    """Whether nobody told people of this yet; from now on somebody did."""
    path = _mark(state, run)
    try:
        state.notified.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600, exist_ok=False)
    except FileExistsError:
        return not path.exists()  # it may be the folder that cannot be made
    except OSError as error:  # a full disk is what people have to be told of
        logger.warning("it cannot be written down that people are told of run %s: %s", run.id[:8], error)
    return True


def _mark(state: StateFolder, run: Execution) -> Path:
    """Give the file that stands for people having been told of this."""
    about = (run.state.value, run.ask.id if run.ask else run.resumed)
    mark = hashlib.sha256(repr(about).encode("utf-8", "replace")).hexdigest()[:12]
    return state.notified / f"{run.id}-{mark}"


def _note_down(state: StateFolder, run: Execution, sent: Sequence[Sent]) -> None:
    when = datetime.datetime.now().astimezone().isoformat(timespec="seconds")
    for each in sent:
        words = f"{when} {run.id[:8]} {run.order.bead} {run.state}: {each.service} "
        small_logs.append(state.notifications, words + ("was told" if each.ok else f"failed: {each.error}"))


def _unknown_states(settings: Settings) -> list[NotifyResult]:
    known = {state.value for state in State}
    return [
        NotifyResult(
            "notify_on",
            ok=False,
            error=f"`{word}` is no state of a run; there are {', '.join(sorted(known))}.",
        )
        for word in settings.notify_on
        if word not in known
    ]
