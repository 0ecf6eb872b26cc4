"""Several windows, more beads than slots, and rubbish: the whole of Beadwork with the scripted agent."""

import asyncio
import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

import trial
from bead_places import record
from beadwork.cli.demo.editor import EditorError
from eventually import eventually

Maker = Callable[..., trial.Trial]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Maker]:
    """A factory of trials with beads in a file; whatever still runs at the end of the test is ended."""
    made: list[trial.Trial] = []

    def maker(*beads: Mapping[str, object], **settings: object) -> trial.Trial:
        made.append(new := trial.with_file(tmp_path, *beads))
        new.settings(agent="scripted", **settings)
        return new

    yield maker
    for each in made:
        each.end_all()


async def test_two_servers_share_runs_and_start_no_more_than_three_of_ten(make: Maker) -> None:
    """Ten are queued from two windows: both see the ten, three run at once, all are done in the end."""
    made = make(*(record(f"demo-{number}") for number in range(10)))
    go = made.folder / "go"
    script = made.script(
        {"stall": True, "until": str(go)},
        {"write": "new.txt", "text": "new"},
        {"commit": "work"},
        {"done": "Worked."},
    )
    made.settings(agent="scripted", script=script, runner="plain")
    async with made.editor() as first, made.editor() as second:
        asked = [(first, second)[number % 2].command("work", id=f"demo-{number}") for number in range(10)]
        queued = {answer["run"]["id"] for answer in await asyncio.gather(*asked)}
        most = 0

        async def states() -> list[str]:
            shown = [
                {run["id"]: run["state"] for run in (await each.command("runs"))["runs"]}
                for each in (first, second)
            ]
            assert set(shown[0]) == set(shown[1]) == queued
            return list(shown[0].values())

        async with asyncio.timeout(trial.DEADLINE):
            while (await states()).count("running") < 3:
                await first.told.get()
            go.touch()
            while set(now := await states()) != {"completed"}:
                most = max(most, now.count("running"))
                await first.told.get()
        assert most <= 3
    assert _most_at_once(made) == 3


def _most_at_once(made: trial.Trial) -> int:
    """Give how many runs overlapped, by the times in the store."""
    database = sqlite3.connect(made.state / "beadwork.sqlite3")
    spans = database.execute("SELECT started_at, ended_at FROM execution").fetchall()
    database.close()
    return max(int(sum(begin <= moment < end for begin, end in spans)) for moment, _ in spans)


async def test_a_blocked_bead_is_refused_and_can_be_forced(make: Maker) -> None:
    """A refusal is data with what is in the way; force is kept on the run."""
    made = make()
    script = made.script({"write": "new.txt", "text": "new"}, {"commit": "work"}, {"done": "Worked."})
    async with made.editor() as editor:
        refused = (await editor.command("work", id="demo-2", script=script))["refused"]
        assert (refused["code"], refused["blockedBy"], refused["canForce"]) == ("blocked", ["demo-1"], True)
        run = (await editor.command("work", id="demo-2", script=script, force=True))["run"]
        assert run["forcedOver"] == ["demo-1"]
    assert (await made.ended(run["id"]))["state"] == "completed"


async def test_a_bead_with_a_run_is_refused_until_it_has_ended(make: Maker) -> None:
    """One active run a bead, also for the command line of another window; force does not help."""
    made = make()
    go = made.folder / "go"
    script = made.script({"stall": True, "until": str(go)}, {"fail": "enough"})
    run = made.json("work", "demo-1", "--script", script, "--runner", "plain")["run"]["id"]
    again = made.json("work", "demo-1", "--script", script, "--force", code=3)["refused"]
    assert (again["code"], again["canForce"]) == ("already-active", False)
    go.touch()
    await made.ended(run)
    assert made.json("work", "demo-1", "--script", script, "--runner", "plain")["run"]["id"] != run


async def test_a_done_agent_without_a_commit_leaves_the_bead_unmarked(make: Maker) -> None:
    """The run says so; the bead is open again and has a comment about it."""
    made = make()
    script = made.script({"write": "new.txt", "text": "new"}, {"done": "Everything is done."})
    run = await made.ended(made.json("work", "demo-1", "--script", script)["run"]["id"])
    assert (run["state"], run["reason"]) == ("failed", "no-commit")
    page = made.json("show", "demo-1")["page"]
    assert (page["bead"]["status"], page["bead"]["labels"]) == ("open", [])
    assert page["bead"]["group"] == "needs_you"
    assert "nothing was committed" in page["comments"][0]["text"]
    assert (Path(run["checkout"]) / "new.txt").read_text("utf-8") == "new"


@pytest.mark.parametrize(
    "bead", ["nope-1", "../../etc/passwd", "a/b", "$(touch pwned)", "; rm -rf .", "-x", "", "é" * 300]
)
async def test_a_bead_id_that_is_rubbish_is_one_clear_sentence(make: Maker, bead: str) -> None:
    """On the command line and over the protocol: a code, a sentence, and nothing made anywhere."""
    made = make()
    answer = json.loads(made.beadwork("work", "--json", "--", bead, code=1))
    assert answer["error"]["code"] == "bead-not-found"
    async with made.editor() as editor:
        with pytest.raises(EditorError, match="bead"):
            await editor.command("work", id=bead)
    assert not list(made.state.glob("checkouts/*"))
    assert not (made.project / "pwned").exists()


async def test_a_strange_but_real_bead_id_has_a_branch_and_a_checkout(make: Maker) -> None:
    """Slashes, spaces and shell characters of an id become a safe branch; the bead keeps its own id."""
    strange = "ext/a b;$(x)-1"
    made = make(record(strange))
    script = made.script({"write": "new.txt", "text": "new"}, {"commit": "work"}, {"done": "Worked."})
    run = await made.ended(made.json("work", strange, "--script", script)["run"]["id"])
    assert (run["state"], run["bead"]) == ("completed", strange)
    assert run["branch"].startswith("bead/ext-a-b-x")
    assert made.repository.git("show", f"{run['branch']}:new.txt") == "new"


async def test_a_state_folder_that_cannot_be_written_is_said(make: Maker) -> None:
    """One sentence, an exit code, no traceback; the beads are as they were."""
    made = make()
    before = (made.project / ".beads" / "issues.jsonl").read_bytes()
    made.state.parent.joinpath("file").write_text("no folder")
    broken = trial.Trial(
        made.folder,
        made.repository,
        {**made.environment, "BEADWORK_STATE": str(made.folder / "file" / "state")},
    )
    answer = json.loads(broken.beadwork("work", "demo-1", "--json", code=1))
    assert answer["error"]["code"] == "state-folder"
    assert "BEADWORK_STATE" in answer["error"]["message"]
    assert (made.project / ".beads" / "issues.jsonl").read_bytes() == before


async def test_broken_lines_are_reported_and_survive_a_run(make: Maker) -> None:
    """The line's number is shown, the other beads work, and the broken line is there afterwards."""
    made = make()
    file = made.project / ".beads" / "issues.jsonl"
    file.write_text('{"id": "demo-0", "title": \n' + file.read_text("utf-8"), "utf-8")
    project = made.json("list")["projects"][0]
    assert [trouble["line"] for trouble in project["troubles"]] == [1]
    script = made.script({"write": "new.txt", "text": "new"}, {"commit": "work"}, {"done": "Worked."})
    run = await made.ended(made.json("work", "demo-1", "--script", script)["run"]["id"])
    assert run["state"] == "completed"
    assert file.read_text("utf-8").startswith('{"id": "demo-0", "title": \n')


@pytest.mark.parametrize(
    ("what", "code"),
    [("no repository", "no-repository"), ("no commit", "no-commit"), ("in use", "branch-in-use")],
)
async def test_a_repository_that_does_not_allow_it_is_said_at_once(make: Maker, what: str, code: str) -> None:
    """Nothing is queued that could only fail."""
    made = make()
    match what:
        case "no repository":
            made.project.joinpath(".git").rename(made.folder / "git")
        case "no commit":
            made.repository.git("update-ref", "-d", "HEAD")
        case _:
            made.repository.git("switch", "--quiet", "--create", "bead/demo-1")
    script = made.script({"done": "Worked."})
    assert made.json("work", "demo-1", "--script", script, code=1)["error"]["code"] == code
    assert made.json("runs")["runs"] == []


async def test_a_queued_run_is_cancelled_before_it_starts(make: Maker) -> None:
    """It never claims its bead."""
    made = make(slots=1)
    go = made.folder / "go"
    stalls = made.script({"stall": True, "until": str(go)}, {"fail": "enough"})
    first = made.json("work", "demo-1", "--script", stalls, "--runner", "plain")["run"]["id"]
    await eventually("the first runs", lambda: made.run(first)["phase"] == "agent", within=trial.DEADLINE)
    second = made.json("work", "demo-3", "--script", stalls)["run"]["id"]
    assert made.run(second)["state"] == "queued"
    made.beadwork("cancel", second)
    assert made.run(second)["state"] == "cancelled"
    go.touch()
    assert (await made.ended(first))["state"] == "failed"
    page: Any = made.json("show", "demo-3")["page"]
    assert (page["bead"]["status"], page["comments"]) == ("open", [])


async def _held(made: trial.Trial) -> tuple[Path, str]:
    """Begin work on demo-1 by an agent that waits for a file before it commits; give the file and the run."""
    go = made.folder / "go"
    script = made.script(
        {"stall": True, "until": str(go)},
        {"write": "new.txt", "text": "new"},
        {"commit": "w"},
        {"done": "Worked."},
    )
    run: str = made.json("work", "demo-1", "--script", script, "--runner", "plain")["run"]["id"]
    await eventually("the agent works", lambda: made.run(run)["phase"] == "agent", within=trial.DEADLINE)
    return go, run


async def test_a_bead_that_could_not_be_told_is_told_by_the_next_command(make: Maker) -> None:
    """The beads are out of reach when the run ends; nothing is lost, and the comment comes once."""
    made = make()
    go, run = await _held(made)
    beads = made.project / ".beads"
    beads.rename(made.folder / "beads")
    go.touch()
    store = trial.open_store(made)
    await eventually("the run has ended", lambda: not store.get(run).active, within=trial.DEADLINE)
    assert store.get(run).state == "completed"
    assert "could not be told yet" in store.get(run).summary
    store.close()
    (made.folder / "beads").rename(beads)
    made.beadwork("list")
    made.beadwork("list")
    page = made.json("show", "demo-1")["page"]
    assert page["bead"]["labels"] == ["work-done"]
    assert [run[:8] in comment["text"] for comment in page["comments"]] == [True]


async def test_a_bead_that_is_deleted_in_the_middle_is_said(make: Maker) -> None:
    """The work is kept on its branch; the run says that nobody is left to be told."""
    made = make()
    file = made.project / ".beads" / "issues.jsonl"
    go, run = await _held(made)
    file.write_text("".join(line for line in file.open() if '"id": "demo-1"' not in line), "utf-8")
    go.touch()
    ended = await made.ended(run)
    assert ended["state"] == "completed"
    assert "not there any more" in ended["summary"]
    assert made.repository.git("show", "bead/demo-1:new.txt") == "new"


async def test_a_claim_of_ones_own_outlasts_a_run_that_came_to_nothing(make: Maker) -> None:
    """Who had taken the bead by hand still has it; a claim of the run itself is given back."""
    made = make(record("demo-1", status="in_progress", assignee="Ada"), record("demo-2"), actor="Ada")
    script = made.script({"fail": "No way."})
    for bead, status, assignee in (("demo-1", "in_progress", "Ada"), ("demo-2", "open", "")):
        run = made.json("work", bead, "--agent", "scripted", "--script", script)["run"]["id"]
        assert (await made.ended(run))["reason"] == "agent-failed"
        shown = made.json("show", bead)["page"]["bead"]
        assert (shown["status"], shown["assignee"]) == (status, assignee)


async def test_somebody_elses_bead_is_refused_unless_forced(make: Maker) -> None:
    """Two people do not work on one bead by accident."""
    made = make(record("demo-1", status="in_progress", assignee="Bo"), actor="Ada")
    script = made.script({"write": "new.txt", "text": "new"}, {"commit": "work"}, {"done": "Worked."})
    refused = made.json("work", "demo-1", "--script", script, code=3)["refused"]
    assert (refused["code"], refused["canForce"]) == ("taken", True)
    run = made.json("work", "demo-1", "--script", script, "--force")["run"]["id"]
    assert (await made.ended(run))["state"] == "completed"
    assert made.json("show", "demo-1")["page"]["bead"]["assignee"] == "Ada"


async def test_a_secret_in_an_agents_last_words_is_told_to_nobody(tmp_path: Path) -> None:
    """Neither the run's summary, nor its log, nor the bead's comment has the user's key."""
    key = "sk-ant-not-a-real-key"
    made = trial.with_file(tmp_path, ANTHROPIC_API_KEY=key)
    run = made.json("work", "demo-1", "--script", made.script({"fail": f"The key is {key}."}))["run"]["id"]
    ended = await made.ended(run)
    assert ended["summary"].startswith("The key is [secret].")
    assert key not in Path(ended["log"]).read_text("utf-8")
    assert key not in (made.project / ".beads" / "issues.jsonl").read_text("utf-8")


async def test_an_agent_that_cannot_start_is_said_at_once(make: Maker) -> None:
    """No run is queued for a program that is not there, nor for a script with a slip in it."""
    made = make(claude="no-such-claude")
    missing = made.json("work", "demo-1", "--agent", "claude", code=1)["error"]
    assert (missing["code"], "no-such-claude" in missing["message"]) == ("agent-missing", True)
    slip = made.json("work", "demo-1", "--script", made.script({"comit": "x"}), code=1)["error"]
    assert (slip["code"], "did you mean `commit`" in slip["message"]) == ("agent-script", True)
    assert made.json("runs")["runs"] == []


@pytest.mark.parametrize(("status", "assignee"), [("deferred", ""), ("in_progress", "Bo")])
async def test_a_bead_that_was_forced_is_given_back_as_it_was(
    make: Maker, status: str, assignee: str
) -> None:
    """A run that came to nothing leaves a bead put aside, or somebody else's, as it found it."""
    made = make(record("demo-1", status=status, assignee=assignee), actor="Ada")
    run = made.json("work", "demo-1", "--script", made.script({"fail": "No way."}), "--force")["run"]["id"]
    assert (await made.ended(run))["reason"] == "agent-failed"
    shown = made.json("show", "demo-1")["page"]["bead"]
    assert (shown["status"], shown["assignee"]) == (status, assignee)
