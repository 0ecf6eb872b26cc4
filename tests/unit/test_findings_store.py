"""What is kept of reviews: a finding that is said again stays the same one, whatever became of it."""

import threading
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

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
    open_findings,
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


def test_a_damaged_store_is_moved_aside_and_begun_anew(tmp_path: Path) -> None:
    """That is said once, with what is lost; nothing is deleted."""
    path = tmp_path / "findings.sqlite3"
    path.write_text("no database " * 100)
    store, said = open_findings(path)
    store.record(a_review("run-1"), [reported("It subtracts")])
    assert "review again" in said
    (aside,) = tmp_path.glob("findings.sqlite3.damaged-*")
    assert str(aside) in said
    assert aside.read_text().startswith("no database")
    again, silence = open_findings(path)
    assert silence == ""
    assert len(again.current(PROJECT)) == 1
    store.close()
    again.close()


def test_whoever_has_a_damaged_store_open_goes_over_to_the_new_one(tmp_path: Path) -> None:
    """As soon as somebody begins it anew."""
    path = tmp_path / "findings.sqlite3"
    old, _ = open_findings(path)
    old.record(a_review("run-1"), [reported(f"Finding {number}", None) for number in range(500)])
    old.close()
    content = bytearray(path.read_bytes())
    content[4096:] = bytes(len(content) - 4096)
    path.write_bytes(content)
    mine = FindingStore(path)
    with pytest.raises(StoreDamaged):
        mine.current(PROJECT)
    fresh, said = open_findings(path)
    assert "empty one" in said
    fresh.record(a_review("run-2"), [reported("It subtracts")])
    assert titles(tuple(mine.current(PROJECT))) == ["It subtracts"]
    mine.close()
    fresh.close()


def test_a_finding_that_two_beads_share_is_one(store: FindingStore) -> None:
    """It counts for both, with one id, one bead and one verdict of a person's; each says it in its words."""
    (one,) = store.record(a_review("run-1"), [reported("It subtracts")])
    store.link(one.id, "demo-9")
    (two,) = store.record(a_review("run-2", "demo-2"), [reported("IT SUBTRACTS", 2)])
    assert (two.id, two.bead, two.subject, two.run) == (one.id, "demo-9", "demo-2", "run-2")
    assert titles(tuple(store.current(PROJECT, "demo-1"))) == ["It subtracts"]
    store.dismiss(one.id, "No.")
    assert {each.state for each in store.current(PROJECT)} == {FindingState.DISMISSED}
    assert len(store.current(PROJECT)) == 2
    assert store.get(PROJECT, one.id).subject == "demo-2"


def test_two_workers_record_at_once(tmp_path: Path) -> None:
    """Each review is whole, and what both say is one finding."""
    path = tmp_path / "findings.sqlite3"
    FindingStore(path).close()

    def record(number: int) -> None:
        store = FindingStore(path)
        store.record(
            a_review(f"run-{number}", f"demo-{number}"), [reported(f"F {n}", None) for n in range(50)]
        )
        store.close()

    threads = [threading.Thread(target=record, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store = FindingStore(path)
    current = store.current(PROJECT)
    assert (len(current), len({each.id for each in current})) == (200, 50)
    store.close()


def test_ten_thousand_findings_are_matched_with_ten_thousand(store: FindingStore) -> None:
    """All are known again: by their words on other lines, or, in other words, by their lines."""
    lines = [f"x_{number} = {number}\n" for number in range(500)]

    def at(number: int, title: str) -> Reported:
        line = number % 500 + 1
        path = f"src/{number // 500}.py"
        return Reported(Finding(title, place=Place(path, line, line)), anchor_in(lines, path, line, line))

    first = store.record(
        a_review("run-1"), [at(n, f"The name {n} says nothing at all") for n in range(10_000)]
    )
    again = [
        at(n, f"The name {n} says {'nothing at all' if n % 2 else 'hardly anything'}") for n in range(10_000)
    ]
    second = store.record(a_review("run-2"), again)
    assert [each.id for each in second] == [each.id for each in first]


class StoreAgainstAModel(RuleBasedStateMachine):
    """Whatever is done in whatever order, the store says what a plain dictionary says."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.store = FindingStore(Path(self.folder.name) / "findings.sqlite3")
        self.number = 0
        self.findings: dict[str, list[str]] = {}
        """State, reason and bead, by title: of one file, a title is one finding."""
        self.newest: dict[str, list[str]] = {}
        """The titles of the newest review, by subject."""

    def teardown(self) -> None:
        """Leave nothing behind."""
        self.store.close()
        self.folder.cleanup()

    @rule(subject=st.sampled_from(["demo-1", "demo-2", "@branch"]), said=st.sets(st.sampled_from("ABCDE")))
    def record(self, subject: str, said: set[str]) -> None:
        """A review; now and then its worker is not sure, and keeps it again."""
        self.number += 1
        found = [reported(title, None) for title in sorted(said)]
        kept = self.store.record(a_review(f"run-{self.number}", subject), found)
        assert self.store.record(a_review(f"run-{self.number}", subject), []) == kept
        self.newest[subject] = sorted(said)
        for title in said:
            self.findings.setdefault(title, ["open", "", ""])

    @precondition(lambda self: self.findings)
    @rule(data=st.data(), what=st.sampled_from(["dismiss", "take back", "link"]))
    def change(self, data: st.DataObject, what: str) -> None:
        """A person makes something of a finding, current or not."""
        title = data.draw(st.sampled_from(sorted(self.findings)))
        name = self.ids()[title]
        match what:
            case "dismiss":
                self.store.dismiss(name, f"Not {title}.")
                self.findings[title][:2] = ["dismissed", f"Not {title}."]
            case "take back":
                self.store.take_back(name)
                self.findings[title][:2] = ["open", ""]
            case _:
                self.store.link(name, f"bead-{title}")
                self.findings[title][2] = f"bead-{title}"

    def ids(self) -> dict[str, str]:
        """Give the ids of all findings that were ever current, by title."""
        if not hasattr(self, "known"):
            self.known: dict[str, str] = {}
        for each in self.store.current(PROJECT):
            assert self.known.setdefault(each.finding.title, each.id) == each.id
        return self.known

    @invariant()
    def says_the_same(self) -> None:
        """What is current, in its order, and what became of it."""
        self.ids()
        for subject, said in self.newest.items():
            kept = self.store.current(PROJECT, subject)
            assert [[e.finding.title, e.state, e.reason, e.bead] for e in kept] == [
                [title, *self.findings[title]] for title in said
            ]


TestStoreAgainstAModel = StoreAgainstAModel.TestCase
TestStoreAgainstAModel.settings = settings(
    max_examples=40, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)
