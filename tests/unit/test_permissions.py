"""The user's standing answers: a file of theirs that is added to, never rewritten."""

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beadwork.executions import Ask, AskKind, Permit, Question
from beadwork.settings import SettingsError
from beadwork.workflows.working.permissions import Leave, StandingAnswer, add_answer, permit_of, read_answers


def leave_for(title: str, tool: str = "Bash") -> Ask:
    """A request for leave."""
    return Ask("ask-1", AskKind.PERMISSION, (Question("May I?"),), tool=tool, title=title)


def leave(file: Path, project: str = "/project") -> Leave:
    """What an agent in `project` may do."""
    return Leave(project, file, file.with_suffix(".lock"))


def test_what_is_there_stays_as_it_is(tmp_path: Path) -> None:
    """Comments and all; a link to the file stays one, and nothing else is left in the folder."""
    real = tmp_path / "mine.toml"
    real.write_text('# mine\n[[permission]]\ntool="A"\ntitle="x*"\nproject="/p"\nanswer="never"', "utf-8")
    file = tmp_path / "permissions.toml"
    file.symlink_to(real)
    leave(file).take(leave_for("git push"), Permit.PROJECT)
    assert file.is_symlink()
    assert real.read_text("utf-8").startswith("# mine\n[[permission]]\n")
    assert len(read_answers(file)) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "mine.toml",
        "permissions.lock",
        "permissions.toml",
    ]


def test_never_comes_before_allow(tmp_path: Path) -> None:
    """Whatever their order."""
    file = tmp_path / "permissions.toml"
    lock = tmp_path / "lock"
    add_answer(file, StandingAnswer("Bash", "git *", "/project", allow=True), lock)
    add_answer(file, StandingAnswer("Bash", "git push*", "/project", allow=False), lock)
    assert leave(file).standing(leave_for("git log")) is True
    assert leave(file).standing(leave_for("git push origin")) is False
    assert leave(file).standing(leave_for("ls")) is None
    assert leave(file).standing(leave_for("git log", tool="Web")) is None
    assert leave(file, "/other").standing(leave_for("git log")) is None


def test_the_same_answer_again_is_no_second_entry(tmp_path: Path) -> None:
    """Two runs may be answered alike."""
    file = tmp_path / "permissions.toml"
    for _ in range(2):
        leave(file).take(leave_for("git push"), Permit.NEVER)
    assert len(read_answers(file)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "permission = 1",
        "[[permission]]\ntool = 1",
        '[[permission]]\ntool = "a"\ntitle = "b"\nproject = "c"\nanswer = "maybe"',
        "\xff",
        "permission = []",
    ],
)
def test_a_file_that_cannot_be_used_is_an_error_and_stays(tmp_path: Path, text: str) -> None:
    """The message names it; the answer holds for the run all the same."""
    file = tmp_path / "permissions.toml"
    file.write_bytes(text.encode("latin-1"))
    may = leave(file)
    with pytest.raises(SettingsError, match=r"permissions\.toml"):
        may.take(leave_for("git push"), Permit.PROJECT)
    assert file.read_bytes() == text.encode("latin-1")
    assert may.standing(leave_for("git push")) is True


@pytest.mark.skipif(os.geteuid() == 0, reason="root can write anywhere")
def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    """The file is left as it is."""
    tmp_path.chmod(0o500)
    with pytest.raises(SettingsError, match="cannot be"):
        leave(tmp_path / "permissions.toml").take(leave_for("git push"), Permit.NEVER)


@given(st.text())
def test_any_line_of_a_call_is_found_again(title: str) -> None:
    """Stars, brackets, quotes and control characters are the call's own, not a pattern."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "permissions.toml"
        ask = leave_for(title.encode("utf-8", "replace").decode("utf-8"))
        leave(file).take(ask, Permit.PROJECT)
        assert leave(file).standing(ask) is True
        assert leave(file).standing(leave_for(ask.title + "; rm -rf /")) is None


def test_a_choice_is_known_in_any_case() -> None:
    """Other words are no choice."""
    assert permit_of(" allow ONCE ") is Permit.ONCE
    assert permit_of("yes") is None
