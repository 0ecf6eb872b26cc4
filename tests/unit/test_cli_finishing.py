"""The commands for the end of the work: what is asked for, what a person sees, and what a script reads."""

import json
from collections.abc import Mapping

import pytest
from click.testing import CliRunner, Result

from application_double import RUN_ID, Rehearsal, a_run, a_running, an_event
from beadwork.cli import program
from beadwork.workflows import (
    ChangesView,
    CloseRequest,
    GatesRequest,
    LandRequest,
    Obstacle,
    PublishRequest,
    RefusalCode,
    Refused,
    RunView,
    as_json,
)

PASSED: Mapping[str, object] = {
    "purpose": "lint",
    "line": "make lint",
    "folder": "web",
    "state": "passed",
    "code": 0,
    "seconds": 2.1,
    "known": True,
}
FAILED: Mapping[str, object] = {
    "purpose": "test",
    "line": "make test",
    "folder": "",
    "state": "failed",
    "code": 2,
    "seconds": 12.4,
    "tail": "E  assert 5 == 7\n\x1b[31m1 failed\x1b[0m",
    "output": "/state/gates/test.log",
}
REPORT = {"commit": "b" * 40, "standing": "failed", "results": [PASSED, FAILED], "notes": []}
EVENTS = [
    an_event(1, "state", state="running", phase="gates"),
    an_event(2, "note", text="The gates run in /somewhere."),
    an_event(3, "gate", gate="lint: make lint (web)", state="passed", code=0, known=True),
    an_event(4, "gate", gate="test: make test", state="started", text="test: make test …"),
    an_event(5, "gate", gate="test: make test", text="collecting\n"),
    an_event(
        6, "gate", gate="test: make test", **{name: FAILED[name] for name in ("state", "code", "seconds")}
    ),
]
GATES = Obstacle(
    RefusalCode.GATES_FAILED,
    "test: make test failed (exit code 2).",
    output=str(FAILED["tail"]),
    file="/state/gates/test.log",
)
FINDINGS = Obstacle(
    RefusalCode.OPEN_FINDINGS, "Grave findings are open: P1 It leaks.", findings=("f-11112222", "f-33334444")
)
CONFLICT = Obstacle(
    RefusalCode.CONFLICT, "bead/demo-1 and main change the same lines.", paths=("a.py", "b.py")
)
IN_USE = Refused(RefusalCode.TREE_IN_USE, "main is checked out in /home/ada/demo.", can_force=True)


def ask(held: Rehearsal, *words: str) -> Result:
    """Use the command line with a double of the application."""
    return CliRunner().invoke(program, words, obj=held.application)


def ending(run: RunView, *, events: bool = True) -> Rehearsal:
    """Give what is asked for as a run that goes on, and ends as `run`."""
    held = Rehearsal(runs_there=[a_running(verb=run.verb)], answer=a_running(verb=run.verb))

    def end() -> RunView:
        held.log_of[RUN_ID] = EVENTS if events else []
        held.runs_there = [run]
        return run

    held.on_wait = end
    return held


def failed(verb: str, refused: Refused | None = None, **changes: object) -> RunView:
    """Give a run that came to nothing, because of `refused` if that is given."""
    results = {"gates": REPORT, **({"refused": as_json(refused)} if refused else {})}
    told = {"summary": refused.message} if refused else {}
    return a_run(
        **{"verb": verb, "state": "failed", "reason": "refused", "results": results, **told, **changes}
    )


@pytest.mark.parametrize(
    ("words", "request_"),
    [
        ("gates demo-1 --anew --runner plain", GatesRequest("demo-1", anew=True, runner="plain")),
        ("gates --here", GatesRequest("", here=True)),
        ("publish demo-1", PublishRequest("demo-1")),
        ("publish demo-1 --draft", PublishRequest("demo-1", draft=True)),
        ("publish demo-1 --ready --force", PublishRequest("demo-1", draft=False, force=True)),
        (
            "land demo-1 --how squash --update-tree --push --force",
            LandRequest("demo-1", "squash", update_tree=True, push=True, force=True),
        ),
        (
            "close demo-1 --reason Done. --skip-gates --force",
            CloseRequest("demo-1", "Done.", skip_gates=True, force=True),
        ),
    ],
)
def test_what_is_asked_for(words: str, request_: object) -> None:
    """Each option reaches the application; with --detach the answer comes at once and names the run."""
    held = Rehearsal(answer=a_running(verb="close"))
    result = ask(held, *words.split(), "--detach")
    assert (result.exit_code, result.stderr) == (0, "")
    assert [said[1] for said in held.said] == [request_]
    assert result.stdout.splitlines() == [
        "Started the closing of demo-1: run 1a2b3c4d",
        "  follow  beadwork log 1a2b3c4d --follow",
        "  cancel  beadwork cancel 1a2b3c4d",
    ]


@pytest.mark.parametrize(
    "words", ["gates", "publish demo-1 --draft --ready", "land demo-1 --how rebase", "close"]
)
def test_wrong_usage(words: str) -> None:
    """What makes no sense is said before anything is asked for."""
    held = Rehearsal()
    assert ask(held, *words.split()).exit_code == 2
    assert held.said == []


def test_a_person_waits_for_a_close() -> None:
    """A line for each gate and one sentence at the end; what happened besides is left to `log`."""
    result = ask(ending(a_run(verb="close", summary="Closed demo-1: all is done.")), "close", "demo-1")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        "run 1a2b3c4d · close demo-1 · Größe prüfen 検査",
        "  passed  lint: make lint (web), known from before",
        "  failed  test: make test, exit code 2, in 12 s",
        "Closed demo-1: all is done.",
    ]


def test_links_of_a_remote() -> None:
    """What the remote printed for a person to open is a line of its own."""
    links = {"publish": {"links": ["https://forge.example/new"]}}
    result = ask(
        ending(a_run(verb="publish", summary="Published.", results=links), events=False), "publish", "demo-1"
    )
    assert result.stdout.splitlines()[1:] == ["Published.", "  link  https://forge.example/new"]


CLOSED_NOT = Refused(
    RefusalCode.GATES_FAILED,
    f"demo-1 was not closed. {GATES.message} {FINDINGS.message}",
    can_force=True,
    obstacles=(GATES, FINDINGS),
)
OBSTACLES = """\
refused: demo-1 was not closed.
  - test: make test failed (exit code 2).
    E  assert 5 == 7
    1 failed
    all of it: /state/gates/test.log
  - Grave findings are open: P1 It leaks.
  mend          beadwork work demo-1 --follow
  fix           beadwork fix f-11112222 f-33334444 --follow
  run again     beadwork gates demo-1 --anew
  all the same  beadwork close demo-1 --reason 'It is done.' --force
"""


@pytest.mark.parametrize("late", [False, True], ids=["at once", "at the end of the run"])
def test_all_that_stands_in_the_way(late: bool) -> None:
    """A refusal has each obstacle with what is known of it, and the commands that mend or overrule it."""
    held = ending(failed("close", CLOSED_NOT)) if late else Rehearsal(answer=CLOSED_NOT)
    result = ask(held, "close", "demo-1", "--reason", "It is done.")
    assert (result.exit_code, result.stderr) == (3, OBSTACLES)


@pytest.mark.parametrize("late", [False, True], ids=["at once", "at the end of the run"])
def test_a_refusal_for_a_script(late: bool) -> None:
    """It is one object in either case; with the run where there is one."""
    held = ending(failed("close", CLOSED_NOT)) if late else Rehearsal(answer=CLOSED_NOT)
    result = ask(held, "close", "demo-1", "--json")
    assert (result.exit_code, result.stderr) == (3, "")
    answer = json.loads(result.stdout)
    assert answer["refused"] == as_json(CLOSED_NOT)
    assert ("run" in answer) is late


def test_a_conflict() -> None:
    """Its files are named, and the command that lets an agent resolve it; nothing overrules it."""
    refused = Refused(RefusalCode.CONFLICT, CONFLICT.message, obstacles=(CONFLICT,))
    result = ask(ending(failed("land", refused), events=False), "land", "demo-1")
    assert result.exit_code == 3
    assert result.stderr.splitlines() == [
        "refused: bead/demo-1 and main change the same lines.",
        "    a.py",
        "    b.py",
        "  resolve  beadwork resolve demo-1 --follow",
    ]


@pytest.mark.parametrize(
    ("refused", "command"),
    [
        (IN_USE, "beadwork land demo-1 --push --update-tree"),
        (
            Refused(
                RefusalCode.TREE_IN_USE,
                "Two.",
                can_force=True,
                obstacles=(Obstacle(RefusalCode.TREE_IN_USE, "One."), GATES),
            ),
            "beadwork land demo-1 --push --update-tree --force",
        ),
    ],
)
def test_what_overrules_a_landing(refused: Refused, command: str) -> None:
    """In a pipe nobody is asked; the command that does it keeps the options that were given."""
    held = Rehearsal(answer=refused)
    result = ask(held, "land", "demo-1", "--push")
    assert result.exit_code == 3
    assert result.stderr.splitlines()[-1] == f"  all the same  {command}"
    assert len(held.said) == 1


def test_gates_that_fail() -> None:
    """The end of what the gate said stands below, where a person looks; nothing is said to be refused."""
    refused = Refused(RefusalCode.GATES_FAILED, GATES.message, obstacles=(GATES,))
    result = ask(ending(failed("gates", refused, reason="gates-failed")), "gates", "demo-1")
    assert (result.exit_code, result.stderr) == (3, "")
    assert result.stdout.splitlines()[3:] == [
        "failed: test: make test failed (exit code 2).",
        "    E  assert 5 == 7",
        "    1 failed",
        "    output  /state/gates/test.log",
        "  mend       beadwork work demo-1 --follow",
        "  run again  beadwork gates demo-1 --anew",
    ]


def test_what_fails_otherwise() -> None:
    """Has the words of the program that failed, and the log: exit code 4."""
    held = ending(
        a_run(verb="publish", state="failed", reason="remote", summary="Gone.", readable_log="/l.log")
    )
    event = an_event(1, "error", text="Gone.", code="remote", detail="ssh: no route\n")
    end = held.on_wait
    assert end is not None

    def ends() -> RunView:
        run = end()
        held.log_of[RUN_ID] = [event]
        return run

    held.on_wait = ends
    result = ask(held, "publish", "demo-1")
    assert (result.exit_code, result.stderr) == (4, "")
    assert result.stdout.splitlines()[1:] == ["failed: Gone.", "  ssh: no route", "  log  /l.log"]


def test_a_script_waits() -> None:
    """`--json` gives one object when it has ended; with --detach at once."""
    held = ending(a_run(verb="gates", results={"gates": REPORT}))
    run = json.loads(ask(held, "gates", "demo-1", "--json").stdout)["run"]
    assert (run["state"], run["results"]["gates"]["standing"]) == ("completed", "failed")
    held = ending(a_run(verb="gates"))
    assert json.loads(ask(held, "gates", "demo-1", "--json", "--detach").stdout)["run"]["state"] == "running"


def test_resolve() -> None:
    """It is work of an agent, so the answer comes at once."""
    held = Rehearsal()
    result = ask(held, "resolve", "demo-1", "--agent", "scripted")
    assert result.exit_code == 0
    assert result.stdout.startswith("Started work on demo-1: run 1a2b3c4d\n")
    ((verb, request),) = held.said
    assert (verb, request.bead, request.agent) == ("resolve", "demo-1", "scripted")  # type: ignore[attr-defined]


def test_reopen() -> None:
    """Says so in a sentence, or why not."""
    result = ask(Rehearsal(), "reopen", "demo-1")
    assert (result.exit_code, result.stdout) == (0, "demo-1 is open again.\n")
    assert json.loads(ask(Rehearsal(), "reopen", "demo-1", "--json").stdout)["page"]["bead"]["id"] == "demo-1"
    held = Rehearsal(reopened=Refused(RefusalCode.NOT_CLOSED, "demo-1 is open, not closed."))
    result = ask(held, "reopen", "demo-1")
    assert (result.exit_code, result.stderr) == (3, "refused: demo-1 is open, not closed.\n")


CHANGES = ChangesView("/p", "demo-1", "bead/demo-1", "base", "a" * 40, "main", "b" * 40, ())


def test_nothing_changed() -> None:
    """Is said on standard error, so that an empty patch stays one."""
    result = ask(Rehearsal(changes=CHANGES), "diff", "demo-1")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "bead/demo-1 changes nothing since main.\n"


def test_the_log_of_a_refused_close() -> None:
    """`log` shows each gate with the end of what it said, and at the end all that stood in the way."""
    said = an_event(7, "gate", gate="test: make test", **{k: v for k, v in FAILED.items() if k != "folder"})
    held = Rehearsal(runs_there=[failed("close", CLOSED_NOT)], log_of={RUN_ID: [*EVENTS[:5], said]})
    shown = ask(held, "log", "demo-1").stdout
    assert "\ngates\n" in shown
    assert "  failed  test: make test, exit code 2, in 12 s\n    E  assert 5 == 7\n    1 failed\n" in shown
    assert "  summary  demo-1 was not closed.\n" in shown
    assert "  - Grave findings are open: P1 It leaks.\n" in shown
    assert "  all the same  beadwork close demo-1 --force\n" in shown


def test_how_it_stands_with_a_branch() -> None:
    """`show` has gates, what was published where, and what has landed, each as the newest run found it."""
    published = {"remote": "origin", "commit": "c" * 40, "pullRequest": {"url": "https://x/1", "draft": True}}
    landed = {"how": "merge", "base": "main", "commit": "d" * 40, "pushed": True, "pullRequest": ""}
    runs = [
        a_run(id="ffff0000", verb="land", results={"land": landed}),
        a_run(id="eeee0000", verb="publish", results={"publish": published}),
        a_run(verb="gates", results={"gates": REPORT}),
        a_run(verb="gates", results={"gates": {**REPORT, "standing": "passed"}}),
        a_run(),
    ]
    shown = ask(Rehearsal(runs_there=runs), "show", "demo-1").stdout
    _, _, section = shown.partition("\nBranch\n")
    lines = [line.partition(", 3")[0].partition(", 2")[0].rstrip() for line in section.splitlines()[:8]]
    assert lines[0] == "  branch     bead/demo-1 at bbbbbbbbbb"
    assert lines[1].startswith("  gates      failed at bbbbbbbbbb")
    assert lines[2].startswith("  published  to origin at cccccccccc, before the branch went on")
    assert "https://x/1 (a draft)" in section
    assert lines[3].startswith("  landed     in main as dddddddddd (merge, pushed)")
    assert "    test: make test, exit code 2, in 12 s\n    E  assert 5 == 7\n" in section


def test_gates_of_what_landed() -> None:
    """They ran on what the branch became with its base, which is no older commit of the branch."""
    results = {"gates": {**REPORT, "standing": "passed", "commit": "d" * 40}}
    shown = ask(Rehearsal(runs_there=[a_run(verb="land", results=results)]), "show", "demo-1").stdout
    assert "  gates   passed at dddddddddd, merged, " in shown


def test_verbs_in_lists() -> None:
    """`runs` names what each run does, except for work, which most do."""
    runs = [a_run(verb=verb) for verb in ("gates", "publish", "land", "close", "work")]
    shown = ask(Rehearsal(runs_there=runs), "runs").stdout.splitlines()
    assert [line.split()[1] for line in shown] == ["gates", "publish", "land", "close", "demo-1"]
