"""The index: each bead in one group, blockers and readiness as bd has them, search."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beadwork.beads import WORK_DONE, Bead, Edge, Group, Index, Listing


def bead(name: str, status: str = "open", *edges: tuple[str, str], **fields: object) -> Bead:
    """Give a bead."""
    values: dict[str, object] = {"type": "task", "priority": 2, **fields}
    return Bead(
        id=name,
        title=f"Title of {name}",
        status=status,
        edges=tuple(Edge(on, kind) for on, kind in edges),
        **values,  # type: ignore[arg-type]
    )


def index(*beads: Bead, runs: dict[str, str] | None = None) -> Index:
    """Give an index of `beads`."""
    return Index(Listing(beads), runs)


def group(of: Bead, *others: Bead, runs: dict[str, str] | None = None) -> Group:
    """Give the one group in which `of` is shown."""
    (found,) = [name for name, beads in index(of, *others, runs=runs).groups().items() if of in beads]
    return found


def test_each_kind_of_bead_is_in_its_group() -> None:
    """Statuses, labels, runs and blockers lead to the group that a person expects."""
    blocker = bead("b")
    assert group(bead("x")) is Group.READY
    assert group(bead("x", "open", ("b", "blocks")), blocker) is Group.BLOCKED
    assert group(bead("x", "in_progress", ("b", "blocks")), blocker) is Group.BLOCKED
    assert group(bead("x", "blocked")) is Group.BLOCKED
    assert group(bead("x", "in_progress")) is Group.IN_PROGRESS
    assert group(bead("x", "in_progress", labels=(WORK_DONE,))) is Group.DONE
    assert group(bead("x", labels=(WORK_DONE,))) is Group.DONE
    assert group(bead("x", "closed", labels=(WORK_DONE,))) is Group.CLOSED
    assert group(bead("x", "done")) is Group.CLOSED
    for status in ("deferred", "pinned", "hooked", "my-own"):
        assert group(bead("x", status)) is Group.OPEN
    for kind in ("agent", "molecule", "rig", "gate", "message"):
        assert group(bead("x", type=kind)) is Group.OPEN
    assert group(bead("x", ephemeral=True)) is Group.OPEN


def test_a_run_decides_before_all_else() -> None:
    """Running wins always; needs you unless the bead was closed; anything else is as no run."""
    assert group(bead("x", "closed"), runs={"x": "running"}) is Group.RUNNING
    assert group(bead("x", labels=(WORK_DONE,)), runs={"x": "needs_you"}) is Group.NEEDS_YOU
    assert group(bead("x", "closed"), runs={"x": "needs_you"}) is Group.CLOSED
    assert group(bead("x"), runs={"x": "completed"}) is Group.READY
    first = index(bead("x"))
    assert first.ready == ("x",)
    assert [each.id for each in first.with_runs({"x": "running"}).groups()[Group.RUNNING]] == ["x"]
    assert [each.id for each in first.groups()[Group.READY]] == ["x"]


def test_what_does_not_block() -> None:
    """Closed, pinned and absent targets, and other kinds of edges, are in nobody's way."""
    edges = [
        ("c", "blocks"),
        ("p", "blocks"),
        ("absent", "blocks"),
        ("external:a:b", "blocks"),
        ("o", "related"),
    ]
    found = index(bead("x", "open", *edges), bead("c", "closed"), bead("p", "pinned"), bead("o"))
    assert found.blockers("x") == ()
    assert "x" in found.ready


def test_being_blocked_is_handed_down_to_children() -> None:
    """A child of a blocked parent is blocked by that parent, at any depth and in circles."""
    found = index(
        bead("b"),
        bead("epic", "open", ("b", "blocks")),
        bead("child", "open", ("epic", "parent-child"), ("grandchild", "parent-child")),
        bead("grandchild", "open", ("child", "parent-child")),
        bead("free", "open", ("b", "parent-child")),
    )
    assert found.blockers("epic") == ("b",)
    assert found.blockers("child") == ("epic", "grandchild")
    assert found.blockers("grandchild") == ("child",)
    assert set(found.ready) == {"b", "free"}
    assert found.children("epic") == ("child",)
    assert found.dependents("b") == (("epic", "blocks"), ("free", "parent-child"))


def test_waiting_for_children_ends_with_the_gate() -> None:
    """`waits-for` waits for all children of its target, or for one where the gate says so."""
    children = (bead("c1", "closed", ("e", "parent-child")), bead("c2", "open", ("e", "parent-child")))
    waiting = bead("x", "open", ("e", "waits-for"))
    assert index(waiting, bead("e"), *children).blockers("x") == ("c2",)
    any_child = Bead("y", "T", "open", "task", 2, edges=(Edge("e", "waits-for", "any-children"),))
    assert index(any_child, bead("e"), *children).blockers("y") == ()


def test_what_is_put_off_is_not_ready_nor_its_children() -> None:
    """A time in the future hides a bead and its children from ready; one in the past does not."""
    later, earlier = {"defer_until": "2999-01-01T00:00:00Z"}, {"defer_until": "2001-01-01T00:00:00Z"}
    found = index(
        bead("later", extra=later), bead("child", "open", ("later", "parent-child")), bead("x", extra=earlier)
    )
    assert found.ready == ("x",)
    assert group(bead("later", extra=later)) is Group.OPEN


def test_order_is_priority_then_age_and_closed_newest_first() -> None:
    """Times are compared as moments, whatever their zone and precision."""
    found = index(
        bead("late", priority=1, created_at="2026-01-01T00:00:00.000000001Z"),
        bead("early", priority=1, created_at="2026-01-01T00:00:00+05:00"),
        bead("urgent", priority=0, created_at="2026-02-01T00:00:00Z"),
        bead("c1", "closed", closed_at="2026-01-01T00:00:00Z"),
        bead("c2", "closed", closed_at="2025-12-31T23:00:00-08:00"),
    )
    assert [each.id for each in found.groups()[Group.READY]] == ["urgent", "early", "late"]
    assert found.ready == ("urgent", "early", "late")
    assert [each.id for each in found.groups()[Group.CLOSED]] == ["c2", "c1"]


def test_search_finds_every_word_in_id_title_text_and_labels() -> None:
    """All words must be there, in any case and any of the fields."""
    found = index(
        bead("demo-1", description="The STRASSE is long", labels=("UI",)), bead("demo-2", "closed"), bead("x")
    )
    assert [each.id for each in found.search("straße ui")] == ["demo-1"]
    assert [each.id for each in found.search("DEMO")] == ["demo-1", "demo-2"]
    assert found.search("demo nothing") == ()
    assert len(found.search("  ")) == 3
    assert found.get("demo-2") is not None
    assert found.get("demo") is None


SEARCHED = (
    bead("demo-1", type="bug", priority=1, labels=("UI", "two words"), assignee="Ada"),
    bead("demo-2", "in_progress", description="see https://x:1 and P1"),
    bead("demo-3", type="bug", description="off by one: label:ui", labels=("ui-tests",)),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("type:bug", "1 3"),
        ("TYPE:Bug label:ui", "1"),
        ("label:ui", "1"),
        ('label:"two words"', "1"),
        ('"off by one"', "3"),
        ("off one", "3"),
        ("status:in_progress", "2"),
        ("priority:1", "1"),
        ("priority:p1", "1"),
        ("p1", "1"),
        ("p9", ""),
        ('"p1"', "2"),
        ("assignee:ada", "1"),
        ("assignee:", "2 3"),
        ("label: type:bug", ""),
        ("type:", "1 2 3"),
        ("https://x:1", "2"),
        ("by:one", ""),
        ("one:", "3"),
        ('"label:ui"', "3"),
        ('label:"two', ""),
        ('"', ""),
    ],
)
def test_words_about_fields_are_searched_as_fields(text: str, expected: str) -> None:
    """Exactly, in any case, with quotes for spaces; what names no field is a plain word."""
    found = index(*SEARCHED).search(text)
    assert sorted(each.id.removeprefix("demo-") for each in found) == expected.split()


@given(st.text(alphabet='type:label"bug p1 \n', max_size=20))
def test_whatever_is_typed_is_a_search(text: str) -> None:
    """A person is never told that a search is wrong."""
    assert {each.id for each in index(*SEARCHED).search(text)} <= {each.id for each in SEARCHED}


statuses = st.sampled_from(["open", "in_progress", "blocked", "closed", "done", "pinned", "hooked", "odd"])
kinds = st.sampled_from(["blocks", "parent-child", "waits-for", "conditional-blocks", "related"])
names = st.sampled_from([f"b-{number}" for number in range(8)])
beads = st.builds(
    lambda name, status, edges, labels, kind: bead(name, status, *edges, labels=labels, type=kind),
    names,
    statuses,
    st.lists(st.tuples(names, kinds), max_size=4),
    st.sampled_from([(), (WORK_DONE,)]),
    st.sampled_from(["task", "epic", "gate", "agent"]),
)


@given(
    st.lists(beads, unique_by=lambda each: each.id),
    st.dictionaries(names, st.sampled_from(["running", "needs_you"])),
)
def test_every_bead_is_in_exactly_one_group(some: list[Bead], runs: dict[str, str]) -> None:
    """Whatever the beads and their edges: each once, ready and blocked never overlap."""
    found = index(*some, runs=runs)
    shown = [each.id for group_beads in found.groups().values() for each in group_beads]
    assert sorted(shown) == sorted(each.id for each in some)
    assert not set(found.ready) & found.blocked
    assert list(found.groups()) == list(Group)
    for each in some:
        assert each in found.groups()[found.group_of(each)]
        assert bool(found.blockers(each.id)) == (each.id in found.blocked)


def test_a_chain_of_ten_thousand_is_worked_out_without_recursion() -> None:
    """Depth costs no stack."""
    many = [bead("b-0", "open", ("x", "blocks")), bead("x")]
    many += [bead(f"b-{n}", "open", (f"b-{n - 1}", "parent-child")) for n in range(1, 10_000)]
    found = index(*many)
    assert found.ready == ("x",)
    assert len(found.groups()[Group.BLOCKED]) == 10_000
    assert found.blockers("b-9999") == ("b-9998",)
    assert len(found.search("b-9999")) == 1
