"""The embedded tracker's file: what people and git put into it is read, reported and never lost."""

import asyncio
import contextlib
import json
import os
import re
import stat
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bead_places import edge, record, write_jsonl
from beadwork.beads import (
    BeadTaken,
    Change,
    Draft,
    Edge,
    Tracker,
    TrackerError,
    TrackerMissing,
    TrackerReadOnly,
    open_tracker,
)
from beadwork.beads.jsonl_edit import REMOVE, edit_object
from beadwork.beads.jsonl_file import JsonlFile


async def embedded(workspace: Path) -> Tracker:
    """Open the embedded tracker of `workspace`."""
    locks = workspace.parent / "locks"
    return await open_tracker(workspace, bd="none", timeout=20, locks=locks, environment={}, actor="ann")


async def opened(workspace: Path, data: bytes) -> tuple[Tracker, Path]:
    """Open a tracker over a file with exactly `data`."""
    path = write_jsonl(workspace, [])
    await asyncio.to_thread(path.write_bytes, data)
    return await embedded(workspace), path


def as_line(bead: str, **fields: object) -> bytes:
    """Give a record as a line."""
    return json.dumps(record(bead, **fields)).encode() + b"\n"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
ids = st.from_regex(r"\A[a-z]{1,3}-[a-z0-9]{1,4}(\.[0-9])?\Z")
records = st.builds(
    lambda bead, known, extra: {**extra, "id": bead, **known},
    ids,
    st.fixed_dictionaries(
        {},
        optional={
            "title": json_values,
            "status": st.sampled_from(["open", "closed", "tombstone", "in_progress", "odd"]) | json_values,
            "priority": st.integers(0, 4) | json_values,
            "labels": st.lists(st.text(max_size=4), max_size=3) | json_values,
            "dependencies": json_values,
            "comments": json_values,
            "updated_at": st.sampled_from(["2026-01-01T00:00:00.123456789-08:00", "no time"]) | json_values,
        },
    ),
    st.dictionaries(st.text(max_size=8), json_values, max_size=3),
)
styles: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [{}, {"separators": (",", ":")}, {"ensure_ascii": False}]
)


@st.composite
def lines(draw: st.DrawFn) -> bytes:
    """A line of a file: mostly records, in some style of JSON, but also anything else."""
    if draw(st.integers(0, 4)):
        style: dict[str, Any] = draw(styles)
        text = json.dumps(draw(records), **style).encode("utf-8", "replace")
    else:
        text = draw(
            st.binary(max_size=30)
            | st.sampled_from([b"", b"<<<<<<< HEAD", b"=======", b"null", b"[1]", b'{"a":', b"[" * 5000])
        ).replace(b"\n", b"")
    return text + draw(st.sampled_from([b"\n", b"\r\n"]))


files = st.tuples(
    st.sampled_from([b"", b"\xef\xbb\xbf"]), st.lists(lines(), max_size=8), st.sampled_from([b"", b"tail"])
).map(lambda parts: parts[0] + b"".join(parts[1]) + parts[2])


@given(files)
def test_any_file_is_given_back_byte_for_byte(data: bytes) -> None:
    """Reading and writing a file without a change changes no byte, whatever is in it."""
    file = JsonlFile.parse(data)
    assert file.data == data
    assert len({bead.id for bead in file.listing.beads}) == len(file.listing.beads)
    for trouble in file.listing.troubles:
        assert trouble.line is not None
        assert 1 <= trouble.line <= data.count(b"\n") + 1


@settings(max_examples=25)
@given(files, files)
def test_what_is_known_of_lines_changes_nothing(before: bytes, data: bytes) -> None:
    """Beads whose lines were read before are taken from there; the list is the same as without."""
    known = JsonlFile.parse(before).beads({})
    file = JsonlFile.parse(data)
    again = file.beads(known)
    assert file.listing_of(again) == file.listing
    assert all(again[line] is known[line] for line in again.keys() & known.keys())


@given(files, st.lists(st.tuples(st.integers(0, 7), st.text(max_size=10)), min_size=1, max_size=5))
def test_any_sequence_of_changes_leaves_other_lines_as_they_are(
    data: bytes, changes: list[tuple[int, str]]
) -> None:
    """A change of one bead changes its own line alone, and of that line only the named fields."""
    file = JsonlFile.parse(data)
    for choice, title in changes:
        names = sorted(file.records)
        if not names:
            return
        bead = names[choice % len(names)]
        place = file.records[bead]
        before = file.record(bead)
        assert before is not None
        changed = file.changed(bead, {"title": title, "x-new": 1, "status": "open"})
        assert [line.raw for n, line in enumerate(changed.lines) if n != place] == [
            line.raw for n, line in enumerate(file.lines) if n != place
        ]
        after = changed.lines[place].record
        assert after is not None
        assert after["title"] == title.encode("utf-8", "replace").decode() or after["title"] == title
        assert [key for key in after if key in before] == [key for key in before if key in after]
        named = {"title", "x-new", "status"}
        assert repr({k: v for k, v in after.items() if k not in named}) == repr(
            {k: v for k, v in before.items() if k not in named}
        )
        file = changed


@given(st.dictionaries(st.text(max_size=5), json_values, max_size=5), st.text(max_size=5), json_values)
def test_an_edit_of_an_object_is_what_a_dict_would_do(
    fields: dict[str, object], key: str, value: object
) -> None:
    """Setting and removing a field in the text means the same as in a dict, in every style."""
    for style in ({}, {"separators": (",", ":")}, {"indent": 1}):
        text = json.dumps(fields, **style)
        assert repr(json.loads(edit_object(text, {key: value}))) == repr(
            {**fields, key: json.loads(json.dumps(value))}
        )
        gone = {name: each for name, each in fields.items() if name != key}
        assert repr(json.loads(edit_object(text, {key: REMOVE}))) == repr(gone)


def test_an_edit_keeps_the_text_of_other_numbers_and_escapes() -> None:
    """What no reader can tell apart stays as it was written."""
    text = r'{"a": 1.10, "big": 1e400, "esc": "\u00e9\/", "title": "old", "n": -0}'
    new = edit_object(text, {"title": "new", "added": True})
    assert new == r'{"a": 1.10, "big": 1e400, "esc": "\u00e9\/", "title": "new", "n": -0, "added": true}'


@settings(max_examples=60, deadline=None)
@given(files)
async def test_rubbish_raises_nothing_but_tracker_errors(tmp_path_factory: Any, data: bytes) -> None:
    """Every method, on any file, works or raises TrackerError; and no line of others is lost."""
    workspace = tmp_path_factory.mktemp("rubbish") / "w"
    tracker, path = await opened(workspace, data)
    listed = await tracker.list()
    first = listed.beads[0].id if listed.beads else "x-1"
    for call in (
        tracker.comments(first),
        tracker.claim(first, "ann"),
        tracker.comment(first, "text", "ann"),
        tracker.update(first, Change(title="T", add_labels=("a",), remove_labels=("b",))),
        tracker.depend(first, listed.beads[-1].id if listed.beads else "x-2"),
        tracker.release(first),
        tracker.close(first, "done"),
        tracker.reopen(first),
        tracker.create([Draft("New")]),
    ):
        with contextlib.suppress(TrackerError):
            await call
    after = await asyncio.to_thread(path.read_bytes)
    place = JsonlFile.parse(data).records.get(first)
    old = [line.raw for n, line in enumerate(JsonlFile.parse(data).lines) if n != place]
    new = [line.raw for n, line in enumerate(JsonlFile.parse(after).lines) if n != place]
    assert [line.rstrip(b"\n") for line in new[: len(old)]] == [line.rstrip(b"\n") for line in old]
    assert len(new) == len(old) + 1


async def test_what_real_files_hold_is_read_as_bd_reads_it(tmp_path: Path) -> None:
    """Odd but real records become beads; deletions, memories and headers are hidden without a word."""
    data = b"".join(
        [
            b'{"_schema":"beads-jsonl/1"}\n',
            b'{"_type":"memory","key":"k","value":"v"}\n',
            b'{"id":"x-p","title":"T","status":"open","issue_type":"task"}\n',
            as_line("x-t", status="tombstone", deleted_at="2026-01-01T00:00:00Z"),
            as_line("x-l", deleted_at="2026-01-01T00:00:00Z", timeout=3_600_000_000_000),
            as_line("x-c", issue_type="convoy", status="hooked", priority="P1"),
            as_line("x-w", wisp=True, dependencies=[edge("x-w", "x-p", "parent_child")]),
            as_line("x-d", status="done", comments=[{"id": 7, "author": "a", "text": "t"}]),
            b"\n",
        ]
    )
    tracker, _ = await opened(tmp_path / "w", data)
    listing = await tracker.list()
    beads = {bead.id: bead for bead in listing.beads}
    assert list(beads) == ["x-p", "x-l", "x-c", "x-w", "x-d"]
    assert beads["x-p"].priority == 0
    assert beads["x-l"].extra["timeout"] == 3_600_000_000_000
    assert (beads["x-c"].type, beads["x-c"].status, beads["x-c"].priority) == ("convoy", "hooked", 1)
    assert beads["x-w"].ephemeral
    assert beads["x-w"].edges == (Edge("x-p", "parent-child"),)
    assert beads["x-d"].closed
    assert beads["x-d"].comment_count == 1
    assert listing.troubles == ()


async def test_broken_lines_are_reported_by_number_and_kept_in_place(tmp_path: Path) -> None:
    """Conflict markers, half records, a byte order mark: named with their 1-based line, never dropped."""
    broken = [b"<<<<<<< HEAD\n", b'{"id":"x-2","ti\n', b"=======\n", b'{"no":"id"}\n', b"\xff\xfe\n", b"[]\n"]
    data = b"\xef\xbb\xbf" + as_line("x-1") + b"".join(broken) + as_line("x-9")
    tracker, path = await opened(tmp_path / "w", data)
    listing = await tracker.list()
    assert [bead.id for bead in listing.beads] == ["x-1", "x-9"]
    assert [trouble.line for trouble in listing.troubles] == [1, 2, 3, 4, 5, 6, 7]
    await tracker.update("x-1", Change(priority=1))
    await tracker.create([Draft("New")])
    after = await asyncio.to_thread(path.read_bytes)
    assert after.startswith(b"\xef\xbb\xbf{")
    assert after.splitlines(keepends=True)[1:8] == [*broken, as_line("x-9")]


async def test_of_the_same_id_twice_the_newest_that_lives_counts(tmp_path: Path) -> None:
    """A later tombstone does not hide a live record; an edit goes to the record that counts."""
    data = b"".join(
        [
            as_line("x-1", title="old", updated_at="2026-01-01T00:00:00Z"),
            as_line("x-1", title="new", updated_at="2026-01-01T01:00:00+00:30"),
            as_line("x-1", title="gone", status="tombstone", updated_at="2027-01-01T00:00:00Z"),
        ]
    )
    tracker, path = await opened(tmp_path / "w", data)
    listing = await tracker.list()
    assert [bead.title for bead in listing.beads] == ["new"]
    assert [trouble.line for trouble in listing.troubles] == [2]
    await tracker.update("x-1", Change(title="newer"))
    after = (await asyncio.to_thread(path.read_bytes)).splitlines(keepends=True)
    assert [after[0], after[2]] == [data.splitlines(keepends=True)[0], data.splitlines(keepends=True)[2]]
    assert [bead.title for bead in (await tracker.list()).beads] == ["newer"]


@pytest.mark.parametrize("data", [b"", b"\n", b"\n\n\n"])
async def test_an_empty_file_is_an_empty_list_that_can_be_filled(tmp_path: Path, data: bytes) -> None:
    """So is no file at all beside a `.beads` folder."""
    tracker, path = await opened(tmp_path / "My Project", data)
    assert (await tracker.list()).beads == ()
    (made,) = await tracker.create([Draft("First")])
    assert re.fullmatch(r"my-project-[0-9a-z]{3}", made)
    path.unlink()
    assert (await tracker.list()).beads == ()
    await tracker.create([Draft("Again")])
    assert len((await tracker.list()).beads) == 1


async def test_new_ids_take_the_prefix_of_the_others_and_never_one_in_use(tmp_path: Path) -> None:
    """Ids are as bd makes them: the prefix that most have, and an id of a tombstone is not used again."""
    workspace = tmp_path / "w"
    write_jsonl(
        workspace, [record(f"my-app-{n}", status="tombstone") for n in range(50)] + [record("my-app-x.2")]
    )
    tracker = await embedded(workspace)
    made = await tracker.create([Draft("Same") for _ in range(500)])
    assert len(set(made)) == 500
    assert all(re.fullmatch(r"my-app-[0-9a-z]{3,8}", bead) for bead in made)
    (workspace / ".beads" / "config.yaml").write_text('# x\nissue-prefix: "conf"\n')
    configured = await embedded(workspace)
    assert (await configured.create([Draft("One")]))[0].startswith("conf-")


async def test_a_link_and_the_mode_of_the_file_survive_a_write(tmp_path: Path) -> None:
    """The file that a link names is replaced, with its mode; nothing else is left in the folder."""
    workspace = tmp_path / "w"
    (workspace / ".beads").mkdir(parents=True)
    real = tmp_path / "elsewhere" / "real.jsonl"
    real.parent.mkdir()
    real.write_bytes(as_line("x-1"))
    real.chmod(0o640)
    (workspace / ".beads" / "issues.jsonl").symlink_to(real)
    tracker = await embedded(workspace)
    await tracker.close("x-1", "done")
    assert (workspace / ".beads" / "issues.jsonl").is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert [path.name for path in real.parent.iterdir()] == ["real.jsonl"]
    assert [path.name for path in (workspace / ".beads").iterdir()] == ["issues.jsonl"]
    assert [bead.status for bead in (await tracker.list()).beads] == ["closed"]


async def test_a_file_that_cannot_be_written_stays_as_it_is(tmp_path: Path) -> None:
    """A failing write says so and loses nothing; reading goes on."""
    tracker, path = await opened(tmp_path / "w", as_line("x-1"))
    in_the_way = path.with_name("issues.jsonl.beadwork-new")
    in_the_way.mkdir()
    (in_the_way / "x").touch()
    with pytest.raises(TrackerError) as caught:
        await tracker.close("x-1", "done")
    assert "Nothing was changed" in caught.value.message
    assert await asyncio.to_thread(path.read_bytes) == as_line("x-1")


async def test_a_change_of_nothing_writes_nothing(tmp_path: Path) -> None:
    """The file keeps its inode and its bytes when a bead is already as asked for."""
    tracker, _ = await opened(tmp_path / "w", as_line("x-1", assignee="ann", status="in_progress"))
    before = tracker.change_signal()
    await tracker.claim("x-1", "ann")
    await tracker.update("x-1", Change(status="in_progress", remove_labels=("absent",)))
    assert tracker.change_signal() == before


async def test_processes_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    """Two processes that claim and comment in turn: every comment is there, one claim won."""
    workspace = tmp_path / "w"
    write_jsonl(workspace, [record("x-1"), record("x-2")])
    script = f"""
import asyncio, sys
from pathlib import Path
from beadwork.beads import open_tracker
async def main():
    locks = Path({str(tmp_path / "locks")!r})
    t = await open_tracker(Path({str(workspace)!r}), bd="none", timeout=60, locks=locks, environment={{}})
    for n in range(15):
        await t.comment("x-1", sys.argv[1] + str(n), sys.argv[1])
    try:
        await t.claim("x-2", sys.argv[1])
    except Exception as error:
        print(error.code)
asyncio.run(main())
"""
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", script, name, stdout=asyncio.subprocess.PIPE
        )
        for name in ("ann", "bob")
    ]
    printed = [(await process.communicate())[0] for process in processes]
    assert sorted(printed) == [b"", f"{BeadTaken.code}\n".encode()]
    comments = await (await embedded(workspace)).comments("x-1")
    assert len(comments) == 30
    assert len({comment.text for comment in comments}) == 30


async def test_with_a_database_and_no_bd_the_file_is_read_only(tmp_path: Path) -> None:
    """The export is shown, every change is refused with the reason, and without a file it is an error."""
    workspace = tmp_path / "w"
    (workspace / ".beads" / "embeddeddolt" / "x" / ".dolt").mkdir(parents=True)
    with pytest.raises(TrackerMissing):
        await embedded(workspace)
    path = write_jsonl(workspace, [record("x-1")])
    before = path.read_bytes()
    tracker = await embedded(workspace)
    assert "database" in tracker.read_only
    assert [bead.id for bead in (await tracker.list()).beads] == ["x-1"]
    assert (await tracker.list()).troubles[0].text == tracker.read_only
    for call in (tracker.create([Draft("T")]), tracker.claim("x-1", "ann"), tracker.close("x-1", "x")):
        with pytest.raises(TrackerReadOnly) as caught:
            await call
        assert caught.value.message == tracker.read_only
    assert path.read_bytes() == before


async def test_a_writer_that_is_killed_leaves_a_whole_file(tmp_path: Path) -> None:
    """SIGKILL at any moment: the file is the old one or the new one, and the next writer goes on."""
    workspace = tmp_path / "w"
    path = write_jsonl(workspace, [record("x-1"), *(record(f"x-p{n}", notes="n" * 500) for n in range(200))])
    script = f"""
import asyncio
from pathlib import Path
from beadwork.beads import open_tracker
async def main():
    locks = Path({str(tmp_path / "locks")!r})
    t = await open_tracker(Path({str(workspace)!r}), bd="none", timeout=60, locks=locks, environment={{}})
    while True:
        await t.comment("x-1", "text", "ann")
        print("one", flush=True)
asyncio.run(main())
"""
    for rounds in range(3):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", script, stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout is not None
        for _ in range(3 + rounds):
            await process.stdout.readline()
        process.kill()
        said = 3 + rounds + len((await process.stdout.read()).splitlines())
        await process.wait()
        listing = await (await embedded(workspace)).list()
        assert listing.troubles == ()
        assert len(listing.beads) == 201
        written = next(bead for bead in listing.beads if bead.id == "x-1").comment_count
        assert written in {said, said + 1}
        write_jsonl(workspace, [record("x-1"), *(record(f"x-p{n}", notes="n" * 500) for n in range(200))])
    await (await embedded(workspace)).comment("x-1", "text", "ann")
    assert [found.name for found in path.parent.iterdir()] == ["issues.jsonl"]


async def test_a_cancelled_change_still_ends_before_the_lock_is_free(tmp_path: Path) -> None:
    """Cancelling a caller leaves a whole file and a free lock."""
    tracker, _ = await opened(tmp_path / "w", as_line("x-1"))
    for _ in range(10):
        task = asyncio.ensure_future(tracker.comment("x-1", "text", "ann"))
        await asyncio.sleep(0)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    await tracker.comment("x-1", "last", "ann")
    assert (await tracker.comments("x-1"))[-1].text == "last"
    assert (await tracker.list()).troubles == ()


async def test_a_folder_that_may_not_be_written_is_read_only(tmp_path: Path) -> None:
    """Without the right to write, reading goes on and a change is TrackerReadOnly."""
    tracker, path = await opened(tmp_path / "w", as_line("x-1"))
    path.parent.chmod(0o555)
    try:
        if os.access(path.parent, os.W_OK):
            pytest.skip("this user may write everywhere")
        with pytest.raises(TrackerReadOnly):
            await tracker.close("x-1", "done")
        assert [bead.status for bead in (await tracker.list()).beads] == ["open"]
    finally:
        path.parent.chmod(0o755)


async def test_a_change_is_seen_though_size_and_time_stay(tmp_path: Path) -> None:
    """As when a copy that keeps its time is written over the file."""
    tracker, path = await opened(tmp_path / "w", as_line("a-1", title="Here"))
    before, found = tracker.change_signal(), path.stat()
    path.write_bytes(path.read_bytes().replace(b"Here", b"Else"))
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))
    assert tracker.change_signal() != before
