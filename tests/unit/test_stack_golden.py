"""Commands are found in skeletons of projects, one per ecosystem, and each says where it was read."""

import pytest

from stack_skeletons import RENEW, SKELETONS, described, detected, names


@pytest.mark.parametrize("name", names())
def test_a_skeleton_gives_the_expected_commands(name: str) -> None:
    """Parts, commands, sources and notes are exactly the expected ones."""
    found = described(detected(SKELETONS / name / "project"))
    expected = (SKELETONS / name / "expected.json").read_text("utf-8")
    assert found == expected, f"if this is better than before, renew what is expected with: {RENEW}"


@pytest.mark.parametrize("name", names())
def test_every_source_starts_with_a_file_of_the_project(name: str) -> None:
    """No command is a guess: a file or folder of the project stands behind it."""
    project = SKELETONS / name / "project"
    for part in detected(project).parts:
        for command in part.commands:
            file = command.source.split(" ", 1)[0]
            assert (project / file).exists(), command
