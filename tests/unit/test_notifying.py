"""Which runs people are told of away from the editor, when, and in which words."""

import asyncio
import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beadwork.executions import (
    Ask,
    AskKind,
    Choice,
    Execution,
    Order,
    Question,
    Queue,
    Reason,
    State,
    Store,
    Worker,
    this_worker,
)
from beadwork.executions.store import Again
from beadwork.settings import Settings
from beadwork.state_folder import StateFolder
from beadwork.workflows.house import House, furnish
from beadwork.workflows.keeping import small_logs
from beadwork.workflows.people.announcing import announcement_of
from beadwork.workflows.people.notifying import (
    notify_test,
    tell_people,
    tell_people_apart,
    tell_people_of_the_lost,
    worth_telling,
)
from eventually import eventually
from loopback_services import Service, serving
from trial import open_store, with_file

ASK = Ask(
    "ask-1", AskKind.QUESTION, (Question("Which colour?", (Choice("Red"), Choice("Blue"))), Question("Why?"))
)
any_text = st.text(st.characters(exclude_categories=()))


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """Give the house of a user who has a settings file of their own."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    made = furnish(StateFolder(tmp_path / "state"))
    yield made
    made.store.close()


def settings(tmp_path: Path, **values: object) -> None:
    """Write the user's settings file."""
    file = tmp_path / "config" / "beadwork" / "config.toml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items()), "utf-8")


def order(**more: Any) -> Order:
    """Ask for work on demo-1."""
    return Order(project="/home/ada/shop", bead="demo-1", title="Sell things", **more)


def ended(store: Store, state: State, *, again: Again | None = None, **more: Any) -> Execution:
    """Give a run that began and ended."""
    run = store.add(order(**more))
    store.claim(this_worker(), Queue(slots=9))
    return store.finish(run.id, state, reason=Reason.AGENT_FAILED, summary="It broke.", again=again)


@pytest.mark.parametrize("state", ["completed", "failed", "timeout", "blocked"])
async def test_people_are_told_how_a_run_ended(house: House, tmp_path: Path, state: str) -> None:
    """Once, whoever says it again; with the bead, its title, the summary and the command that goes on."""
    service = Service()
    async with serving(service) as addresses:
        settings(tmp_path, notify=addresses)
        run = ended(house.store, State(state))
        await tell_people(house, run)
        await tell_people(house, run)
    assert len(service.taken) == 1
    message = str(service.taken[0]["message"])
    assert str(service.taken[0]["title"]).startswith("demo-1 ")
    assert "Sell things" in message
    assert "It broke." in message
    assert f"beadwork log {run.id[:8]}" in message
    assert ("beadwork retry" in message) == (state != "completed")


async def test_a_failure_that_is_tried_again_by_itself_is_not_told(house: House, tmp_path: Path) -> None:
    """Nobody is woken for what passes; the last attempt is told."""
    service = Service()
    async with serving(service) as addresses:
        settings(tmp_path, notify=addresses)
        await tell_people(house, ended(house.store, State.FAILED, again=Again(order(), time.time())))
    assert service.taken == []


async def test_a_question_is_told_while_the_agent_waits_and_not_again_when_it_rests(
    house: House, tmp_path: Path
) -> None:
    """The same question is told once; it has its choices, and the command that answers."""
    service = Service()
    async with serving(service) as addresses:
        settings(tmp_path, notify=addresses)
        run = house.store.add(order())
        house.store.claim(this_worker(), Queue(slots=1))
        await tell_people(house, house.store.begin_ask(run.id, ASK))
        kept = house.store.finish(
            run.id, State.NEEDS_INPUT, reason=Reason.AGENT_ASKS, summary="It asks.", ask=ASK
        )
        await tell_people(house, kept)
    assert len(service.taken) == 1
    message = str(service.taken[0]["message"])
    assert "Which colour?\n  1. Red\n  2. Blue\nWhy?" in message
    assert f"beadwork answer {run.id[:8]}" in message


async def test_a_process_apart_tells_without_being_waited_for(house: House, tmp_path: Path) -> None:
    """For a command that comes by and finds a lost run, or a run that goes on."""
    service = Service()
    async with serving(service) as addresses:
        settings(tmp_path, notify=addresses)
        run = ended(house.store, State.FAILED)
        tell_people_apart(house, run)
        await eventually("the notification", lambda: service.taken)
        await eventually("its note", house.state.notifications.exists)
    assert "was told" in house.state.notifications.read_text("utf-8")


async def test_an_end_that_a_worker_could_not_tell_is_told_by_whoever_comes_by(
    house: House, tmp_path: Path
) -> None:
    """Its worker was killed between the end and the telling. Not one that is at it, nor what is long past."""
    service = Service()
    gone = Worker(2**22 + 1, 1.0, "another boot")
    async with serving(service) as addresses:
        settings(tmp_path, notify=addresses)
        run = ended(house.store, State.FAILED)
        tell_people_of_the_lost(house)
        old = attrs.evolve(run, id="old", worker=gone, ended_at=time.time() - 7200)
        lost = attrs.evolve(run, id="lost-one", worker=gone)
        for each in (old, lost):
            house.store.insert(each)
        tell_people_of_the_lost(house)
        await eventually("the notification", lambda: service.taken)
        await eventually("its note", house.state.notifications.exists)
        tell_people_of_the_lost(house)
    assert len(service.taken) == 1
    assert "beadwork log lost-one" in str(service.taken[0]["message"])


async def test_what_became_of_it_is_in_a_log_without_secrets(house: House, tmp_path: Path) -> None:
    """The run's own log is closed by then; a service that fails fails nothing."""
    service = Service("500 Oh no")
    async with serving(service) as addresses:
        settings(tmp_path, notify=[*addresses, "nosuch://t0ken-t0ken"], notify_timeout=10)
        await tell_people(house, ended(house.store, State.FAILED))
    lines = house.state.notifications.read_text("utf-8").splitlines()
    assert len(lines) == 2
    assert "500" in lines[0]
    assert "nosuch failed: Apprise knows no service" in lines[1]
    assert "s3cret" not in "".join(lines)
    assert "t0ken" not in "".join(lines)


async def test_nothing_about_telling_can_fail(house: House, tmp_path: Path) -> None:
    """Broken settings, a state folder that cannot be written: the run's end is not changed by it."""
    run = ended(house.store, State.FAILED)
    settings(tmp_path, notify=7)
    await tell_people(house, run)
    tell_people_apart(house, run)
    service = Service()
    async with serving(service) as addresses:
        settings(tmp_path, notify=addresses)
        house.state.notified.write_text("no folder")
        house.state.notifications.mkdir(parents=True)
        await tell_people(house, run)
    assert len(service.taken) == 1


def test_only_the_states_that_are_wanted_are_told(house: House) -> None:
    """And none without an address."""
    run = ended(house.store, State.FAILED)
    assert worth_telling(run, Settings(notify=("json://host",)))
    assert not worth_telling(run, Settings(notify=("json://host",), notify_on=("completed",)))
    assert not worth_telling(run, Settings())
    assert not worth_telling(attrs.evolve(run, state=State.CANCELLED), Settings(notify=("json://host",)))


async def test_the_test_names_each_service_and_what_is_wrong(house: House, tmp_path: Path) -> None:
    """A word in `notify_on` that is no state is said, for it would never be told."""
    service = Service()
    async with serving(service) as addresses:
        settings(tmp_path, notify=[*addresses, "slack://bad"], notify_on=["finished"])
        results = await notify_test(house)
    assert [(each.service.split()[0], each.ok) for each in results] == [
        ("json", True),
        ("slack", False),
        ("notify_on", False),
    ]
    assert "`finished` is no state" in results[2].error
    assert "test" in str(service.taken[0]["message"])


async def test_a_workspace_cannot_say_where_its_runs_are_told(tmp_path: Path) -> None:
    """A whole run without an editor: the user's address is told, the repository's not, which is said."""
    trial = with_file(tmp_path)
    own, theirs = Service(), Service()
    async with serving(own, theirs) as addresses:
        trial.settings(agent="scripted", runner="plain", notify=[addresses[0]])
        (trial.project / ".beadwork.toml").write_text(f"notify = {json.dumps([addresses[1]])}\n", "utf-8")
        script = trial.script({"say": f"I found {addresses[0]} there."}, {"fail": "The tests do not pass."})
        run = (await asyncio.to_thread(trial.json, "work", "demo-1", "--script", script))["run"]["id"]
        await eventually("the notification", lambda: own.taken, within=90)
        shown = await asyncio.to_thread(trial.run, run)
        listed = await asyncio.to_thread(trial.beadwork, "list", "--json")
    assert "`notify` is only taken from your own settings" in listed
    assert theirs.taken == []
    assert shown["state"] == "failed"
    assert "The tests do not pass." in str(own.taken[0]["message"])
    assert "I found [secret] there." in Path(shown["log"]).read_text("utf-8")
    await asyncio.to_thread(trial.end_all)


async def test_a_live_question_reaches_people_who_have_no_editor_open(tmp_path: Path) -> None:
    """While the agent waits; their answer then goes into the same turn, and the end is told too."""
    trial = with_file(tmp_path)
    service = Service()
    async with serving(service) as addresses:
        trial.settings(agent="scripted", runner="plain", notify=addresses)
        steps = ({"question": "Which colour?", "choices": ["Red", "Blue"]}, {"fail": "No."})
        run = (await asyncio.to_thread(trial.json, "work", "demo-1", "--script", trial.script(*steps)))["run"]
        await eventually("the question", lambda: service.taken, within=90)
        message = str(service.taken[0]["message"])
        await asyncio.to_thread(trial.beadwork, "answer", run["id"], "2")
        await eventually("the end", lambda: len(service.taken) > 1, within=90)
    assert "Which colour?\n  1. Red\n  2. Blue" in message
    assert service.taken[1]["title"] == "demo-1 failed"
    await asyncio.to_thread(trial.end_all)


async def test_a_run_that_lost_its_worker_is_told_by_whoever_finds_it(tmp_path: Path) -> None:
    """Once, however many come by; the one who comes by does not wait for it."""
    trial = with_file(tmp_path)
    service = Service()
    async with serving(service) as addresses:
        trial.settings(agent="scripted", runner="plain", notify=addresses)
        script = trial.script({"say": "I begin."}, {"stall": True})
        run = (await asyncio.to_thread(trial.json, "work", "demo-1", "--script", script))["run"]["id"]
        await eventually("its beginning", lambda: "I begin." in str(trial.events(run)), within=90)
        os.kill(trial.worker(run), signal.SIGKILL)
        await asyncio.gather(*(asyncio.to_thread(trial.beadwork, "list") for _ in range(3)))
        await eventually("the notification", lambda: service.taken, within=90)
        await asyncio.to_thread(trial.beadwork, "list")
    assert [each["title"] for each in service.taken] == ["demo-1 failed"]
    assert "its worker is gone" in str(service.taken[0]["message"])


async def test_a_service_that_hangs_holds_up_neither_its_run_nor_the_queue(tmp_path: Path) -> None:
    """While it is being told, the run has ended, and the only slot is the next one's."""
    trial = with_file(tmp_path)
    hanging = Service(answers=False)
    async with serving(hanging) as addresses:
        trial.settings(agent="scripted", runner="plain", slots=1, notify=addresses, notify_timeout=600)
        script = trial.script({"fail": "No."})
        first = (await asyncio.to_thread(trial.json, "work", "demo-1", "--script", script))["run"]["id"]
        await eventually("the notification", lambda: hanging.taken, within=90)
        assert (await asyncio.to_thread(trial.run, first))["state"] == "failed"
        trial.settings(agent="scripted", runner="plain", slots=1)
        second = (await asyncio.to_thread(trial.json, "work", "demo-3", "--script", script))["run"]["id"]
        assert (await trial.ended(second))["state"] == "failed"
        notes = trial.state / "logs" / "notifications.log"
        assert not notes.exists(), "it was given up before the second run had ended"
    await eventually("its note, when the service is gone", notes.exists, within=90)
    assert "failed: " in notes.read_text("utf-8")


async def test_a_run_is_exported_by_the_command_line(tmp_path: Path) -> None:
    """The page is in the file that was named."""
    trial = with_file(tmp_path)
    trial.settings(agent="scripted", runner="plain")
    script = trial.script({"say": "I look at <it>."}, {"fail": "No."})
    run = trial.json("work", "demo-1", "--script", script)["run"]["id"]
    await trial.ended(run)
    page = tmp_path / "run.html"
    trial.beadwork("log", run, "--export", str(page))
    assert "I look at &lt;it&gt;." in page.read_text("utf-8")
    trial.end_all()


@given(title=any_text, summary=any_text, bead=any_text)
def test_any_text_is_told_as_one_title_and_plain_lines(title: str, summary: str, bead: str) -> None:
    """Nothing in it steers a terminal or turns the reading order, and it can be encoded."""
    run = Execution("1a2b3c4d-", Order("/p", bead, title), State.FAILED, 0.0, summary=summary * 100)
    words = announcement_of(run)
    (words.title + words.body).encode("utf-8")
    assert "\n" not in words.title
    assert not {"\x1b", "\x00", "\u202e"} & set(words.title + words.body)
    assert len(words.title) <= 120
    assert len(words.body) < 4000


def test_every_state_has_words() -> None:
    """Whatever a person asks to be told of."""
    for state in State:
        assert announcement_of(Execution("1a2b3c4d", order(), state, 0.0)).body


def test_a_small_log_is_bounded(tmp_path: Path) -> None:
    """One old one is kept beside it."""
    log = tmp_path / "logs" / "x.log"
    small_logs.append(log, "one\nline")
    assert log.read_text("utf-8") == "one line\n"
    log.write_bytes(b"x" * small_logs.MOST)
    small_logs.append(log, "next")
    assert log.read_text("utf-8") == "next\n"
    assert log.with_name("x.log.old").stat().st_size == small_logs.MOST


async def test_addresses_of_an_editors_settings_stand_in_no_log(tmp_path: Path) -> None:
    """They go along with the order, for its worker; the log leaves them out, and masks them in words."""
    made = with_file(tmp_path)
    address = "json://ada:hunter2secret@127.0.0.1:9/t0kent0ken"
    script = made.script({"say": f"I found {address} somewhere."})
    values = {"notify": [address], "notify_on": [], "cancel_grace": 3}
    asked = attrs.evolve(
        order(agent="scripted", runner="plain", script=script, settings=values), project=str(made.project)
    )
    store = open_store(made)
    run = store.add(asked)
    made.beadwork("queue")
    await made.ended(run.id)
    events = made.events(run.id)
    assert events[0]["order"]["settings"] == {"notify_on": [], "cancel_grace": 3}
    assert "I found [secret] somewhere." in [event.get("text") for event in events]
    log = Path(store.get(run.id).log)
    store.close()
    written = log.read_text() + log.with_suffix(".log").read_text()
    assert not [part for part in ("hunter2secret", "t0kent0ken", address) if part in written]
