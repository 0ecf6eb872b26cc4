"""What a list says can be asked for of a bead."""

from typing import Any

import pytest

from beadwork.beads import Group
from beadwork.executions import Execution, Order, State, Verb
from beadwork.workflows.offering import actions_of

OPEN = ("work", "close", "edit")
FINISH = ("changes", "gates", "publish", "land", "resolve")


def ended(state: State = State.COMPLETED, verb: Verb = Verb.WORK, **fields: Any) -> Execution:
    """Give a run in `state`."""
    return Execution("r1", Order("/p", "demo-1", "Greet", verb=verb), state, 0.0, **fields)


def test_an_open_bead_can_be_worked_on_and_closed() -> None:
    """There is no branch yet, so there is nothing to review or to land."""
    assert actions_of(Group.READY, None, read_only=False) == OPEN


def test_where_nothing_can_be_changed_there_is_only_what_reads() -> None:
    """A bead with a branch can still be reviewed and landed: the tracker has no part in it."""
    assert actions_of(Group.READY, None, read_only=True) == ()
    assert actions_of(Group.DONE, None, read_only=True) == ("review", *FINISH)


def test_commits_on_the_branch_can_be_read_and_brought_on() -> None:
    """A run that left its branch at the base gave nothing to read."""
    worked = ended(base="a", head="b")
    assert actions_of(Group.OPEN, worked, read_only=False) == ("work", "review", *FINISH, "close", "edit")
    assert actions_of(Group.OPEN, ended(base="a", head="a"), read_only=False) == OPEN
    assert actions_of(Group.OPEN, ended(), read_only=False) == OPEN


def test_a_bead_whose_gates_ran_has_a_branch() -> None:
    """They ran on it; whether there is something to review they do not say."""
    gated = ended(verb=Verb.GATES)
    assert actions_of(Group.READY, gated, read_only=False) == ("work", *FINISH, "close", "edit")


def test_a_closed_bead_is_only_opened_again() -> None:
    """What was changed can still be looked at."""
    worked = ended(base="a", head="b")
    assert actions_of(Group.CLOSED, worked, read_only=False) == ("changes", "reopen", "edit")


@pytest.mark.parametrize("state", [State.QUEUED, State.RUNNING, State.NEEDS_INPUT, State.PAUSED])
def test_a_bead_whose_run_goes_on_is_left_to_it(state: State) -> None:
    """Resting runs go on, too."""
    assert actions_of(Group.RUNNING, ended(state, base="a", head="b"), read_only=False) == ("changes", "edit")
