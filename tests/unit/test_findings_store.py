"""What is kept of reviews: a finding that is said again stays the same one, whatever became of it."""

import threading
from pathlib import Path

import pytest

from beadwork.findings import (
    Finding,
    FindingNotFound,
    FindingState,
    FindingStore,
    KeptFinding,
    Place,
    Reported,
    ReviewRecord,
    anchor_in,
)
from beadwork.storage import StoreDamaged

PROJECT = "/projects/demo"
LINES = ["def add(a, b):\n", "    return a - b\n", "\n", "print(add(1, 2))\n"]


@pytest.fixture
def store(tmp_path: Path) -> FindingStore:
    """An empty store."""
    return FindingStore(tmp_path / "findings.sqlite3")


def reported(title: str, line: int | None = 2, path: str = "app.py") -> Reported:
    """A finding on a line of the text."""
    anchor = anchor_in(LINES, path, line, line) if line else None
    return Reported(Finding(title, place=Place(path, line, line)), anchor)


def a_review(run: str, subject: str = "demo-1") -> ReviewRecord:
    """A review of a bead."""
    return ReviewRecord(run, PROJECT, subject, f"bead/{subject}", "a" * 40, "b" * 40, "Fine.", pr_ready=False)


def titles(found: "list[KeptFinding] | tuple[KeptFinding, ...]") -> list[str]:
    """What they are called."""
    return [each.finding.title for each in found]


def test_a_review_is_kept_whole(store: FindingStore) -> None:
    """Everything that went in comes out again, in its order."""
    first, second = reported("It subtracts"), reported("No test", None)
    kept = store.record(a_review("run-1"), [first, second])
    assert [(each.finding, each.anchor) for each in kept] == [
        (first.finding, first.anchor),
        (second.finding, second.anchor),
    ]
    assert store.current(PROJECT) == kept
    (review,) = store.reviews(PROJECT, "demo-1")
    assert (review.run, review.summary, review.pr_ready) == ("run-1", "Fine.", False)


def test_what_is_said_again_keeps_its_id_its_bead_and_that_it_was_dismissed(store: FindingStore) -> None:
    """In the same words on another line, or in other words of the same lines."""
    one, two = store.record(a_review("run-1"), [reported("It subtracts"), reported("No test", 4)])
    store.link(one.id, "demo-7")
    store.dismiss(two.id, "It is a script.")
    again = store.record(
        a_review("run-2"),
        [reported("There is no test", 4), reported("it SUBTRACTS!", 1), reported("New one", 1)],
    )
    assert [each.id for each in again[:2]] == [two.id, one.id]
    assert (again[1].bead, again[0].state, again[0].reason) == (
        "demo-7",
        FindingState.DISMISSED,
        "It is a script.",
    )
    assert again[2].id not in {one.id, two.id}


def test_what_the_newest_review_does_not_say_is_no_more_current(store: FindingStore) -> None:
    """It was mended; those of other subjects stay."""
    store.record(a_review("run-1"), [reported("It subtracts"), reported("No test", 4)])
    store.record(a_review("run-2", "demo-2"), [reported("Elsewhere", 1, "other.py")])
    store.record(a_review("run-3"), [reported("No test", 4)])
    assert sorted(titles(tuple(store.current(PROJECT)))) == ["Elsewhere", "No test"]
    store.record(a_review("run-4"), [])
    assert titles(tuple(store.current(PROJECT))) == ["Elsewhere"]
    assert store.current(PROJECT, "demo-1") == ()


def test_two_alike_findings_of_one_review_stay_two(store: FindingStore) -> None:
    """Each that was known is taken once."""
    store.record(a_review("run-1"), [reported("It is wrong here")])
    kept = store.record(a_review("run-2"), [reported("It is wrong here"), reported("It is wrong there")])
    assert len({each.id for each in kept}) == 2


def test_a_review_is_kept_once(store: FindingStore) -> None:
    """A worker that tries again, after it was not sure, changes nothing."""
    kept = store.record(a_review("run-1"), [reported("It subtracts")])
    assert store.record(a_review("run-1"), [reported("Another")]) == kept


def test_a_finding_is_found_by_the_beginning_of_its_id(store: FindingStore) -> None:
    """Or not, in words."""
    one, two = store.record(a_review("run-1"), [reported("It subtracts"), reported("No test", 4)])
    assert store.get(PROJECT, one.id[:8]).id == one.id
    assert store.get(PROJECT, two.id.upper()).id == two.id
    for name in ("f-", "", "nothing", "f-zz"):
        with pytest.raises(FindingNotFound):
            store.get(PROJECT, name)
    with pytest.raises(FindingNotFound):
        store.get("/projects/other", one.id)


def test_a_dismissed_finding_can_be_taken_back(store: FindingStore) -> None:
    """The reason goes with it."""
    (one,) = store.record(a_review("run-1"), [reported("It subtracts")])
    store.dismiss(one.id, "No.")
    store.take_back(one.id)
    assert store.get(PROJECT, one.id) == one


def test_what_another_process_writes_is_noticed(store: FindingStore, tmp_path: Path) -> None:
    """The signal moves, and only then."""
    before = store.signal()
    assert store.signal() == before

    def elsewhere() -> None:
        other = FindingStore(tmp_path / "findings.sqlite3")
        other.record(a_review("run-1"), [reported("It subtracts")])
        other.close()

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert store.signal() != before
    assert len(store.current(PROJECT)) == 1


def test_a_file_that_is_no_store_is_said_to_be_damaged(tmp_path: Path) -> None:
    """Never overwritten."""
    path = tmp_path / "findings.sqlite3"
    path.write_text("no database " * 100)
    with pytest.raises(StoreDamaged, match="damaged"):
        FindingStore(path)
    assert path.read_text().startswith("no database")
