"""A bd that hangs, lies, or is the wrong version: each ends in one sentence with a code."""

import asyncio
import json
import shutil
from pathlib import Path

import psutil
import pytest

from bead_places import bare_environment, record, write_jsonl
from beadwork.beads import (
    BeadBlocked,
    BeadNotFound,
    BeadTaken,
    Change,
    Draft,
    Edge,
    Tracker,
    TrackerError,
    TrackerGarbled,
    TrackerLocked,
    TrackerMissing,
    TrackerNoLock,
    TrackerReadOnly,
    TrackerTimeout,
    TrackerUnfit,
    open_tracker,
)

PROGRAM = Path(__file__).parents[1] / "programs" / "bd_bad.py"


class Place:
    """A workspace with a database, and a bd that behaves as told."""

    def __init__(self, folder: Path) -> None:
        """Make the workspace in `folder`."""
        self.folder = folder / "project"
        (self.folder / ".beads/embeddeddolt/demo/.dolt/noms").mkdir(parents=True)
        self.locks = folder / "locks"
        self.calls_file = folder / "calls"
        self.environment = bare_environment(folder) | {"BAD_BD_CALLS": str(self.calls_file)}

    async def tracker(self, how: str, words: str = "", *, seconds: float = 30, bd: str = "") -> Tracker:
        """Open the workspace with a bd that behaves as `how` and says `words`."""
        self.environment |= {"BAD_BD": how, "BAD_BD_WORDS": words}
        return await open_tracker(
            self.folder,
            bd=bd or str(PROGRAM),
            timeout=seconds,
            locks=self.locks,
            environment=self.environment,
        )

    @property
    def calls(self) -> list[dict[str, dict[str, str]]]:
        """What bd was called with, `version` apart."""
        return [json.loads(line) for line in self.calls_file.read_text("utf-8").splitlines()]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A workspace for a bad bd."""
    return Place(tmp_path)


def check_sentence(error: TrackerError) -> None:
    """An error is one sentence for people, and has a code."""
    assert "\n" not in error.message
    assert error.message.endswith(".")
    assert error.code != "error"


async def test_a_bd_that_hangs_is_ended_with_its_child(place: Place, tmp_path: Path) -> None:
    """After the timeout nothing of it is left, though it ignores SIGTERM; the lock is free again."""
    pids = tmp_path / "pids"
    place.environment["BAD_BD_PIDS"] = str(pids)
    tracker = await place.tracker("hang", seconds=2)
    with pytest.raises(TrackerTimeout) as caught:
        await tracker.list()
    check_sentence(caught.value)
    for pid in map(int, (await asyncio.to_thread(pids.read_text)).split()):
        assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    fine = await place.tracker("print", "[]", seconds=2)
    assert (await fine.list()).beads == ()


async def test_a_bd_whose_version_hangs_is_a_timeout(place: Place, tmp_path: Path) -> None:
    """Opening does not wait for ever either."""
    place.environment["BAD_BD_PIDS"] = str(tmp_path / "pids")
    with pytest.raises(TrackerTimeout):
        await place.tracker("version-hangs", seconds=1)


@pytest.mark.parametrize("how", ["half", "garbage", "nothing"])
async def test_an_answer_that_is_no_json_is_garbled(place: Place, how: str) -> None:
    """Half a JSON, no JSON and no answer at all are TrackerGarbled, with exit code 0 too."""
    tracker = await place.tracker(how)
    with pytest.raises(TrackerGarbled) as caught:
        await tracker.list()
    check_sentence(caught.value)


@pytest.mark.parametrize("words", ['{"a":1}', "3", "null", '"x"', "[1, 2]", '[{"title":"no id"}]'])
async def test_json_of_another_shape_never_escapes_as_something_else(place: Place, words: str) -> None:
    """Whatever JSON comes, every method ends in a TrackerError or a sensible answer."""
    tracker = await place.tracker("print", words)
    for call in (
        tracker.list(),
        tracker.comments("demo-1"),
        tracker.create([Draft("T")]),
        tracker.create([Draft("T"), Draft("U", edges=(Edge("external:x", "blocks"),))]),
        tracker.update("demo-1", Change(status="open", add_labels=("x",))),
        tracker.claim("demo-1", "ann"),
        tracker.release("demo-1"),
        tracker.depend("demo-1", "demo-2"),
        tracker.close("demo-1", "x"),
        tracker.reopen("demo-1"),
    ):
        try:
            await call
        except TrackerError as error:
            check_sentence(error)


async def test_a_failure_without_words_names_the_exit_code(place: Place) -> None:
    """Even a silent failure says something."""
    tracker = await place.tracker("silent-failure")
    with pytest.raises(TrackerError) as caught:
        await tracker.list()
    assert "7" in caught.value.message


MEANINGS = [
    ('resolving ID nope: no issue found matching "nope"', BeadNotFound),
    ("issue demo-9 not found", BeadNotFound),
    ("Error claiming e-1: issue already claimed by bob", BeadTaken),
    ("Error claiming e-1: issue not claimable: status closed", BeadTaken),
    ("cannot close e-2: blocked by open issues [e-1] (use --force to override)", BeadBlocked),
    ("cannot close epic e-1: 2 open child issue(s); close children first or use --force", BeadBlocked),
    ("another process holds the exclusive lock on the database", TrackerLocked),
    ("no beads database found", TrackerMissing),
    ("operation not allowed in read-only mode", TrackerReadOnly),
    ("remote branch not found", TrackerError),
    ("something odd", TrackerError),
]


@pytest.mark.parametrize("how", ["error-stdout", "error-stdout-exit-0", "error-stderr", "error-stderr-json"])
@pytest.mark.parametrize(("words", "meaning"), MEANINGS)
async def test_an_error_is_read_from_either_stream(
    place: Place, how: str, words: str, meaning: type[TrackerError]
) -> None:
    """JSON or text, stdout or stderr, exit 0 or 1: the meaning is the same, and bd's words are kept."""
    tracker = await place.tracker(how, words)
    with pytest.raises(TrackerError) as caught:
        await tracker.list()
    assert type(caught.value) is meaning
    assert words in caught.value.detail or json.dumps(words) in caught.value.detail
    check_sentence(caught.value)


@pytest.mark.parametrize("version", ["0.49.6", "1.0.3", "v0.9.0"])
async def test_a_version_too_old_is_not_used(place: Place, version: str) -> None:
    """It is named; with an exported file that file is shown read-only, without one it is an error."""
    place.environment["BAD_BD_VERSION"] = version
    with pytest.raises(TrackerUnfit) as caught:
        await place.tracker("print", "[]")
    assert version in caught.value.message
    write_jsonl(place.folder, [record("demo-1")])
    tracker = await place.tracker("print", "[]")
    assert version in tracker.read_only
    assert [bead.id for bead in (await tracker.list()).beads] == ["demo-1"]
    assert not place.calls_file.exists()


@pytest.mark.parametrize("version", ["1.1.1", "1.2.0", "1.2.1"])
async def test_a_retracted_version_is_named_and_used(place: Place, version: str) -> None:
    """The user's own bd has done its harm already; it is said, and beads can be changed."""
    place.environment["BAD_BD_VERSION"] = version
    tracker = await place.tracker("print", "[]")
    assert version in (await tracker.list()).troubles[0].text
    assert tracker.read_only == ""


async def test_the_version_that_corrupts_may_only_read(place: Place) -> None:
    """With 1.0.5 nothing is written, and the reason is said."""
    place.environment["BAD_BD_VERSION"] = "1.0.5"
    tracker = await place.tracker("print", "[]")
    assert "1.0.5" in (await tracker.list()).troubles[0].text
    for call in (tracker.create([Draft("T")]), tracker.close("demo-1", "x"), tracker.release("demo-1")):
        with pytest.raises(TrackerReadOnly) as caught:
            await call
        check_sentence(caught.value)
    assert len(place.calls) == 1


@pytest.mark.parametrize("version", ["1.0.4", "1.1.2", "1.2.2", "1.3.1", "2.0.0", "dev"])
async def test_a_good_version_is_used_without_a_word(place: Place, version: str) -> None:
    """No trouble for what can be trusted, nor for what is newer than we know."""
    place.environment["BAD_BD_VERSION"] = version
    tracker = await place.tracker("print", "[]")
    assert (await tracker.list()).troubles == ()
    assert version in tracker.name


async def test_a_program_that_is_no_bd_is_named(place: Place) -> None:
    """What the setting names may be anything."""
    with pytest.raises(TrackerGarbled):
        await place.tracker("version-garbage")
    with pytest.raises(TrackerGarbled):
        await place.tracker("", bd=shutil.which("true") or "true")
    with pytest.raises(TrackerError):
        await place.tracker("", bd=shutil.which("false") or "false")


async def test_an_older_list_without_our_flags_still_lists(place: Place) -> None:
    """Flags that a bd does not know are left out, one by one, and not tried again."""
    tracker = await place.tracker("old-list")
    assert [bead.id for bead in (await tracker.list()).beads] == ["demo-1"]
    tried = len(place.calls)
    await tracker.list()
    assert len(place.calls) == tried + 1


async def test_the_environment_of_a_call_is_scrubbed_and_pinned(place: Place) -> None:
    """Variables that change bd's mind do not reach it; the actor does."""
    place.environment |= {
        "CLAUDECODE": "1",
        "CLAUDE_CODE": "1",
        "BD_AGENT_MODE": "1",
        "BD_BACKEND": "sqlite",
        "BEADS_DB": "/x.db",
        "BEADS_DIR": "/elsewhere/.beads",
        "BEADS_ACTOR": "somebody",
    }
    tracker = await place.tracker("print", '[{"id":"demo-1","status":"in_progress"}]')
    await tracker.claim("demo-1", "ann")
    seen = place.calls[-1]["environment"]
    assert seen == {
        "BD_JSON_ENVELOPE": "0",
        "BD_NON_INTERACTIVE": "1",
        "BD_DISABLE_METRICS": "1",
        "BD_EXPORT_GIT_ADD": "false",
        "BEADS_ACTOR": "ann",
    }


@pytest.mark.parametrize("key", ["data", "items", "issues"])
async def test_an_envelope_is_unwrapped(place: Place, key: str) -> None:
    """Newer versions wrap their answers."""
    words = json.dumps({"schema_version": 1, key: [{"id": "demo-1", "title": "T"}]})
    tracker = await place.tracker("print", words)
    assert [bead.title for bead in (await tracker.list()).beads] == ["T"]


async def test_both_shapes_of_dependencies_become_the_same_edges(place: Place) -> None:
    """Edges from `list` and whole beads from `show` are normalised."""
    edges = [{"issue_id": "demo-1", "depends_on_id": "demo-2", "type": "blocks"}]
    beads = [{"id": "demo-2", "title": "Other", "dependency_type": "blocks"}]
    words = json.dumps([{"id": "demo-1", "dependencies": edges}, {"id": "demo-3", "dependencies": beads}])
    tracker = await place.tracker("print", words)
    assert [bead.edges for bead in (await tracker.list()).beads] == [(Edge("demo-2", "blocks"),)] * 2


async def test_a_lock_that_stays_taken_is_tracker_locked(place: Place) -> None:
    """Waiting ends, bd is not started meanwhile, and the event loop goes on."""
    place.environment["BAD_BD_PIDS"] = str(place.folder / "pids")
    holder = await place.tracker("hang", seconds=60)
    holding = asyncio.ensure_future(holder.list())
    async with asyncio.timeout(20):
        while not (place.folder / "pids").exists():  # noqa: ASYNC110  (a file says nothing by itself)
            await asyncio.sleep(0.01)
    other = await place.tracker("print", "[]", seconds=1)
    with pytest.raises(TrackerLocked) as caught:
        await other.list()
    check_sentence(caught.value)
    holding.cancel()
    with pytest.raises(asyncio.CancelledError):
        await holding
    assert (await other.list()).beads == ()


async def test_a_state_folder_that_cannot_hold_a_lock_is_said(place: Place) -> None:
    """Nothing is asked of bd without the lock."""
    place.locks.write_text("a file where a folder should be")
    tracker = await place.tracker("print", "[]")
    with pytest.raises(TrackerNoLock) as caught:
        await tracker.list()
    assert caught.value.code == "state-folder"
    assert not place.calls_file.exists()


async def test_text_that_no_program_can_take_is_refused(place: Place) -> None:
    """NUL and half surrogate pairs end in a sentence, not in a ValueError."""
    tracker = await place.tracker("print", '[{"id":"demo-1"}]')
    await tracker.list()
    for text in ("a\0b", "\ud800"):
        with pytest.raises(TrackerError) as caught:
            await tracker.comment("demo-1", text, "ann")
        check_sentence(caught.value)


@pytest.mark.parametrize(
    ("words", "came"),
    [
        ('{"status": "ok", "pushed": 3}', "ok"),
        ('{"schema_version": 1, "data": {"status": "no-remote"}}', "no-remote"),
        ("Pushing to Dolt remote...\nPush complete.\n\n", "Push complete"),
        (
            "Pushing …\nNo remote is configured — skipping.\n\nFor solo use, pushing is optional.",
            "No remote is",
        ),
        ("", "done"),
    ],
)
async def test_a_sync_says_what_came_of_it(place: Place, words: str, came: str) -> None:
    """In the words of whichever command this version has for it."""
    tracker = await place.tracker("print", words)
    said = await tracker.sync()
    assert said.startswith(f"`bd dolt push`: {came}")
    check_sentence(TrackerError(said))


@pytest.mark.parametrize("status", ["conflict", "retries-exhausted", "dirty-stuck", "something new"])
async def test_a_sync_that_ended_otherwise_than_well_is_an_error(place: Place, status: str) -> None:
    """Also where bd ends with code 0; from 1.3 on it is `bd sync`, which adopts nothing."""
    place.environment["BAD_BD_VERSION"] = "1.3.1"
    tracker = await place.tracker("print", json.dumps({"status": status}))
    with pytest.raises(TrackerError, match=status) as caught:
        await tracker.sync()
    check_sentence(caught.value)
    assert list(place.calls[-1]["argv"]) == ["sync", "--no-adopt", "--json"]


async def test_the_embedded_tracker_has_nothing_to_sync(tmp_path: Path) -> None:
    """Its file goes to others as the user's own git takes it."""
    before = write_jsonl(tmp_path, [record("demo-1")]).read_bytes()
    tracker = await open_tracker(
        tmp_path, bd="bd", timeout=5, locks=tmp_path / "locks", environment=bare_environment(tmp_path)
    )
    assert await tracker.sync() == ""
    assert (tmp_path / ".beads" / "issues.jsonl").read_bytes() == before


async def test_a_change_that_takes_two_calls_says_what_is_done_of_it(place: Place) -> None:
    """A long design goes by itself, after all else."""
    tracker = await place.tracker("no-design")
    with pytest.raises(TrackerError) as caught:
        await tracker.update("demo-1", Change(title="New", design="x" * 200_000))
    check_sentence(caught.value)
    assert "disk full. The design of demo-1 stays; what else" in caught.value.message
    with pytest.raises(TrackerError, match=r"disk full\.$"):
        await tracker.update("demo-1", Change(design="x" * 200_000))
