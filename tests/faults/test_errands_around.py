"""What gates, publish, land and close stand on, harmed meanwhile: beads, branches, the store, the clock."""

import json
from pathlib import Path

import pytest

from beadwork.executions import Phase, Reason, State, Verb
from eventually import eventually
from faults.errands import CLOSED, END, GATE, MAIN, MOMENTS, Moment, ask, furnish, held
from faults.ground import DONE, Ground, ground_in
from faults.test_tracker import close, edit
from left_behind import carrying, new_token
from remote_places import REF, branch, rewrite

pytestmark = pytest.mark.fault

CLOSE, LAND, GATES = (MOMENTS[f"{verb}: gates"] for verb in ("close", "land", "gates"))
WORK = Moment(Verb.WORK, Phase.GATES, GATE)


def go_on(ground: Ground) -> None:
    """Let the gate end, and nothing else."""
    (ground.gates / "agent.go").touch()


# The tracker


@pytest.mark.parametrize("harm", ["locked", "gone"])
async def test_the_tracker_cannot_be_told_to_close(ground: Ground, harm: str) -> None:
    """The run fails for that, and the bead is as it was; asked again, it closes."""
    run = await held(ground, CLOSE, bd_timeout=0.2)
    beads, away = ground.made.project / ".beads", ground.made.folder / "beads"
    if harm == "locked":
        ground.hold_tracker()
    else:
        beads.rename(away)
    go_on(ground)
    await ground.ended(run)
    if harm == "gone":
        away.rename(beads)
    ground.let_go()
    await ground.aftermath(run, State.FAILED, Reason.TRACKER, told=0)
    await ground.aftermath(await ask(ground, Verb.CLOSE), *END[Verb.CLOSE], bead=CLOSED)


@pytest.mark.parametrize(("harm", "bead"), [("deleted", None), ("closed", CLOSED)])
async def test_the_bead_is_gone_while_its_gates_run(
    ground: Ground, harm: str, bead: tuple[str, str, tuple[str, ...]] | None
) -> None:
    """There is nothing to close any more, which is said, and nothing is written."""
    run = await held(ground, CLOSE)
    edit(ground.made, (lambda _: None) if harm == "deleted" else close)
    ground.let_go()
    done = await ground.aftermath(
        run, State.FAILED, Reason.REFUSED, bead=bead, told=0, says="nothing was done"
    )
    assert done.results["refused"]["code"] == "closed"  # type: ignore[index]


# The branch


def harm_branch(ground: Ground, harm: str) -> str:
    """Do to the branch of demo-1 what its user may do; give its head, empty without one."""
    sample = ground.made.repository
    match harm:
        case "deleted":
            sample.git("update-ref", "-d", REF)
            return ""
        case "went on":
            return branch(sample, more="more\n")
        case _:
            return rewrite(sample)


async def test_the_branch_is_deleted_while_it_is_pushed(ground: Ground) -> None:
    """The remote has nothing of it, and git's words are given."""
    run = await held(ground, MOMENTS["publish: publishing"])
    harm_branch(ground, "deleted")
    ground.let_go()
    await ground.aftermath(run, State.FAILED, Reason.REMOTE, told=0, says="was not pushed")


@pytest.mark.parametrize("harm", ["deleted", "went on", "rewritten"])
async def test_the_branch_is_harmed_while_it_lands(ground: Ground, harm: str) -> None:
    """What landed is what it is then, gates included; without a branch nothing does."""
    run = await held(ground, LAND)
    head = harm_branch(ground, harm)
    ground.let_go()
    if head:
        ground.may_change = (*ground.may_change, *MAIN)
        await ground.aftermath(run, *END[Verb.LAND], told=0)
        assert ground.made.repository.git("rev-parse", "main^2") == head == ground.get(run).head
    else:
        await ground.aftermath(run, State.FAILED, Reason.CHECKOUT, told=0, says="no branch bead/demo-1")
    assert not [path for path in ground.made.state.rglob("land+*") if path.suffix != ".lock"]


async def test_the_branch_is_rewritten_before_it_is_closed(ground: Ground) -> None:
    """A head that no gate has seen is not closed over: they run once more, on it."""
    run = await held(ground, CLOSE)
    head = harm_branch(ground, "rewritten")
    ground.let_go()
    done = await ground.aftermath(run, *END[Verb.CLOSE], bead=CLOSED)
    assert done.results["gates"]["commit"] == head  # type: ignore[index]
    assert [each.get("state") for each in ground.events(run) if each["kind"] == "gate"].count("passed") == 2


async def test_the_branch_is_deleted_before_it_is_closed(ground: Ground) -> None:
    """Then it is a bead without a branch: no gate speaks for it."""
    run = await held(ground, CLOSE)
    harm_branch(ground, "deleted")
    ground.let_go()
    done = await ground.aftermath(run, *END[Verb.CLOSE], bead=CLOSED)
    assert done.results["close"]["overruled"] == []  # type: ignore[index]
    assert "gate" not in done.summary.removesuffix("Removed the checkout for gates of demo-1.")


@pytest.mark.parametrize("harm", ["deleted", "went on"])
async def test_the_branch_is_harmed_while_gates_run_after_work(ground: Ground, harm: str) -> None:
    """The work counts: its gates ran on its own commit, which the run names."""
    run = await held(ground, WORK)
    head = ground.made.repository.git("rev-parse", REF)
    harm_branch(ground, harm)
    ground.let_go()
    done = await ground.aftermath(run, *END[Verb.WORK], bead=DONE)
    assert done.head == head


# The store, the clock


async def test_the_store_is_damaged_under_an_errand(ground: Ground) -> None:
    """It is made anew from the logs with this run in it, which closes its bead and says so."""
    run = await held(ground, CLOSE)
    ground.application.close()
    ground.store.close()
    for file in ground.made.state.glob("beadwork.sqlite3*"):
        file.write_bytes(b"this is no database" * 1000)
    ground.let_go()
    await eventually("its worker's end", lambda: not ground.left())
    ground.come_back()
    done = await ground.aftermath(run, *END[Verb.CLOSE], bead=CLOSED, printed=True)
    assert {"gates", "close"} <= set(done.results)
    assert done.order.verb is Verb.CLOSE


async def test_the_clock_is_set_back_in_a_gate(tmp_path: Path) -> None:
    """By an hour: neither its limit nor how long it took is the clock's."""
    with ground_in(tmp_path, worker="clock-back") as ground:
        run = await held(ground, GATES)
        (ground.gates / "clock-back").touch()
        ground.let_go()
        done = await ground.aftermath(run, *END[Verb.GATES], told=0)
        (result,) = done.results["gates"]["results"]  # type: ignore[index]
        assert 0 < result["seconds"] < 600


# What a gate leaves


@pytest.mark.parametrize("runner", ["plain", pytest.param("sandbox", marks=pytest.mark.bubblewrap)])
@pytest.mark.parametrize("ends", ["passes", "is killed"])
async def test_a_gate_leaves_a_daemon(ground: Ground, runner: str, ends: str) -> None:
    """Deaf, in a session of its own, with no file open and no environment: it is ended all the same."""
    token = new_token()
    daemon = "import signal, time; signal.pthread_sigmask(0, range(1, 32)); time.sleep(600)"
    started = f"setsid -f env -i $(command -v python3) -c {json.dumps(daemon)} {token} <&- >&- 2>&-"
    stays = "true" if ends == "passes" else "sleep 600"
    furnish(ground, Verb.GATES, runner=runner, **{"gates.commands": [f"{started}; {stays}"]})
    run = await ask(ground, Verb.GATES)
    if ends == "passes":
        await ground.aftermath(run, *END[Verb.GATES], told=0)
    else:
        await eventually("the daemon", lambda: carrying(token))
        await ground.kill(ground.worker(run))
        await ground.aftermath(run, State.FAILED, Reason.INTERRUPTED, told=0)
    assert carrying(token) == []
