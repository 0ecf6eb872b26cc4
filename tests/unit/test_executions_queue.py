"""What begins when: agents have slots and cost money, errands a bound of their own, landings come singly."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beadwork.executions import (
    Execution,
    Order,
    Queue,
    Reason,
    State,
    Store,
    Verb,
    Worker,
)

WORKER = Worker(4242, 12.5, "boot")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Give an empty store."""
    opened = Store(tmp_path / "beadwork.sqlite3")
    yield opened
    opened.close()


def add(store: Store, bead: str, verb: Verb = Verb.WORK, project: str = "/project") -> Execution:
    """Queue an order."""
    return store.add(Order(project, bead, bead, verb))


def claim_all(store: Store, queue: Queue) -> list[str]:
    """Be the worker of all that may begin, and give the beads in the order of their claims."""
    claimed = iter(lambda: store.claim(WORKER, queue), None)
    return [run.order.bead for run in claimed]


def end(store: Store, run: Execution, **fields: Any) -> None:
    """End a run."""
    store.finish(run.id, State.COMPLETED, reason=Reason.CLOSED, summary="", **fields)


def test_errands_begin_while_all_slots_are_taken(store: Store) -> None:
    """A person waits for them, and no agent has to give way."""
    for bead, verb in (("a", Verb.WORK), ("b", Verb.REVIEW), ("c", Verb.CLOSE), ("d", Verb.GATES)):
        add(store, bead, verb)
    add(store, "e", Verb.PUBLISH)
    assert store.startable(Queue(slots=1)) == 3
    assert claim_all(store, Queue(slots=1)) == ["a", "c", "d"]
    assert store.startable(Queue(slots=1)) == 0
    assert claim_all(store, Queue(slots=2, errands=3)) == ["b", "e"]


def test_of_landings_a_project_has_one_at_a_time(store: Store) -> None:
    """The next waits until it has ended; that of another project, and whatever else, does not."""
    first = add(store, "a", Verb.LAND)
    add(store, "b", Verb.LAND)
    add(store, "c", Verb.CLOSE)
    add(store, "d", Verb.LAND, "/other")
    queue = Queue(slots=1, errands=9)
    assert store.startable(queue) == 3
    assert claim_all(store, queue) == ["a", "c", "d"]
    end(store, first)
    assert claim_all(store, queue) == ["b"]


def test_a_spent_budget_holds_agents_alone(store: Store) -> None:
    """Errands cost nothing; and only agents are a reason to wait for tomorrow."""
    spent = add(store, "a")
    store.claim(WORKER, Queue(slots=1))
    end(store, spent, cost_usd=5.0)
    broke = Queue(slots=2, budget_usd=1.0)
    errand = add(store, "b", Verb.PUBLISH)
    assert not store.waits(broke)
    add(store, "c", Verb.WORK)
    assert store.waits(broke)
    assert claim_all(store, broke) == ["b"]
    end(store, errand)
    assert store.startable(broke) == 0
    assert claim_all(store, Queue(slots=2)) == ["c"]


def test_an_errand_says_nothing_of_where_a_bead_stands_once_it_has_ended(store: Store) -> None:
    """While it is unfinished the bead is busy; after that the last work on it speaks again."""
    worked = add(store, "a")
    store.claim(WORKER, Queue(slots=1))
    end(store, worked)
    errand = add(store, "a", Verb.CLOSE)
    assert store.newest_by_bead("/project")["a"].id == errand.id
    store.claim(WORKER, Queue(slots=1))
    store.finish(errand.id, State.FAILED, reason=Reason.REFUSED, summary="")
    assert store.newest_by_bead("/project")["a"].id == worked.id


_STEPS = st.lists(
    st.tuples(st.sampled_from(["add", "claim", "end"]), st.sampled_from(list(Verb)), st.integers(0, 9)),
    max_size=40,
)


@given(steps=_STEPS, slots=st.integers(0, 3), errands=st.integers(0, 3))
def test_no_bound_is_ever_passed_and_nothing_waits_that_could_begin(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, Verb, int]], slots: int, errands: int
) -> None:
    """Whatever is asked for, begins and ends in whatever order."""
    store = Store(tmp_path_factory.mktemp("queue") / "x.sqlite3")
    queue = Queue(slots=slots, errands=errands)
    for number, (step, verb, which) in enumerate(steps):
        live = store.live()
        if step == "add":
            add(store, f"bead-{number}", verb, f"/project-{which % 2}")
        elif step == "end" and live:
            end(store, live[which % len(live)])
        elif step == "claim":
            could = store.startable(queue)
            assert (store.claim(WORKER, queue) is not None) == (could > 0)
        _hold(store, queue)
    claim_all(store, queue)
    _hold(store, queue)
    assert store.startable(queue) == 0
    left = Counter(run.order.verb.by_agent for run in store.queue() if run.order.verb is not Verb.LAND)
    live = store.live()
    agents = sum(run.order.verb.by_agent for run in live)
    assert not left[True] or agents == slots
    assert not left[False] or len(live) - agents == errands
    store.close()


def _hold(store: Store, queue: Queue) -> None:
    """See that no bound is passed."""
    live = store.live()
    agents = sum(run.order.verb.by_agent for run in live)
    landings = Counter(run.order.project for run in live if run.order.verb is Verb.LAND)
    assert agents <= queue.slots
    assert len(live) - agents <= queue.errands
    assert all(number == 1 for number in landings.values()), landings
