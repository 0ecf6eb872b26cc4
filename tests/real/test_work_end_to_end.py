"""A bead, worked on for real: bd, git, the language server, a worker, a box and Claude Code.

Only the model is played, by a server on the loopback.
"""

import json
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import trial
from bead_places import BdPlace
from beadwork.state_folder import StateFolder
from eventually import eventually
from left_behind import carrying, new_token
from loopback_api import DUMMY_KEY, LoopbackApi, bash, done, reply, structured, text, tool
from repositories import picture

pytestmark = [pytest.mark.bd, pytest.mark.claude, pytest.mark.bubblewrap]

Api = Callable[..., LoopbackApi]
RUNNERS = pytest.mark.parametrize("runner", ["sandbox", "plain"])


Made = tuple[trial.Trial, BdPlace, str]
Maker = Callable[[LoopbackApi, str], Made]


@pytest.fixture
def make(tmp_path: Path, bd_program: Path, claude_program: Path) -> Iterator[Maker]:
    """A factory of trials; whatever still runs at the end of the test is ended."""
    made: list[trial.Trial] = []

    def maker(api: LoopbackApi, runner: str) -> Made:
        made.append((new := _made(tmp_path, bd_program, claude_program, api, runner))[0])
        return new

    yield maker
    for each in made:
        each.end_all()


def _made(folder: Path, bd: Path, claude: Path, api: LoopbackApi, runner: str) -> Made:
    """Make a trial with one bead; give it, its bd, and the bead's id."""
    made, place = trial.with_bd(folder, bd, claude.parent, **api.environment)
    made.settings(agent="claude", runner=runner, actor="Ada", cancel_grace=1.0, allow=["Bash"])
    bead = str(json.loads(place.bd("create", "--title=Greet the world", "-t", "task", "--json"))["id"])
    return made, place, bead


@RUNNERS
async def test_a_bead_is_worked_on_and_the_repository_untouched(
    make: Maker, loopback_api: Api, runner: str
) -> None:
    """Commits come back by name, the bead is labelled and told; nothing else differs by a byte."""
    api = loopback_api()
    made, place, bead = make(api, runner)
    greeting = StateFolder(made.state).checkout_of(made.project, bead) / "greeting.txt"
    api.add(
        reply(text("I write the greeting."), tool("Write", file_path=str(greeting), content="hello\n")),
        reply(bash("git add greeting.txt && git commit -q -m 'demo: greet the world'")),
        reply(done("Wrote the greeting.")),
    )
    made.repository.write("mine.txt", "not committed\n")
    made.repository.git("stash", "push", "--quiet", "--include-untracked", "--", "mine.txt")
    made.repository.write("other", "changed by hand\n")
    async with made.editor() as editor:
        listed = (await editor.command("list"))["projects"][0]
        assert listed["tracker"].startswith("bd 1.2.2")
        before = picture(made.project, without_objects=True)
        page = (await editor.command("show", id=bead))["page"]
        run = (await editor.command("work", id=bead))["run"]
        assert page["bead"]["group"] == "ready"
        events = await trial.output_until(editor, run["id"], lambda _: False)
    run = await made.ended(run["id"])
    assert (run["state"], run["reason"]) == ("completed", "verified"), events
    after = picture(made.project, without_objects=True)
    assert _outside_beads(after) == _outside_beads(before)
    assert made.repository.git("show", f"bead/{bead}:greeting.txt") == "hello"
    shown = json.loads(place.bd("show", bead, "--json"))[0]
    assert shown["labels"] == ["work-done"]
    assert (shown["status"], shown["assignee"]) == ("in_progress", "Ada")
    comments = json.loads(place.bd("comments", bead, "--json"))
    assert "Wrote the greeting." in comments[0]["text"]
    assert run["id"][:8] in comments[0]["text"]
    _assert_complete(made, run["id"], events)
    assert "Greet the world" in api.turns_asked[0].user_text()
    assert DUMMY_KEY not in Path(run["log"]).read_text("utf-8")
    assert not made.processes(run["id"])


def children(token: str) -> str:
    """Give a command that starts a sleeper in its own session, and a deaf one without any mark."""
    deaf = 'trap "" TERM INT HUP; echo deaf > deaf; while :; do sleep 600; done'
    return (
        f"setsid bash -c 'exec -a {token} sleep 600' & "
        f"setsid env -i /bin/sh -c '{deaf}' {token} & "
        "while [ ! -e deaf ]; do sleep 0.05; done; echo started > started; wait"
    )


@RUNNERS
@pytest.mark.parametrize("server", ["same", "killed"])
async def test_cancel_leaves_no_process_of_the_run(
    make: Maker, loopback_api: Api, runner: str, server: str
) -> None:
    """A child in its own session and one deaf to signals are gone; also when the first server was killed."""
    token = new_token()
    api = loopback_api(reply(text("I start something."), bash(children(token))))
    made, place, bead = make(api, runner)
    async with made.editor() as first:
        run = (await first.command("work", id=bead))["run"]["id"]
        started = Path((await first.command("log", run=run))["run"]["checkout"]) / "started"
        await eventually("the children run", started.exists, within=trial.DEADLINE)
        assert len(made.processes(run)) > 3
        if server == "killed":
            first.kill()
        else:
            await first.command("cancel", run=run)
    assert server == "same" or made.run(run)["state"] == "running"
    async with made.editor() as second:
        await second.command("cancel", run=run)
        ended = await made.ended(run)
    assert (ended["state"], ended["reason"]) == ("cancelled", "cancelled")
    assert not made.processes(run)
    assert not carrying(token)
    shown = json.loads(place.bd("show", bead, "--json"))[0]
    assert shown["status"] == "open"
    assert not shown.get("assignee")
    _assert_complete(made, run, ())


async def test_a_worker_that_is_killed_leaves_an_interrupted_run(make: Maker, loopback_api: Api) -> None:
    """Nothing runs on without its worker; the next command says what happened and gives the bead back."""
    token = new_token()
    api = loopback_api(reply(bash(children(token))))
    made, place, bead = make(api, "plain")
    run = made.json("work", bead)["run"]["id"]
    started = Path(made.run(run)["checkout"]) / "started"
    await eventually("the children run", started.exists, within=trial.DEADLINE)
    os.kill(made.worker(run), signal.SIGKILL)
    await eventually("all of the run is gone", lambda: not made.processes(run) and not carrying(token))
    ended = await made.ended(run)
    assert (ended["state"], ended["reason"]) == ("failed", "interrupted")
    made.beadwork("list")
    assert json.loads(place.bd("show", bead, "--json"))[0]["status"] == "open"
    assert "Interrupted" in place.bd("comments", bead, "--json")
    _assert_complete(made, run, ())


async def test_an_agent_whose_commit_was_denied_is_not_done(make: Maker, loopback_api: Api) -> None:
    """It says done all the same; the run says that it is not, and the bead is not marked."""
    api = loopback_api(
        reply(bash("echo hi > a && git add a && git -c user.name=n commit -q -m x && curl --version")),
        reply(done("All done.")),
    )
    made, place, bead = make(api, "plain")
    made.settings(agent="claude", runner="plain", actor="Ada")
    run = made.json("work", bead)["run"]["id"]
    await _asks(made, run)
    made.json("answer", run, "Deny")
    ended = await _over(made, run)
    assert (ended["state"], ended["reason"]) == ("failed", "denied")
    assert "was denied" in ended["summary"]
    shown = json.loads(place.bd("show", bead, "--json"))[0]
    assert shown["status"] == "open"
    assert not shown.get("labels")


async def test_leave_for_the_project_is_asked_for_once(make: Maker, loopback_api: Api) -> None:
    """The second run of another bead finds it in the user's own file."""
    call = bash("curl --version > a && git add a && git -c user.name=n commit -q -m x")
    api = loopback_api(reply(call), reply(done("All done.")), reply(call), reply(done("All done.")))
    made, place, bead = make(api, "plain")
    made.settings(agent="claude", runner="plain", actor="Ada")
    run = made.json("work", bead)["run"]["id"]
    asked = await _asks(made, run)
    assert (asked["kind"], asked["tool"]) == ("permission", "Bash")
    made.json("answer", run, "Always allow in this project")
    assert (await _over(made, run))["state"] == "completed"
    other = str(json.loads(place.bd("create", "--title=Once more", "--json"))["id"])
    again = made.json("work", other)["run"]["id"]
    assert (await _over(made, again))["state"] == "completed"
    answers = [event["by"] for event in made.events(again) if event["kind"] == "answer"]
    assert answers == ["standing"]


async def test_two_calls_at_once_are_asked_about_one_after_the_other(make: Maker, loopback_api: Api) -> None:
    """Each has its own answer, and the agent hears of both."""
    api = loopback_api(
        reply(bash("curl --version > first"), bash("wget --version > second")), reply(done("Nothing."))
    )
    made, _, bead = make(api, "plain")
    made.settings(agent="claude", runner="plain", actor="Ada")
    run = made.json("work", bead)["run"]["id"]
    asked = await _asks(made, run)
    made.json("answer", run, "Allow once")
    other = await _asks(made, run, other_than=asked["id"])
    assert {asked["title"], other["title"]} == {"curl --version > first", "wget --version > second"}
    made.json("answer", run, "Deny")
    await _over(made, run)
    results = [event["ok"] for event in made.events(run) if event["kind"] == "tool_result"]
    assert sorted(results[:2]) == [False, True]


WAY = tool(
    "AskUserQuestion",
    questions=[
        {
            "question": "Which way?",
            "header": "Way",
            "options": [{"label": "left", "description": "short"}, {"label": "right", "description": "long"}],
            "multiSelect": False,
        }
    ],
)
COMMIT = bash("echo hello > greeting.txt && git add greeting.txt && git commit -q -m 'demo: greet'")


@RUNNERS
async def test_a_question_of_the_agent_is_answered_live(make: Maker, loopback_api: Api, runner: str) -> None:
    """A choice by its number reaches the same turn; then the work goes on."""
    api = loopback_api(reply(WAY), reply(COMMIT), reply(done("Went right.")))
    made, _, bead = make(api, runner)
    run = made.json("work", bead)["run"]["id"]
    asked = await _asks(made, run)
    assert [choice["label"] for choice in asked["questions"][0]["choices"]] == ["left", "right"]
    made.json("answer", run, "2")
    ended = await _over(made, run)
    assert (ended["state"], ended["resumed"]) == ("completed", 0)
    assert "right" in api.turns_asked[1].user_text()
    _assert_complete(made, run, ())


async def test_a_question_that_nobody_answers_in_time_is_answered_later(
    make: Maker, loopback_api: Api
) -> None:
    """The agent is ended and its session goes on with the answer."""
    api = loopback_api(reply(WAY), reply(COMMIT), reply(done("Went right.")))
    made, place, bead = make(api, "plain")
    made.settings(agent="claude", runner="plain", actor="Ada", allow=["Bash"], answer_patience=0.5)
    run = made.json("work", bead)["run"]["id"]
    await eventually("it rests", lambda: made.run(run)["reason"] == "agent-asks", within=trial.DEADLINE)
    assert not made.processes(run)
    assert "Which way?" in place.bd("comments", bead, "--json")
    made.json("answer", run, "right")
    ended = await _over(made, run)
    assert (ended["state"], ended["resumed"]) == ("completed", 1)
    assert "You asked: Which way?\nThe answer: right" in api.turns_asked[1].user_text()
    assert "Greet the world" in api.turns_asked[1].user_text()
    _assert_complete(made, run, ())


@RUNNERS
async def test_a_pause_in_the_middle_of_a_command_and_on_again(
    make: Maker, loopback_api: Api, runner: str
) -> None:
    """The command is gone with all of the run; the session knows of it, and the log is one."""
    token = new_token()
    api = loopback_api(reply(bash(f"touch started && bash -c 'exec -a {token} sleep 600'")))
    made, place, bead = make(api, runner)
    run = made.json("work", bead)["run"]["id"]
    started = Path(made.run(run)["checkout"]) / "started"
    await eventually("the command runs", started.exists, within=trial.DEADLINE)
    made.json("pause", run)
    await eventually("it is paused", lambda: made.run(run)["state"] == "paused", within=trial.DEADLINE)
    assert not made.processes(run)
    assert not carrying(token)
    assert json.loads(place.bd("show", bead, "--json"))[0]["status"] == "in_progress"
    api.add(reply(COMMIT), reply(done("Went on.")))
    made.json("resume", run)
    ended = await _over(made, run)
    assert (ended["state"], ended["resumed"]) == ("completed", 1)
    assert "You were interrupted." in api.turns_asked[-1].user_text()
    assert token in json.dumps(api.turns_asked[-1].body["messages"])
    _assert_complete(made, run, ())


async def test_a_blocker_is_one_bead_in_bd(make: Maker, loopback_api: Api) -> None:
    """Two agents meet it; both beads wait for it, and are ready when it is closed."""
    stuck = structured(status="blocked", summary="Stuck.", blocker="The mail key is missing.", question="")
    api = loopback_api(reply(stuck), reply(stuck))
    made, place, bead = make(api, "plain")
    other = str(json.loads(place.bd("create", "--title=Another", "--json"))["id"])
    runs = [await _over(made, made.json("work", each)["run"]["id"]) for each in (bead, other)]
    assert [(run["state"], run["reason"]) for run in runs] == [("blocked", "agent-blocked")] * 2, runs
    (blocker,) = {run["blockedBy"] for run in runs}
    assert place.ids("ready") == {blocker}
    shown = json.loads(place.bd("show", blocker, "--json"))[0]
    assert (shown["title"], shown["issue_type"], shown["priority"]) == ("The mail key is missing", "bug", 1)
    assert shown["labels"] == ["agent-blocker"]
    assert other in place.bd("comments", blocker, "--json")
    place.bd("close", blocker)
    assert place.ids("ready") == {bead, other}


async def _asks(made: trial.Trial, run: str, *, other_than: str = "") -> dict[str, Any]:
    """Wait until the agent of a run waits for an answer, and give what it asks."""
    asked: dict[str, Any] = {}

    def there() -> bool:
        shown = made.run(run)
        assert shown["state"] in {"queued", "running", "needs_input"}, shown
        asked.update(shown["ask"] or {})
        return str(asked.get("id", other_than)) != other_than

    await eventually("it asks", there, within=trial.DEADLINE)
    return asked


async def _over(made: trial.Trial, run: str) -> dict[str, Any]:
    """Wait until a run has ended for good, and give it."""
    shown: dict[str, Any] = {}

    def over() -> bool:
        shown.update(made.run(run))
        return shown["state"] not in {"queued", "running", "needs_input", "paused"}

    await eventually("its end", over, within=trial.DEADLINE)
    return shown


async def test_a_bead_made_in_a_shell_shows_up(
    tmp_path: Path, bd_program: Path, claude_program: Path
) -> None:
    """The editor is told by itself, and reads it from one listing."""
    made, place = trial.with_bd(tmp_path, bd_program, claude_program.parent)
    async with made.editor() as editor:
        assert _ids(await editor.command("list")) == set()
        bead = json.loads(place.bd("create", "--title=From a shell", "--json"))["id"]
        method = ""
        while method != "beadwork/beadsChanged":
            method, _ = await editor.told.get()
        assert _ids(await editor.command("list")) == {bead}


def _ids(answer: dict[str, Any]) -> set[str]:
    return {bead["id"] for group in answer["projects"][0]["groups"] for bead in group["beads"]}


def _outside_beads(whole: Any) -> dict[str, str]:
    return {name: value for name, value in whole.items() if not name.startswith(".beads")}


def _assert_complete(made: trial.Trial, run: str, shown: Any) -> None:
    """The log has no gap and says how it ended; what an editor was shown is what it holds."""
    events = made.events(run)
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert events[-1]["kind"] == "state"
    assert events[-1]["state"] == made.run(run)["state"]
    if shown:
        assert [event["seq"] for event in shown] == [event["seq"] for event in events]
    assert Path(made.run(run)["readableLog"]).stat().st_size
