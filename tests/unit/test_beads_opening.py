"""Finding beads, and choosing who keeps them."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from bead_places import bare_environment, record, write_jsonl
from beadwork.beads import Tracker, TrackerMissing, find_workspace, open_tracker, opening_signal

PROGRAM = Path(__file__).parents[1] / "programs" / "bd_bad.py"


async def opened(workspace: Path, bd: str = str(PROGRAM), **environment: str) -> Tracker:
    """Open `workspace` where a bd is installed that says `[]` to everything."""
    told = bare_environment(workspace.parent) | {"BAD_BD": "print", "BAD_BD_WORDS": "[]"} | environment
    return await open_tracker(
        workspace, bd=bd, timeout=20, locks=workspace.parent / "locks", environment=told
    )


def git(folder: Path, *words: str) -> None:
    """Run git in `folder`."""
    subprocess.run(["git", *words], cwd=folder, env=bare_environment(folder), check=True, capture_output=True)


def test_the_nearest_beads_above_are_found(tmp_path: Path) -> None:
    """A folder of its own wins over one above; without any it is TrackerMissing."""
    write_jsonl(tmp_path, [])
    write_jsonl(tmp_path / "a", [])
    (tmp_path / "a" / "b").mkdir()
    (tmp_path / "c").mkdir()
    assert find_workspace(tmp_path / "a" / "b", {}) == tmp_path / "a"
    assert find_workspace(tmp_path / "c", {}) == tmp_path
    assert find_workspace(tmp_path / "not" / "there", {}) == tmp_path
    with pytest.raises(TrackerMissing):
        find_workspace(Path("/proc"), {})


def test_a_file_called_beads_is_no_workspace(tmp_path: Path) -> None:
    """Only a folder counts."""
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / ".beads").touch()
    with pytest.raises(TrackerMissing):
        find_workspace(tmp_path / "x", {})


def test_a_worktree_finds_the_beads_of_its_repository(tmp_path: Path) -> None:
    """Through git's common folder; a submodule has none of its parent's by that way."""
    main = tmp_path / "main"
    write_jsonl(main, [])
    git(main, "init", "-q")
    git(main, "commit", "-q", "--allow-empty", "-m", "x")
    git(main, "worktree", "add", "-q", str(tmp_path / "tree"))
    (tmp_path / "tree" / "below").mkdir()
    assert find_workspace(tmp_path / "tree" / "below", {}) == main
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / ".git").write_text("gitdir: ../nowhere\n")
    with pytest.raises(TrackerMissing):
        find_workspace(tmp_path / "odd", {})


async def test_a_file_alone_is_embedded_even_where_bd_is_installed(tmp_path: Path) -> None:
    """Without a database bd would refuse everything, so the file is used and can be changed."""
    write_jsonl(tmp_path / "w", [record("x-1")])
    tracker = await opened(tmp_path / "w")
    assert tracker.name == "embedded (.beads/issues.jsonl)"
    assert tracker.read_only == ""


@pytest.mark.parametrize(
    "database", ["embeddeddolt/demo/.dolt", "dolt/.dolt", "dolt/beads/.dolt", "beads.db/x", "proxieddb/x"]
)
async def test_any_database_means_bd(tmp_path: Path, database: str) -> None:
    """Whatever kind of database is there, it is bd's, and a `bd init` later on is noticed."""
    write_jsonl(tmp_path / "w", [record("x-1")])
    before = opening_signal(tmp_path / "w")
    (tmp_path / "w" / ".beads" / database).mkdir(parents=True)
    assert opening_signal(tmp_path / "w") != before
    tracker = await opened(tmp_path / "w")
    assert tracker.name == "bd 1.2.2"


async def test_a_database_on_a_server_means_bd(tmp_path: Path) -> None:
    """The configuration alone says so; broken configuration does no harm."""
    path = write_jsonl(tmp_path / "w", [record("x-1")])
    path.with_name("metadata.json").write_text('{"dolt_mode": "server"}')
    assert (await opened(tmp_path / "w")).name == "bd 1.2.2"
    path.with_name("metadata.json").write_text("{broken")
    assert (await opened(tmp_path / "w")).name.startswith("embedded")


async def test_a_redirect_is_followed_one_step(tmp_path: Path) -> None:
    """As bd does: relative to the project, comments and blank lines left out; a wrong one is ignored."""
    write_jsonl(tmp_path / "real", [record("x-1")])
    own = write_jsonl(tmp_path / "w", [record("w-1")])
    redirect = own.with_name("redirect")
    redirect.write_text("# where the beads are\n\n../real/.beads\n")
    assert [bead.id for bead in (await (await opened(tmp_path / "w")).list()).beads] == ["x-1"]
    redirect.write_text("../nowhere")
    assert [bead.id for bead in (await (await opened(tmp_path / "w")).list()).beads] == ["w-1"]


async def test_beads_dir_may_have_any_name(tmp_path: Path) -> None:
    """What BEADS_DIR names is used for the workspace that it leads to, and for no other."""
    kept = write_jsonl(tmp_path / "elsewhere", [record("x-1")]).parent
    named = kept.rename(kept.with_name("issues"))
    write_jsonl(tmp_path / "w", [record("w-1")])
    workspace = find_workspace(tmp_path / "w", {"BEADS_DIR": str(named)})
    assert workspace == tmp_path / "elsewhere"
    found = (await (await opened(workspace, BEADS_DIR=str(named))).list()).beads
    assert [bead.id for bead in found] == ["x-1"]
    other = (await (await opened(tmp_path / "w", BEADS_DIR=str(named))).list()).beads
    assert [bead.id for bead in other] == ["w-1"]


async def test_the_file_may_have_its_configured_or_former_name(tmp_path: Path) -> None:
    """`jsonl_export` of metadata.json, then issues.jsonl, then beads.jsonl."""
    path = write_jsonl(tmp_path / "w", [record("x-1")])
    path.rename(path.with_name("beads.jsonl"))
    assert (await opened(tmp_path / "w")).name == "embedded (.beads/beads.jsonl)"
    write_jsonl(tmp_path / "w", [record("x-2")]).rename(path.with_name("mine.jsonl"))
    path.with_name("metadata.json").write_text('{"jsonl_export": "mine.jsonl"}')
    assert (await opened(tmp_path / "w")).name == "embedded (.beads/mine.jsonl)"
    path.with_name("metadata.json").write_text('{"jsonl_export": "../../../etc/passwd"}')
    assert (await opened(tmp_path / "w")).name == "embedded (.beads/beads.jsonl)"


async def test_no_beads_at_all_is_missing(tmp_path: Path) -> None:
    """A folder whose `.beads` vanished is TrackerMissing."""
    (tmp_path / "w").mkdir()
    with pytest.raises(TrackerMissing):
        await opened(tmp_path / "w")


async def test_a_database_without_bd_says_what_to_install(tmp_path: Path) -> None:
    """Without an export there is nothing to show; with one it is shown, and the reason has the same words."""
    (tmp_path / "w" / ".beads" / "embeddeddolt" / "w" / ".dolt").mkdir(parents=True)
    words = "There is no bd that starts as `/no/such/bd`: install it, or name it in the setting `bd`."
    with pytest.raises(TrackerMissing, match=re.escape(words)):
        await opened(tmp_path / "w", bd="/no/such/bd")
    write_jsonl(tmp_path / "w", [record("x-1")])
    assert (await opened(tmp_path / "w", bd="/no/such/bd")).read_only.startswith(words)


def test_the_door_loads_nothing_heavy() -> None:
    """Neither the editor's protocol nor a renderer comes with the room."""
    code = (
        "import sys, beadwork.beads; sys.exit(bool({'pygls','lsprotocol','rich','click'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
