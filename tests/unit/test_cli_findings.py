"""`review`, `findings`, `finding`, `fix`: the real program, a real worker, the scripted agent."""

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
import pytest

import trial
from bead_places import record

pytestmark = pytest.mark.timeout(120)

CODE = "def add(a, b):\n    total = a - b\n    return total\n"
GRAVE: Mapping[str, object] = {
    "title": "It subtracts",
    "description": "The sum is a difference.",
    "priority": 1,
    "type": "bug",
    "file": "app.py",
    "line": 2,
    "category": "correctness",
    "failure_scenario": "add(1, 2) is -1",
}
SLIGHT: Mapping[str, object] = {"title": "No test", "priority": 3, "type": "task", "file": "app.py"}
GENERAL: Mapping[str, object] = {"title": "No docs", "priority": 4, "type": "task"}


@attrs.frozen
class Ended:
    """What a command left."""

    code: int
    out: str
    err: str


def use(made: trial.Trial, *words: str, folder: Path | None = None) -> Ended:
    """Run the command line as a script does, in the project or a folder in it."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "beadwork", *words],
        cwd=folder or made.project,
        env=dict(made.environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def on_terminal(made: trial.Trial, *words: str) -> str:
    """Run the command line on a terminal of 100 columns, and give what is seen, without colours."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(made.project)
        more = {"TERM": "xterm-256color", "COLUMNS": "100", "LINES": "40"}
        os.execve(
            sys.executable, [sys.executable, "-P", "-m", "beadwork", *words], {**made.environment, **more}
        )
    seen = b""
    while True:
        try:
            data = os.read(terminal, 65536)
        except OSError:  # Linux: the other end is closed
            break
        seen += data
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0, seen
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", seen.decode("utf-8"))


@pytest.fixture
def made(tmp_path: Path) -> trial.Trial:
    """A user with work on the branch of demo-1, and none on that of demo-2."""
    made = trial.with_file(tmp_path, record("demo-1"), record("demo-2"))
    made.settings(agent="scripted", runner="plain", actor="Ada")
    made.repository.commit("beads")
    made.repository.git("checkout", "--quiet", "-b", "bead/demo-1")
    made.repository.commit("Add", **{"app.py": CODE})
    made.repository.git("checkout", "--quiet", "main")
    return made


def answering(made: trial.Trial, *findings: Mapping[str, object], ready: bool = False) -> tuple[str, str]:
    """Give the options for an agent that answers with these findings."""
    answer = {"findings": findings, "summary": "It is nearly there.", "pr_ready": ready}
    return "--script", made.script({"say": "I read."}, {"answer": answer})


def reviewed(made: trial.Trial, *findings: Mapping[str, object], of: tuple[str, ...] = ("demo-1",)) -> Ended:
    """Let it be reviewed, to the end."""
    return use(made, "review", *of, "--follow", *answering(made, *findings))


def the_id(made: trial.Trial) -> str:
    """Give the id of the only finding."""
    (found,) = made.json("findings", "--all")["findings"]
    return str(found["id"])


def test_a_review_that_is_followed_ends_with_its_findings(made: trial.Trial) -> None:
    """Place first, the gravest first, then the summary and the verdict; it completed, so the code is 0."""
    ended = reviewed(made, SLIGHT, GRAVE, GENERAL)
    assert (ended.code, ended.err) == (0, "")
    assert re.match(r"run [0-9a-f]{8} · review of demo-1 · Title of demo-1\n", ended.out)
    _, _, told = ended.out.partition("\nFindings\n")
    lines = [re.sub(r"f-[0-9a-f]{8}", "f-", line) for line in told.splitlines()]
    assert lines == [
        "  app.py:2  P1 bug   It subtracts  f-",
        "  app.py    P3 task  No test       f-",
        "            P4 task  No docs       f-",
        "",
        "Summary",
        "  It is nearly there.",
        "",
        "Verdict: not ready",
    ]


def test_a_review_without_findings(made: trial.Trial) -> None:
    """Is a good one."""
    ended = use(made, "review", "demo-1", "--follow", *answering(made, ready=True))
    assert ended.code == 0
    assert ended.out.endswith("\nFindings\n  none\n\nSummary\n  It is nearly there.\n\nVerdict: ready\n")
    listed = use(made, "findings")
    assert (listed.code, listed.out) == (0, "")
    assert listed.err.startswith("No open findings")


def test_a_review_that_cannot_be_read(made: trial.Trial) -> None:
    """Did not complete: exit code 4, and no list of findings."""
    ended = use(made, "review", "demo-1", "-f", "--script", made.script({"answer_text": "All is fine."}))
    assert (ended.code, ended.err) == (4, "")
    assert "\nFindings\n" not in ended.out


def test_following_as_json(made: trial.Trial) -> None:
    """The last line has what was found."""
    ended = use(made, "review", "demo-1", "--follow", "--json", *answering(made, GRAVE))
    lines = [json.loads(line) for line in ended.out.splitlines()]
    assert [next(iter(lines[0])), next(iter(lines[-2]))] == ["run", "run"]
    assert lines[-1]["reviews"][0]["prReady"] is False
    assert lines[-1]["findings"][0]["title"] == "It subtracts"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("demo-2",), "There is no branch bead/demo-2"),
        (("--branch",), "main has nothing that"),
        (("--changes",), "is committed: review the branch instead"),
    ],
)
def test_nothing_to_review(made: trial.Trial, words: tuple[str, ...], said: str) -> None:
    """Is one sentence, and a code for scripts."""
    ended = use(made, "review", *words)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith("error: ")
    assert said in ended.err
    assert made.json("review", *words, code=1)["error"]["code"] == "nothing-to-review"


@pytest.mark.parametrize("words", [(), ("demo-1", "--branch"), ("--branch", "--changes")])
def test_one_review_at_a_time(made: trial.Trial, words: tuple[str, ...]) -> None:
    """Which one has to be said."""
    assert use(made, "review", *words).code == 2


def test_what_is_not_committed(made: trial.Trial) -> None:
    """Has no bead: every command says in words what it is."""
    made.repository.write("app.py", CODE)
    ended = reviewed(made, GRAVE, of=("--changes",))
    assert ended.code == 0
    assert re.match(r"run [0-9a-f]{8} · review of what is not committed\n", ended.out)
    line = use(made, "findings", "@changes").out
    assert re.fullmatch(r"app\.py:2: P1 bug: It subtracts \[f-[0-9a-f]{8} of @changes\]\n", line)
    (run,) = use(made, "runs").out.splitlines()
    assert re.match(r"  [0-9a-f]{8}  review  what is not committed  completed  ", run)
    assert use(made, "log", "@changes").out.startswith("run ")
    full = use(made, "finding", the_id(made)).out
    assert "of what is not committed, run " in full
    assert "beadwork fix" not in full
    refused = use(made, "fix", the_id(made))
    assert (refused.code, refused.out) == (3, "")
    assert made.json("fix", the_id(made), code=3)["refused"]["code"] == "not-one-bead"


def test_in_a_pipe_findings_can_be_jumped_to(made: trial.Trial) -> None:
    """A line each, `path:line:` first, relative to where one is."""
    reviewed(made, SLIGHT, GRAVE, GENERAL)
    (made.project / "deep").mkdir()
    for folder, before in ((made.project, ""), (made.project / "deep", "../")):
        ended = use(made, "findings", folder=folder)
        assert (ended.code, ended.err) == (0, "")
        lines = [re.sub(r"f-[0-9a-f]{8}", "f-", line) for line in ended.out.splitlines()]
        assert lines == [
            f"{before}app.py:2: P1 bug: It subtracts [f- of demo-1]",
            f"{before}app.py:1: P3 task: No test [f- of demo-1]",
            "P4 task: No docs [f- of demo-1]",
        ]


def test_on_a_terminal_findings_are_a_table(made: trial.Trial) -> None:
    """Below their review and its verdict."""
    reviewed(made, GRAVE)
    seen = on_terminal(made, "findings")
    for words in ("\r\ndemo-1 ", "not ready · bead/demo-1 at ", "It is nearly there.", "app.py:2", "P1 bug"):
        assert words in seen
    assert "app.py:2:" not in seen


def test_what_several_reviews_say_is_shown_once(made: trial.Trial) -> None:
    """With the newest one; of ID alone all that its review says."""
    reviewed(made, GRAVE)
    made.repository.write("app.py", CODE)
    reviewed(made, GRAVE, of=("--changes",))
    (line,) = use(made, "findings").out.splitlines()
    assert " of @changes]" in line
    (line,) = use(made, "findings", "demo-1").out.splitlines()
    assert " of demo-1]" in line
    seen = on_terminal(made, "findings")
    assert "\r\nwhat is not committed " in seen
    assert "no open findings of its own" in seen


def test_a_project_without_reviews(made: trial.Trial) -> None:
    """Says so on standard error; the objects are empty, the SARIF log is one without results."""
    ended = use(made, "findings")
    assert (ended.code, ended.out) == (0, "")
    assert ended.err == "No review in this project yet; `beadwork review` makes one.\n"
    assert use(made, "findings", "demo-2").err.startswith("No review of demo-2 in this project yet")
    assert made.json("findings") == {"folder": str(made.project), "reviews": [], "findings": []}
    assert made.json("findings", "--create-beads") == {"made": []}
    assert json.loads(use(made, "findings", "--sarif").out)["runs"][0]["results"] == []


def test_a_folder_without_beads(made: trial.Trial) -> None:
    """Is an error as everywhere."""
    (made.folder / "elsewhere").mkdir()
    ended = use(made, "findings", "--json", folder=made.folder / "elsewhere")
    assert (ended.code, json.loads(ended.out)["error"]["code"]) == (1, "tracker-missing")


def test_a_finding_in_full(made: trial.Trial) -> None:
    """With all that was said of it, and the commands that go on from it."""
    reviewed(made, GRAVE)
    name = the_id(made)
    ended = use(made, "finding", name[:6])
    assert (ended.code, ended.err) == (0, "")
    for words in (
        f"{name}  It subtracts\n",
        "place   app.py:2\n",
        "what    P1 bug, correctness\n",
        "state   open\n",
        "Description\n  The sum is a difference.\n",
        "It fails when\n  add(1, 2) is -1\n",
        f"beadwork fix {name} --follow\n",
        f"beadwork finding {name} --create-bead\n",
    ):
        assert words in ended.out
    (shown,) = made.json("finding", name)["findings"]
    assert (shown["path"], shown["line"], shown["failureScenario"]) == ("app.py", 2, "add(1, 2) is -1")


def test_a_finding_that_is_not_there(made: trial.Trial) -> None:
    """Is an error, and nothing is done to the others that are named with it."""
    reviewed(made, GRAVE)
    for words in ((), ("--dismiss", "so"), ("--create-bead",)):
        error = made.json("finding", the_id(made), "f-00000000", *words, code=1)["error"]
        assert error["code"] == "finding-not-found"
    (shown,) = made.json("findings", "--all")["findings"]
    assert (shown["state"], shown["bead"]) == ("open", "")
    assert use(made, "fix", "f-00000000").err.startswith("error: There is no finding 'f-00000000'")


def test_dismiss_and_take_back(made: trial.Trial) -> None:
    """It is gone from the list, and `--all` shows it with why, until it is taken back."""
    reviewed(made, GRAVE)
    name = the_id(made)
    ended = use(made, "finding", name, "--dismiss", " It is meant so. ")
    assert (ended.code, ended.out, ended.err) == (0, f"{name} is dismissed: It is meant so.\n", "")
    assert use(made, "findings").out == ""
    everything = use(made, "findings", "--all").out
    assert everything.endswith(f"[{name} of demo-1; dismissed: It is meant so.]\n")
    (result,) = json.loads(use(made, "findings", "--sarif").out)["runs"][0]["results"]
    assert result["suppressions"][0]["justification"] == "It is meant so."
    ended = use(made, "finding", name, "--back")
    assert (ended.code, ended.out) == (0, f"{name} is open\n")
    assert use(made, "findings").out != ""


@pytest.mark.parametrize("words", [("--dismiss", "a", "--back"), ("--dismiss", " ")])
def test_wrong_usage(made: trial.Trial, words: tuple[str, ...]) -> None:
    """One deed at a time, and a reason to dismiss."""
    assert use(made, "finding", "f-12345678", *words).code == 2


def test_beads_from_findings(made: trial.Trial) -> None:
    """Of one, then of all that have none; the same bead when it is asked for again."""
    reviewed(made, GRAVE, SLIGHT)
    name = next(each["id"] for each in made.json("findings")["findings"] if each["priority"] == 1)
    (first,) = made.json("finding", name, "--create-bead")["made"]
    assert (first["finding"], first["new"]) == (name, True)
    again = use(made, "finding", name, "--create-bead")
    assert again.out == f"{name} is bead {first['bead']}, as before\n"
    rest = use(made, "findings", "demo-1", "--create-beads")
    assert (rest.code, rest.err) == (0, "")
    assert len(rest.out.splitlines()) == 1
    none = use(made, "findings", "--create-beads")
    assert (none.code, none.out, none.err) == (0, "", "Each open finding has a bead already.\n")
    assert f"; bead {first['bead']}]" in use(made, "findings").out
    shown = use(made, "show", first["bead"]).out
    assert "app.py:2" in shown
    assert "discovered-from" in shown


def test_sarif(made: trial.Trial) -> None:
    """Is what the standard wants of a log: version, tool, results with message, level and places."""
    reviewed(made, GRAVE, SLIGHT, GENERAL)
    ended = use(made, "findings", "demo-1", "--sarif")
    assert (ended.code, ended.err) == (0, "")
    log: dict[str, Any] = json.loads(ended.out)
    assert (log["version"], list(log)) == ("2.1.0", ["$schema", "version", "runs"])
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    rules = {rule["id"] for rule in driver["rules"]}
    assert driver["name"] == "beadwork"
    assert re.fullmatch(r"\d+\.\d+.*", driver["version"])
    for result in run["results"]:
        assert result["ruleId"] in rules
        assert result["message"]["text"]
        assert result["level"] in {"none", "note", "warning", "error"}
        for location in result.get("locations", []):
            artifact = location["physicalLocation"]["artifactLocation"]
            assert artifact == {"uri": "app.py", "uriBaseId": "ROOT"}
    places = [result.get("locations", []) for result in run["results"]]
    assert places[0][0]["physicalLocation"]["region"] == {"startLine": 2, "endLine": 2}
    assert "region" not in places[1][0]["physicalLocation"]
    assert places[2] == []


def test_sarif_is_a_format_of_its_own(made: trial.Trial) -> None:
    """It goes with no other."""
    for word in ("--json", "--all", "--create-beads"):
        assert use(made, "findings", "--sarif", word).code == 2


def test_show_has_the_review(made: trial.Trial) -> None:
    """The newest one of the bead, and its open findings."""
    reviewed(made, GRAVE)
    shown = use(made, "show", "demo-1").out
    _, _, review = shown.partition("\nReview\n")
    assert re.match(r"  not ready · bead/demo-1 at [0-9a-f]{10} · ", review)
    assert "  app.py:2  P1 bug  It subtracts  f-" in review
    page = made.json("show", "demo-1")
    assert [len(page["reviews"]), len(page["findings"])] == [1, 1]
    assert "\nReview\n" not in use(made, "show", "demo-2").out


def test_fix(made: trial.Trial) -> None:
    """Is work on the reviewed bead, with the finding in the prompt."""
    reviewed(made, GRAVE)
    script = made.script(
        {"keep_prompt": str(made.folder / "told")},
        {"replace": "app.py", "old": "a - b", "new": "a + b"},
        {"commit": "demo-1: add"},
        {"done": "Mended."},
    )
    ended = use(made, "fix", the_id(made), "--follow", "--script", script)
    assert (ended.code, ended.err) == (0, "")
    assert re.match(r"run [0-9a-f]{8} · work on demo-1 · ", ended.out)
    assert "It subtracts" in (made.folder / "told").read_text("utf-8")
    assert "a + b" in made.repository.git("show", "bead/demo-1:app.py")
