"""`beadwork prompt` over real git and real beads: what would be sent, where from, and no trace."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import trial
from repositories import picture

pytestmark = pytest.mark.timeout(60)


@pytest.fixture
def made(tmp_path: Path) -> trial.Trial:
    """A project with beads; demo-2 is blocked by demo-1."""
    return trial.with_file(tmp_path)


def prompt(made: trial.Trial, *words: str) -> "subprocess.CompletedProcess[bytes]":
    """Run the command."""
    return subprocess.run(
        [sys.executable, "-P", "-m", "beadwork", "prompt", *words],
        cwd=made.project,
        env=dict(made.environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )


def test_the_prompt_alone_is_on_standard_output(made: trial.Trial) -> None:
    """The account is on standard error, and adds up to what is said in all."""
    done = prompt(made, "demo-1")
    assert done.returncode == 0, done.stderr
    text = done.stdout.decode("utf-8")
    assert text.startswith("You work alone on one bead")
    assert text.endswith("are kept for you.\n")
    lines = done.stderr.decode().splitlines()
    assert lines[0].split() == ["tokens", "part"]
    assert "in all, of 30,000; the template is Beadwork's own" in lines[-1]
    parts = [int(line.split()[0].replace(",", "")) for line in lines[1:-1]]
    assert sum(parts) >= int(lines[-1].split()[0].replace(",", "")) >= len(done.stdout) // 3


def test_nothing_is_claimed_cloned_or_changed(made: trial.Trial) -> None:
    """The project is as it was, to the byte; there is no run and no checkout."""
    worked_on(made, "demo-1")
    before = picture(made.project)
    prompt(made, "demo-1")
    prompt(made, "demo-1", "--review")
    assert picture(made.project) == before
    assert made.json("runs") == {"runs": []}
    assert not (made.state / "checkouts").exists()
    assert not (made.state / "shadows").exists()


def worked_on(made: trial.Trial, bead: str, **files: str) -> None:
    """Put work on a branch of a bead: `files`, a commit each."""
    made.repository.commit("The beads")
    made.repository.git("checkout", "--quiet", "-b", f"bead/{bead}")
    for name, text in (files or {"app.py": "def add(a, b):\n    return a - b\n"}).items():
        made.repository.commit(f"Add {name}", **{name: text})
    made.repository.git("checkout", "--quiet", "main")


def test_nothing_to_review_has_no_prompt(made: trial.Trial) -> None:
    """A reviewer of a bead without a branch would be sent nothing, and that is said."""
    assert made.json("prompt", "demo-1", "--review", code=1)["error"]["code"] == "nothing-to-review"


async def test_a_reviewer_is_sent_what_was_shown(made: trial.Trial) -> None:
    """With the changes and the findings that are open, to the byte; only the mark is another one."""
    worked_on(made, "demo-1")
    made.settings(agent="scripted", runner="plain")
    found = {"findings": [{"title": "It subtracts", "file": "app.py", "line": 2}], "summary": "Hm."}
    steps = ({"keep_prompt": str(made.folder / "told")}, {"answer": {**found, "pr_ready": False}})
    shown = ""
    for _ in range(2):
        before = picture(made.project)
        shown = prompt(made, "demo-1", "--review").stdout.decode()
        assert picture(made.project) == before
        run = made.json("review", "demo-1", "--script", made.script(*steps))["run"]
        assert (await made.ended(run["id"]))["state"] == "completed"
        marks = re.compile(r"data-[0-9a-f]+")
        told = (made.folder / "told").read_text("utf-8")
        assert [marks.sub("data-", line) for line in told.splitlines()] == [
            marks.sub("data-", line) for line in shown.splitlines()
        ]
    assert "     2 +     return a - b" in shown
    assert "app.py:2 It subtracts" in shown


def test_the_first_of_several_readers(made: trial.Trial) -> None:
    """Of work that is too much for one, it is said that there are more."""
    made.settings(prompt_budget=6000)
    names = ("one.py", "two.py", "three.py")
    worked_on(
        made, "demo-1", **{name: "".join(f"{name[0]}_{n} = {n}\n" for n in range(350)) for name in names}
    )
    done = prompt(made, "demo-1", "--review")
    assert "warning: The work is too much for one reader: this is what the first of 3 is sent." in (
        done.stderr.decode()
    )
    assert "This is part 1 of 3" in done.stdout.decode()


def test_json(made: trial.Trial) -> None:
    """The same in one object."""
    worked_on(made, "demo-2")
    found = made.json("prompt", "demo-2", "--review")["prompt"]
    assert set(found) == {"text", "template", "tokens", "budget", "parts", "warnings"}
    assert set(found["parts"][0]) == {"name", "tokens", "wholeTokens", "cut"}
    assert found["text"].startswith("You review what was done on one bead")
    assert "depends on: demo-1 (open) Title of demo-1" in found["text"]


def test_a_users_and_a_projects_template(made: trial.Trial) -> None:
    """The project's wins, and it is said which one it is."""
    user = made.folder / "config" / "beadwork" / "prompts" / "work.md"
    project = made.project / ".beadwork" / "prompts" / "work.md"
    for path in (user, project):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{path.parent.parent.name} ${{id}} ${{mark}}\n${{bead}}\n", "utf-8")
        done = prompt(made, "demo-1")
        said = done.stderr.decode()
        assert done.stdout.decode().startswith(f"{path.parent.parent.name} demo-1 data-")
        assert f"the template is {path}" in said
        assert f"warning: The prompt {path} has no `${{notes}}`" in said


def test_a_broken_template_is_an_error_with_its_file(made: trial.Trial) -> None:
    """In words, and with a code for scripts."""
    path = made.project / ".beadwork" / "prompts" / "work.md"
    path.parent.mkdir(parents=True)
    path.write_text("${mark}\n${bean}", "utf-8")
    done = prompt(made, "demo-1")
    assert done.returncode == 1
    assert done.stdout == b""
    assert (
        f"{path}, line 2: there is no placeholder `${{bean}}`; did you mean `${{bead}}`?"
        in done.stderr.decode()
    )
    error = json.loads(prompt(made, "demo-1", "--json").stdout)["error"]
    assert error["code"] == "prompt"


def test_a_bead_that_is_not_there(made: trial.Trial) -> None:
    """Is an error as everywhere."""
    assert json.loads(prompt(made, "demo-77", "--json").stdout)["error"]["code"] == "bead-not-found"


async def test_the_log_of_a_run_says_where_its_prompt_came_from(made: trial.Trial) -> None:
    """And a run whose template cannot be used fails before its agent starts, with the file in its summary."""
    path = made.project / ".beadwork" / "prompts" / "work.md"
    path.parent.mkdir(parents=True)
    path.write_text("${mark} ${bead}", "utf-8")
    made.settings(agent="scripted", script=made.script({"write": "new", "text": "x"}, {"commit": "add it"}))
    run = await made.ended(made.json("work", "demo-1")["run"]["id"])
    said = [event["text"] for event in made.events(run["id"]) if event["kind"] == "note"]
    assert any(text.startswith(f"The prompt is {path}: about ") for text in said)
    assert any("has no `${notes}`, so this is not told" in text for text in said)
    path.write_text("nothing", "utf-8")
    run = await made.ended(made.json("work", "demo-3")["run"]["id"])
    assert (run["state"], run["reason"]) == ("failed", "agent-failed")
    assert str(path) in run["summary"]
    assert not [event for event in made.events(run["id"]) if event.get("phase") == "agent"]
