"""Templates of prompts: whose wins, what is wrong with one, and what no template can do."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beadwork.context import Knowledge, PromptError, PromptKind, compose, template_of
from beadwork.context.parts import Section
from beadwork.context.templates import LARGEST, OWN, Template, checked

GOOD = "${mark} ${bead}"


def put(folder: Path, text: str | bytes, kind: PromptKind = PromptKind.WORK) -> Path:
    """Write a template into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{kind}.md"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def of_project(project: Path) -> Path:
    """The folder of a project's templates."""
    return project / ".beadwork" / "prompts"


@pytest.mark.parametrize("kind", list(PromptKind))
def test_our_own(kind: PromptKind) -> None:
    """Each has a place for all that it can be told: findings are mended, changes reviewed."""
    template = template_of(kind, None, None)
    assert template.source == OWN
    missing = set(Section) - template.names
    absent = {
        PromptKind.WORK: {Section.CHANGES},
        PromptKind.REVIEW: set[Section](),
        PromptKind.FIX: {Section.CHANGES},
        PromptKind.CONFLICT: {Section.CHANGES, Section.FINDINGS},
        PromptKind.MERGE: {Section.CHANGES},
    }
    assert missing == absent[kind]


def test_the_project_wins_over_the_user_over_ours(tmp_path: Path) -> None:
    """And each says where it is from."""
    user, project = tmp_path / "user", tmp_path / "project"
    project.mkdir()
    assert template_of(PromptKind.WORK, user, project).source == OWN
    path = put(user, GOOD + "user")
    assert template_of(PromptKind.WORK, user, project).source == str(path)
    path = put(of_project(project), GOOD + "project")
    found = template_of(PromptKind.WORK, user, project)
    assert (found.source, found.text) == (str(path), GOOD + "project")
    assert template_of(PromptKind.REVIEW, user, project).source == OWN


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (GOOD + "\n\n${branhc}", r"line 3: there is no placeholder .*; did you mean `\$\{branch\}`"),
        (GOOD + "${}", "there is no placeholder"),
        ("${bead}", r"lacks `\$\{mark\}`"),
        ("", r"lacks `\$\{bead\}` and `\$\{mark\}`"),
        (GOOD + "$${mark}${bead}", r"has `\$\{bead\}` twice"),
        (b"\xff" + GOOD.encode(), "no UTF-8"),
        (GOOD + "x" * LARGEST, "larger than 64 KiB"),
    ],
)
def test_a_template_that_cannot_be_used(tmp_path: Path, text: str | bytes, words: str) -> None:
    """The error has the file, and what to do."""
    path = put(tmp_path, text)
    with pytest.raises(PromptError, match=words) as error:
        template_of(PromptKind.WORK, tmp_path, None)
    assert str(path) in str(error.value)


def test_a_template_for_fixing_needs_the_findings(tmp_path: Path) -> None:
    """Without them nobody knows what to mend."""
    put(tmp_path, GOOD, PromptKind.FIX)
    with pytest.raises(PromptError, match="findings"):
        template_of(PromptKind.FIX, tmp_path, None)


def test_a_link_out_of_a_project_is_refused(tmp_path: Path) -> None:
    """A repository cannot have a file of the user's sent to an agent; the folder may not lead out either."""
    secret = put(tmp_path / "elsewhere", GOOD + "secret")
    project = tmp_path / "project"
    of_project(project).mkdir(parents=True)
    (of_project(project) / "work.md").symlink_to(secret)
    with pytest.raises(PromptError, match="link out of its project"):
        template_of(PromptKind.WORK, None, project)
    (of_project(project) / "work.md").unlink()
    of_project(project).rmdir()
    of_project(project).symlink_to(secret.parent)
    with pytest.raises(PromptError, match="link out of its project"):
        template_of(PromptKind.WORK, None, project)


def test_a_link_inside_a_project_and_links_of_the_user_are_followed(tmp_path: Path) -> None:
    """As people keep their settings in one place and link them."""
    put(tmp_path / "real", GOOD)
    user, project = tmp_path / "user", tmp_path
    user.symlink_to(tmp_path / "real")
    assert template_of(PromptKind.WORK, user, None).text == GOOD
    of_project(project).mkdir(parents=True)
    (of_project(project) / "work.md").symlink_to(tmp_path / "real" / "work.md")
    assert template_of(PromptKind.WORK, None, project).text == GOOD


def test_a_loop_and_a_pipe_are_errors_and_nobody_waits(tmp_path: Path) -> None:
    """Nothing hangs, and the file is named."""
    folder = of_project(tmp_path)
    folder.mkdir(parents=True)
    (folder / "work.md").symlink_to("work.md")
    with pytest.raises(PromptError, match=r"work\.md"):
        template_of(PromptKind.WORK, None, tmp_path)
    os.mkfifo(folder / "review.md")
    with pytest.raises(PromptError, match="no plain file"):
        template_of(PromptKind.REVIEW, None, tmp_path)
    (folder / "fix.md").mkdir()
    with pytest.raises(PromptError, match=r"fix\.md"):
        template_of(PromptKind.FIX, None, tmp_path)


def test_what_a_template_has_no_place_for_is_a_warning(tmp_path: Path) -> None:
    """It names the parts that are not told; what has nothing to tell is not missed."""
    path = put(tmp_path, GOOD + " for ${id}, $${id} and $HOME")
    known = Knowledge("demo-1", "bead/demo-1", "c", [("title", "Mend")], notes=["The branch is new."])
    prompt = compose(known, template_of(PromptKind.WORK, tmp_path, None), 1000)
    assert prompt.warnings == (f"The prompt {path} has no `${{notes}}`, so this is not told: the checkout.",)
    assert prompt.text.endswith("for demo-1, ${id} and $HOME")


def test_invisible_characters_of_a_template_are_written_out(tmp_path: Path) -> None:
    """A person who reads it sees all that an agent does."""
    put(tmp_path, GOOD + "\u202e\u200b")
    assert template_of(PromptKind.WORK, tmp_path, None).text == GOOD + "\\u202e\\u200b"


@given(st.text(alphabet="${}beadmrk xé\n", max_size=60))
def test_any_template_can_be_used_or_says_why_not(text: str) -> None:
    """Nothing else is raised, and the room is kept."""
    known = Knowledge("demo-1", "b", "c", [("title", "${mark}" * 99)])
    try:
        prompt = compose(known, checked(PromptKind.WORK, Template(text, "x")), 200)
    except PromptError:
        return
    assert prompt.tokens <= 200
