"""`work`, `runs`, `log`, `cancel`: what a person sees, and what a script reads."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from application_double import REFUSED, RUN_ID, Rehearsal, a_run, a_running, an_event
from beadwork.cli import program
from beadwork.workflows import RefusalCode, Refused


def ask(held: Rehearsal, *words: str) -> Result:
    """Use the command line with a double of the application."""
    return CliRunner().invoke(program, words, obj=held.application)


EVENTS = [
    an_event(1, "state", state="running", phase="preparing", reason=None, summary=""),
    an_event(2, "git", text="branch bead/demo-1 from main", branch="bead/demo-1"),
    an_event(3, "state", state="running", phase="agent", reason=None, summary=""),
    an_event(4, "thinking", text="one\ntwo\nthree\nfour\nfive"),
    an_event(5, "text", text="I change the test."),
    an_event(6, "tool", call="1", tool="Bash", title="pytest -q\n tests", data={}),
    an_event(7, "tool_result", call="1", ok=False, text="\x1b[31m1 failed\x1b[0m"),
    an_event(8, "tool", call="2", tool="Edit", title="a.py", data={}),
    an_event(9, "tool_result", call="2", ok=True, text="done\nmore"),
    an_event(10, "cost", usd=0.1, input_tokens=1, output_tokens=2),
    an_event(11, "note", text="Uncommitted changes stayed out."),
    an_event(12, "error", text="The bead was not told.", code="tracker-locked", detail="held by 12"),
    an_event(13, "from-a-later-version", text="unknown"),
]

READABLE = """\
run 1a2b3c4d · work on demo-1 · Größe prüfen 検査

preparing
git: branch bead/demo-1 from main

agent
  one
  two
  three
  … 2 more lines
  I change the test.
> Bash  pytest -q tests
  failed
    1 failed
> Edit  a.py
  ok  done (+1 line)
note: Uncommitted changes stayed out.
error: The bead was not told.
  held by 12
"""


def following(*, ends_as: str = "completed", reason: str = "verified", late: int = 4) -> Rehearsal:
    """Give a run that is at work, whose last `late` events are written only when it ends."""
    held = Rehearsal(runs_there=[a_running()], log_of={RUN_ID: EVENTS[:-late]})

    def end() -> object:
        held.log_of[RUN_ID] = list(EVENTS)
        held.runs_there = [a_run(state=ends_as, reason=reason)]
        return held.runs_there[0]

    held.on_wait = end  # type: ignore[assignment]  # it gives the run that it put there
    return held


def test_work_is_queued() -> None:
    """Without --follow the answer is the run's id and how to see or end it."""
    held = Rehearsal(answer=a_running(state="queued", phase=None))
    result = ask(held, "work", "demo-1")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        "Queued work on demo-1: run 1a2b3c4d",
        "  follow  beadwork log 1a2b3c4d --follow",
        "  cancel  beadwork cancel 1a2b3c4d",
    ]
    assert held.asked[0].bead == "demo-1"
    assert not held.asked[0].force


def test_work_with_everything(tmp_path: Path) -> None:
    """Every option reaches the request; a script's path becomes absolute and chooses the scripted agent."""
    script = tmp_path / "play.toml"
    script.write_text("")
    held = Rehearsal()
    options = ["--force", "--with-changes", "--runner", "plain", "--script", str(script), "--json"]
    result = ask(held, "work", "demo-1", *options)
    assert (result.exit_code, result.stderr) == (0, "")
    assert json.loads(result.stdout)["run"]["id"] == RUN_ID
    (asked,) = held.asked
    assert (asked.force, asked.with_changes, asked.runner) == (True, True, "plain")
    assert (asked.agent, asked.script) == ("scripted", str(script))


def test_a_script_is_not_for_claude(tmp_path: Path) -> None:
    """A script with another agent is wrong usage, and nothing is asked."""
    script = tmp_path / "play.toml"
    script.write_text("")
    held = Rehearsal()
    result = ask(held, "work", "demo-1", "--agent", "claude", "--script", str(script))
    assert (result.exit_code, result.stdout, held.asked) == (2, "", [])
    assert "--script is for the scripted agent" in result.stderr


@pytest.mark.parametrize("words", [("work", "demo-1"), ("work", "demo-1", "--follow")])
def test_refused(words: tuple[str, ...]) -> None:
    """A refusal is a sentence on stderr that says how to force, and exit code 3."""
    result = ask(Rehearsal(answer=REFUSED), *words)
    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr == "refused: demo-1 is blocked by demo-0.\nAdd --force to do it all the same.\n"


def test_refused_for_good() -> None:
    """Where force does not help it is not offered."""
    refused = Refused(RefusalCode.CLOSED, "demo-1 is closed; reopen it first.")
    result = ask(Rehearsal(answer=refused), "work", "demo-1")
    assert (result.exit_code, result.stderr) == (3, "refused: demo-1 is closed; reopen it first.\n")


def test_refused_as_json() -> None:
    """With --json a refusal is the object of the protocol, and still exit code 3."""
    result = ask(Rehearsal(answer=REFUSED), "work", "demo-1", "--json")
    assert (result.exit_code, result.stderr) == (3, "")
    assert json.loads(result.stdout)["refused"]["blockedBy"] == ["demo-0"]


def test_work_is_followed() -> None:
    """All events are shown to the last one, in words, then how the run ended; exit code 0."""
    held = following()
    held.answer = held.runs_there[0]
    result = ask(held, "work", "demo-1", "--follow")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith(READABLE)
    ending = result.stdout.removeprefix(READABLE)
    assert "completed · 1 min 04 s · $0.12, 1,234 tokens" in ending
    assert "bead/demo-1 (aaaaaaaaaa..bbbbbbbbbb)" in ending


@pytest.mark.parametrize("state", ["failed", "cancelled", "timeout", "blocked", "needs_input"])
@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_followed_run_does_not_complete(state: str, options: tuple[str, ...]) -> None:
    """Whatever else than completed a followed run becomes, the exit code is 4."""
    held = following(ends_as=state, reason="no-commit")
    held.answer = held.runs_there[0]
    assert ask(held, "work", "demo-1", "--follow", *options).exit_code == 4
    assert ask(following(ends_as=state), "log", "demo-1", "--follow", *options).exit_code == 4


def test_followed_as_json() -> None:
    """Followed with --json, each line is an object: the run, each event once, the run again."""
    held = following()
    held.answer = held.runs_there[0]
    lines = [json.loads(line) for line in ask(held, "work", "demo-1", "-f", "--json").stdout.splitlines()]
    assert lines[0]["run"]["state"] == "running"
    assert lines[-1]["run"]["state"] == "completed"
    assert [line["event"]["seq"] for line in lines[1:-1]] == list(range(1, 14))


def test_log_of_an_ended_run() -> None:
    """`log` shows everything that there is and goes, with exit code 0 also for a run that failed."""
    held = Rehearsal(runs_there=[a_run(state="failed", reason="no-commit")], log_of={RUN_ID: EVENTS})
    result = ask(held, "log", "1a2b")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith(READABLE)
    assert "no-commit" in result.stdout


def test_raw_log() -> None:
    """`--raw` gives the events alone, one object a line."""
    held = Rehearsal(runs_there=[a_run()], log_of={RUN_ID: EVENTS})
    lines = ask(held, "log", "demo-1", "--raw").stdout.splitlines()
    assert [json.loads(line)["seq"] for line in lines] == [event.seq for event in EVENTS]


def test_log_as_json() -> None:
    """`--json` gives the whole log as one object, however many pages it takes."""
    held = Rehearsal(runs_there=[a_run()], log_of={RUN_ID: EVENTS})
    answer = json.loads(ask(held, "log", RUN_ID, "--json").stdout)
    assert [event["seq"] for event in answer["events"]] == [event.seq for event in EVENTS]
    assert answer["more"] is False
    assert answer["run"]["bead"] == "demo-1"


def test_two_formats_at_once() -> None:
    """--raw and --json together are wrong usage."""
    assert ask(Rehearsal(runs_there=[a_run()]), "log", "demo-1", "--raw", "--json").exit_code == 2


def test_a_run_that_has_not_begun() -> None:
    """The log of a queued run is its title and its state."""
    queued = a_running(state="queued", phase=None, started_at=None)
    result = ask(Rehearsal(runs_there=[queued]), "log", "demo-1")
    assert result.exit_code == 0
    assert "queued" in result.stdout


@pytest.mark.parametrize("name", ["nothing", "ffff", "demo-2", "../x", "$(id)", "", " "])
def test_no_such_run(name: str) -> None:
    """A name that is no run and no bead with runs is one sentence with the code of the executions room."""
    result = ask(Rehearsal(runs_there=[a_run()]), "log", name, "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["error"]["code"] == "execution-not-found"
    assert result.stderr == ""


def test_a_name_of_several_runs() -> None:
    """An ambiguous beginning is said to be that."""
    held = Rehearsal(runs_there=[a_run(id="1a2b0000-1"), a_run(id="1a2b0000-2")])
    result = ask(held, "log", "1a2b")
    assert (result.exit_code, result.stderr) == (1, "error: 1a2b names several runs.\n")


def test_a_run_is_found_outside_of_any_project() -> None:
    """A run's id needs no beads in the present folder; a bead's name does."""
    held = Rehearsal(runs_there=[a_run()], has_beads=False)
    assert ask(held, "log", "1a2b").exit_code == 0
    result = ask(held, "log", "demo-1")
    assert result.exit_code == 1
    assert result.stderr.startswith("error: No run is called demo-1")


def test_cancel() -> None:
    """`cancel` names a run by its bead, waits for the end, and says that nothing is left."""
    held = Rehearsal(runs_there=[a_running()], on_wait=lambda: a_run(state="cancelled", reason="cancelled"))
    result = ask(held, "cancel", "demo-1")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == "Run 1a2b3c4d of demo-1 was cancelled; nothing of it is left running.\n"
    assert held.cancelled == [RUN_ID]


def test_cancel_without_waiting() -> None:
    """`--no-wait` answers when the intent is written."""
    held = Rehearsal(runs_there=[a_running()])
    result = ask(held, "cancel", "1a2b", "--no-wait")
    assert (result.exit_code, result.stdout) == (0, "Run 1a2b3c4d of demo-1 is being cancelled.\n")
    answer = json.loads(ask(held, "cancel", "1a2b", "--no-wait", "--json").stdout)
    assert answer["run"]["intent"] == "cancel"


def test_cancel_came_too_late() -> None:
    """A run that completed before it could be cancelled is not called cancelled."""
    held = Rehearsal(runs_there=[a_running()], on_wait=a_run)
    result = ask(held, "cancel", "demo-1")
    assert (result.exit_code, result.stdout) == (0, "Run 1a2b3c4d of demo-1 had already ended: completed.\n")


def test_cancel_what_does_not_run() -> None:
    """A run that has ended is refused, with exit code 3."""
    refused = Refused(RefusalCode.NOT_RUNNING, "Run 1a2b3c4d has ended.")
    result = ask(Rehearsal(runs_there=[a_run()], answer=refused), "cancel", "demo-1")
    assert (result.exit_code, result.stdout, result.stderr) == (3, "", "refused: Run 1a2b3c4d has ended.\n")


def test_cancel_nothing() -> None:
    """An empty name (a variable that was not set) cancels nothing, rather than the newest run."""
    held = Rehearsal(runs_there=[a_running()])
    assert ask(held, "cancel", "").exit_code == 1
    assert held.cancelled == []


def test_runs() -> None:
    """`runs` has a line for each run, whole ids' beginnings, states in words."""
    held = Rehearsal(runs_there=[a_running(), a_run(id="ffff0000-1", bead="demo-2", state="timeout")])
    lines = ask(held, "runs").stdout.splitlines()
    assert lines[0].startswith("  1a2b3c4d  demo-1  running: agent  ")
    assert lines[1].startswith("  ffff0000  demo-2  timed out       ")
    assert len(ask(held, "runs", "--bead", "demo-2").stdout.splitlines()) == 1
    assert len(json.loads(ask(held, "runs", "--json", "--limit", "1").stdout)["runs"]) == 1
    assert "/projects/demo" in ask(held, "runs", "--all").stdout


def test_no_runs() -> None:
    """No runs are said in words, and as an empty list for a script."""
    assert ask(Rehearsal(), "runs").stdout == "No runs in this project yet.\n"
    assert json.loads(ask(Rehearsal(), "runs", "--json").stdout) == {"runs": []}


def test_runs_of_all_projects_need_no_beads_here() -> None:
    """`--all` works in any folder."""
    held = Rehearsal(runs_there=[a_run()], has_beads=False)
    assert ask(held, "runs").exit_code == 1
    assert ask(held, "runs", "--all").exit_code == 0


def test_projects(tmp_path: Path) -> None:
    """`projects` names every folder that has runs, and says which are gone."""
    held = Rehearsal(runs_there=[a_run(folder=str(tmp_path))])
    assert str(tmp_path) in ask(held, "projects").stdout
    held = Rehearsal(runs_there=[a_run()])
    assert "/projects/demo  (gone)  1a2b3c4d  demo-1 completed" in ask(held, "projects").stdout
    (folder,) = json.loads(ask(held, "projects", "--json").stdout)["folders"]
    assert (folder["folder"], folder["exists"], folder["run"]["id"]) == ("/projects/demo", False, RUN_ID)


def test_attach_without_a_checkout(tmp_path: Path) -> None:
    """A bead that was never worked on, or whose checkout is gone, says how to make one."""
    result = ask(Rehearsal(), "attach", "demo-1")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "error: demo-1 has no checkout yet; `beadwork work demo-1` makes one.\n"
    result = ask(Rehearsal(runs_there=[a_run()]), "attach", "demo-1", "--json")
    assert json.loads(result.stdout)["error"]["code"] == "no-checkout"
    held = Rehearsal(runs_there=[a_run(checkout=str(tmp_path))])
    assert json.loads(ask(held, "attach", "demo-1", "--json").stdout) == {"checkout": str(tmp_path)}


def test_events_that_break_their_promise() -> None:
    """Events with fields missing, or of odd types, are shown as far as they go."""
    events = [
        an_event(1, "tool"),
        an_event(2, "tool_result", ok=False),
        an_event(3, "state", phase=7, state="running"),
        an_event(4, "text", text=None),
        an_event(5, "error"),
    ]
    result = ask(Rehearsal(runs_there=[a_run()], log_of={RUN_ID: events}), "log", "demo-1")
    assert (result.exit_code, result.stderr) == (0, "")
