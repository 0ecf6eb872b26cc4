"""`queue`, `costs`, `work --all-ready`, `notify test`, and what `runs`, `log` and `list` show of runs."""

import json
from pathlib import Path

import attrs
import pytest
from click.testing import CliRunner, Result

from application_double import RUN_ID, Rehearsal, a_bead, a_run, a_running
from beadwork.beads import Group
from beadwork.cli import program
from beadwork.executions import Ask, AskKind, Choice, Question
from beadwork.workflows import (
    CostLine,
    CostsView,
    NotifyResult,
    QueueView,
    RefusalCode,
    Refused,
    WalkRequest,
    WalkView,
)

WALK = WalkView(
    folder="/projects/demo",
    begun_at="2026-01-15T10:30:00.000Z",
    ended_at=None,
    why="",
    limit=0,
    failures=3,
    budget_usd=5.0,
    queued=2,
    running=1,
    completed=3,
    failed=1,
    cost_usd=1.2,
)
ASK = Ask("q1", AskKind.QUESTION, (Question("Which colour?", (Choice("Red"), Choice("Blue"))),))


def ask(held: Rehearsal, *words: str) -> Result:
    """Use the command line with a double of the application."""
    return CliRunner().invoke(program, words, obj=held.application)


def test_queue() -> None:
    """What runs and what waits is listed in order, each with what it waits for, and the walks that go on."""
    later = a_run(
        id="cccc0000-1", bead="demo-3", state="queued", not_before="2099-01-15T10:30:00.000Z", attempt=2
    )
    view = QueueView(
        running=(a_running(),),
        queued=(a_run(id="bbbb0000-1", bead="demo-2", state="queued"), later),
        slots=1,
        held="",
        walks=(WALK,),
    )
    result = ask(Rehearsal(queue=view), "queue")
    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert lines[0] == "1 of 1 slot in use"
    assert lines[lines.index("Queued (2)") + 1].startswith("  1.  bbbb0000  demo-2  waits for a slot ")
    assert "  2.  cccc0000  demo-3  waits until 2099-01-15 " in result.stdout
    assert "attempt 2" in result.stdout
    stand = "2 queued, 1 running, 3 completed, 1 failed (it stops at 3) · $1.20 of $5.00"
    assert f"  /projects/demo  {stand}" in lines
    shown = json.loads(ask(Rehearsal(queue=view), "queue", "--json").stdout)["queue"]
    assert [run["bead"] for run in shown["queued"]] == ["demo-2", "demo-3"]


def test_a_queue_that_is_held() -> None:
    """Why nothing begins although a slot is free is said once, in a sentence."""
    view = QueueView((), (a_run(state="queued"),), 3, "The budget of the day is spent.", ())
    lines = ask(Rehearsal(queue=view), "queue").stdout.splitlines()
    assert lines[1] == "The budget of the day is spent."
    assert "waits for the budget" in lines[-1]


def test_errands_in_the_queue() -> None:
    """What needs no agent takes no slot; a landing waits for the one before it in its project."""
    landing = a_running(id="aaaa0000", verb="land", bead="demo-3")
    view = QueueView((landing,), (a_run(state="queued", verb="land"), a_run(state="queued")), 1, "", ())
    lines = ask(Rehearsal(queue=view), "queue").stdout.splitlines()
    assert lines[0] == "0 of 1 slot in use"
    assert "  land  demo-3  running" in lines[lines.index("Running (1)") + 1]
    first, second = lines[lines.index("Queued (2)") + 1 :]
    assert first.startswith("  1.  1a2b3c4d  land  demo-1  waits until demo-3 has landed")
    assert "  about to begin  " in second
    closing = QueueView((landing,), (a_run(state="queued", verb="close"),), 1, "", ())
    assert "waits until another has ended" in ask(Rehearsal(queue=closing), "queue").stdout


def test_an_empty_queue() -> None:
    """Nothing is said to be nothing."""
    assert ask(Rehearsal(), "queue").stdout == "0 of 3 slots in use\nNothing runs, and nothing waits.\n"


def test_move_to_the_front() -> None:
    """`--first` moves a run that is named as everywhere, and shows the queue; another run is refused."""
    held = Rehearsal(runs_there=[a_run(state="queued")])
    assert ask(held, "queue", "--first", "demo-1").exit_code == 0
    assert held.said == [("move_first", RUN_ID)]
    held.answer = Refused(RefusalCode.NOT_QUEUED, "Run 1a2b3c4d is running, not queued.")
    result = ask(held, "queue", "--first", "demo-1")
    assert (result.exit_code, result.stderr) == (3, "refused: Run 1a2b3c4d is running, not queued.\n")


def test_costs() -> None:
    """Today stands against the budget of the day; days and beads follow, and the sum of all."""
    held = Rehearsal()
    held.costs = CostsView(
        today_usd=1.5,
        day_budget_usd=10.0,
        total=CostLine("", 3, 1234.5, 1000, 234),
        by_day=(CostLine("2026-01-15", 3, 1234.5, 1000, 234),),
        by_bead=(CostLine("demo-1", 2, 1234.0, 0, 0), CostLine("demo-2", 1, 0.5, 1000, 234)),
    )
    result = ask(held, "costs", "--days", "7")
    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert lines[0] == "Today, over all projects: $1.50 of $10.00 a day"
    assert lines[lines.index("By bead") + 1 :][:2] == [
        "  demo-1   $1,234.00  2 runs",
        "  demo-2       $0.50  1 run   1,234 tokens",
    ]
    assert lines[-1] == "  in 7 days   $1,234.50  3 runs  1,234 tokens"
    assert ask(held, "costs", "--all").exit_code == 0
    assert held.said == [("costs", False, 7), ("costs", True, 30)]
    assert json.loads(ask(held, "costs", "--json").stdout)["costs"]["byBead"][1]["costUsd"] == 0.5


def test_no_costs() -> None:
    """Where nothing ran there is a sentence, not a table of noughts."""
    assert ask(Rehearsal(), "costs").stdout.splitlines()[1] == "No runs in the last 30 days."


def test_a_walk_is_begun() -> None:
    """`--all-ready` passes its limits on, and says how to look and how to stop."""
    held = Rehearsal(walk=attrs.evolve(WALK, limit=5))
    result = ask(held, "work", "--all-ready", "--limit", "5", "--runner", "plain")
    assert (result.exit_code, result.stderr) == (0, "")
    assert held.said == [("begin_walk", WalkRequest(limit=5, runner="plain"))]
    assert result.stdout.splitlines() == [
        "Working on all that is ready, 5 runs at most: 3 runs queued.",
        "  look  beadwork queue",
        "  stop  beadwork work --all-ready --stop",
    ]
    assert json.loads(ask(held, "work", "--all-ready", "--json").stdout)["walk"]["limit"] == 5


@pytest.mark.parametrize(
    ("span", "seconds"), [("90", 90.0), ("90s", 90.0), ("45m", 2700.0), ("2h", 7200.0), ("1d", 86400.0)]
)
def test_a_wall_clock_of_its_own(span: str, seconds: float) -> None:
    """Seconds, minutes, hours or days; for one run, or for each of a walk."""
    held = Rehearsal(walk=WALK)
    assert ask(held, "work", "--all-ready", "--wall-clock", span).exit_code == 0
    ask(held, "work", "demo-1", "--wall-clock", span)
    assert held.said == [("begin_walk", WalkRequest(wall_clock=seconds))]
    assert [request.wall_clock for request in held.asked] == [seconds]


def test_a_walk_is_stopped() -> None:
    """`--stop` says how far it came, and that what has begun goes on."""
    held = Rehearsal(walk=attrs.evolve(WALK, queued=0))
    result = ask(held, "work", "--all-ready", "--stop")
    assert result.exit_code == 0
    assert held.said == [("end_walk",)]
    assert result.stdout.endswith(" 1 run of it goes on.\n")
    held.walk = Refused(RefusalCode.NO_WALK, "There is no walk here.")
    result = ask(held, "work", "--all-ready", "--stop", "--json")
    assert (result.exit_code, json.loads(result.stdout)["refused"]["code"]) == (3, "no-walk")


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("demo-1", "--all-ready"),
        ("demo-1", "--stop"),
        ("demo-1", "--limit", "2"),
        ("--all-ready", "--force"),
        ("demo-1", "--wall-clock", "soon"),
        ("demo-1", "--wall-clock", "0s"),
    ],
)
def test_wrong_usage_of_work(words: tuple[str, ...]) -> None:
    """A bead or all, and each option only where it means something."""
    held = Rehearsal(walk=WALK)
    result = ask(held, "work", *words)
    assert (result.exit_code, result.stdout, held.said, held.asked) == (2, "", [], [])


@pytest.mark.parametrize(("state", "code"), [("completed", 0), ("failed", 4), ("paused", 4)])
def test_a_walk_is_followed(state: str, code: int) -> None:
    """A line for each run as it changes, and how many completed; the exit code is 4 unless all did."""
    done = a_run(state=state, walk="w1", queued_at=WALK.begun_at)
    older = a_run(id="0000ffff-1", bead="demo-9", walk="w0", queued_at="2026-01-01T10:30:00.000Z")
    held = Rehearsal(walk=WALK, runs_there=[done, older])
    result = ask(held, "work", "--all-ready", "--follow")
    assert (result.exit_code, result.stderr) == (code, "")
    assert f"demo-1  1a2b3c4d  {state}" in result.stdout
    assert "demo-9" not in result.stdout
    completed = 1 if state == "completed" else 0
    assert result.stdout.endswith(f"\nThe walk has ended: {completed} of 1 bead completed · $0.12.\n")
    lines = ask(held, "work", "--all-ready", "--follow", "--json").stdout.splitlines()
    assert [next(iter(json.loads(line))) for line in lines] == ["walk", "run"]


def test_a_walk_that_goes_on_is_followed() -> None:
    """Asked to follow and for nothing else, one that was begun before is shown, rather than refused."""
    done = a_run(walk="w1", queued_at=WALK.begun_at)
    there = attrs.evolve(WALK, folder=str(Path().absolute()))
    held = Rehearsal(runs_there=[done], queue=QueueView((), (), 3, "", (there,)))
    held.walk = Refused(RefusalCode.WALK_GOING, "A walk goes on here.")
    assert ask(held, "work", "--all-ready", "--follow", "--limit", "1").exit_code == 3
    held.queue_later = QueueView((), (), 3, "", ())
    result = ask(held, "work", "--all-ready", "--follow")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "demo-1  1a2b3c4d  completed" in result.stdout


def test_notifications_that_arrive_or_do_not() -> None:
    """Each service has a line; one that failed makes the exit code 1."""
    sent = NotifyResult("ntfy at ntfy.sh", ok=True, error="")
    failed = NotifyResult("mailto at example.org", ok=False, error="It did not answer within 20 s.")
    held = Rehearsal(notified=(sent, failed))
    result = ask(held, "notify", "test")
    assert (result.exit_code, result.stderr) == (1, "")
    assert result.stdout.splitlines() == [
        "  sent    ntfy at ntfy.sh",
        "  failed  mailto at example.org  It did not answer within 20 s.",
    ]
    assert json.loads(ask(held, "notify", "test", "--json").stdout)["results"][0]["ok"] is True
    assert ask(Rehearsal(notified=(sent,)), "notify", "test").exit_code == 0


def test_no_address_is_set() -> None:
    """Nothing to test is said with what to write and where; that is no success."""
    result = ask(Rehearsal(), "notify", "test")
    assert (result.exit_code, result.stderr) == (1, "")
    assert "No address is set" in result.stdout
    assert "config.toml" in result.stdout
    assert "notify = [" in result.stdout


def test_runs_that_wait_for_a_person() -> None:
    """They say with which command they go on; attempts and costs stand in their line."""
    held = Rehearsal(
        runs_there=[
            a_running(state="needs_input", ask=ASK),
            a_run(id="bbbb0000-1", bead="demo-2", state="paused", cost_usd=None),
            a_run(id="cccc0000-1", bead="demo-3", state="failed", attempt=2, retried_by="dddd0000-1"),
        ]
    )
    asks, rests, failed = ask(held, "runs").stdout.splitlines()
    assert "needs input" in asks
    assert "  beadwork answer 1a2b3c4d  " in asks
    assert "  beadwork resume bbbb0000  " in rests
    assert "$" not in rests
    assert "  $0.12  attempt 2, retried by dddd0000  " in failed


def test_runs_are_narrowed() -> None:
    """By state, by time and by text; what finds nothing says so."""
    held = Rehearsal(
        runs_there=[
            a_running(),
            a_run(id="bbbb0000-1", bead="demo-2", state="needs_input", summary="A colour"),
        ]
    )
    assert ask(held, "runs", "--state", "needs-input").stdout.startswith("  bbbb0000")
    assert len(ask(held, "runs", "--state", "needs-input", "--state", "running").stdout.splitlines()) == 2
    assert ask(held, "runs", "--search", "colour").stdout.startswith("  bbbb0000")
    assert len(ask(held, "runs", "--since", "2026-01-10").stdout.splitlines()) == 2
    for span in ("30m", "12h", "2d", "1w", "2026-01-17T08:00"):
        assert ask(held, "runs", "--since", span).stdout == "No run is among these.\n"


@pytest.mark.parametrize("since", ["yesterday", "2x", "d", "99999999999w", "2026-13-01"])
def test_a_time_that_is_none(since: str) -> None:
    """It is wrong usage, with examples of what is understood."""
    result = ask(Rehearsal(), "runs", "--since", since)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "12h" in result.stderr


def test_a_log_is_exported(tmp_path: Path) -> None:
    """One page goes into a file, or to standard output alone."""
    held = Rehearsal(runs_there=[a_run()])
    page = f"<!doctype html>\n<title>Größe {RUN_ID}</title>\n"
    result = ask(held, "log", "demo-1", "--export", str(tmp_path / "run.html"))
    assert (result.exit_code, result.stdout) == (0, f"Written: {tmp_path / 'run.html'}\n")
    assert (tmp_path / "run.html").read_text("utf-8") == page
    assert ask(held, "log", "demo-1", "--export", "-").stdout == page


def test_a_page_that_cannot_be_written(tmp_path: Path) -> None:
    """A place that cannot be written is one sentence; two formats are wrong usage."""
    held = Rehearsal(runs_there=[a_run()])
    result = ask(held, "log", "demo-1", "--export", str(tmp_path / "no" / "run.html"))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.endswith("cannot be written: No such file or directory. Name another file.\n")
    for option in ("--json", "--raw", "--follow"):
        assert ask(held, "log", "demo-1", "--export", "-", option).exit_code == 2


def test_beads_that_need_somebody() -> None:
    """A list says with which command they go on, and which bead an agent was blocked by."""
    held = Rehearsal(
        beads=[
            a_bead(group=Group.NEEDS_YOU, run=a_running(state="needs_input", ask=ASK)),
            a_bead(id="demo-2", group=Group.NEEDS_YOU, run=a_run(state="blocked", blocked_by="demo-7")),
            a_bead(id="demo-3", group=Group.NEEDS_YOU, run=a_run(id="bbbb0000-1", state="paused")),
        ]
    )
    shown = ask(held, "list").stdout
    assert "needs input: beadwork answer 1a2b3c4d\n" in shown
    assert "blocked by demo-7\n" in shown
    assert "paused: beadwork resume bbbb0000\n" in shown


def test_a_bead_whose_agent_asks() -> None:
    """Its page has the question with its choices, and the command that answers it."""
    run = a_running(state="needs_input", ask=ASK)
    shown = ask(Rehearsal(beads=[a_bead(run=run)], runs_there=[run]), "show", "demo-1").stdout
    told = "\nThe agent asks\n  Which colour?\n    1  Red\n    2  Blue\n  answer  beadwork answer 1a2b3c4d\n"
    assert told in shown


def test_a_bead_whose_run_is_paused_or_was_blocked() -> None:
    """Its page says so, and how it goes on."""
    run = a_run(state="paused", summary="Paused.")
    shown = ask(Rehearsal(beads=[a_bead(run=run)]), "show", "demo-1").stdout
    assert "\nPaused\n  Paused.\n  go on  beadwork resume 1a2b3c4d\n" in shown
    run = a_run(state="blocked", blocked_by="demo-7")
    shown = ask(Rehearsal(beads=[a_bead(run=run)]), "show", "demo-1").stdout
    assert "  agent blocked by  demo-7\n" in shown
