"""Changes in a prompt: whole files, in portions that fit, and what is too much said to be."""

from hypothesis import given
from hypothesis import strategies as st

from beadwork.context import ChangedFile, Knowledge, PromptKind, compose, portions_of, template_of
from beadwork.context.budget import BYTES_PER_TOKEN, tokens
from beadwork.context.changes import SHARE

BUDGET = 3000
TEXTS = st.lists(
    st.sampled_from(["     1 + x = 1", "       - größer", "@@ def f()", "検査" * 40]), max_size=200
)
FILES = st.lists(st.builds("\n".join, TEXTS), max_size=12).map(
    lambda texts: [ChangedFile(f"src/{n}.py", "changed", text, "binary") for n, text in enumerate(texts)]
)


@given(FILES)
def test_portions_hold_every_file_once_and_fit(files: list[ChangedFile]) -> None:
    """In their order; only a file that fits nowhere is alone in one that is too large."""
    portions = portions_of(files, BUDGET)
    assert [file for portion in portions for file in portion] == files
    room = BUDGET * BYTES_PER_TOKEN * SHARE
    for portion in portions:
        assert len(portion) == 1 or sum(len(file.text.encode()) for file in portion) <= room


def test_a_reviewer_is_told_the_changes_with_their_lines() -> None:
    """In fences, since a diff is words of others; what has no text is said in a word."""
    changes = [
        ChangedFile("src/app.py", "changed", "@@ def add\n     7 + return a"),
        ChangedFile("logo.png", "added", "", "binary"),
    ]
    knowledge = Knowledge("demo-1", "bead/demo-1", "a" * 40, [("title", "Add")], changes=changes)
    prompt = compose(knowledge, template_of(PromptKind.REVIEW, None, None), 30_000, mark="MARK")
    assert (
        "<<<MARK changes, file 1 of 2\nsrc/app.py (changed)\n@@ def add\n     7 + return a\nMARK>>>"
        in prompt.text
    )
    assert "logo.png (added): binary" in prompt.text


def test_a_change_that_is_too_large_is_cut_and_said_to_be() -> None:
    """The prompt keeps its size, and tells the reviewer what it has not."""
    changes = [ChangedFile("big.py", "added", "\n".join(f"{n:6} + x = {n}" for n in range(1, 90_000)))]
    knowledge = Knowledge("demo-1", "bead/demo-1", "a" * 40, [("title", "Add")], changes=changes)
    prompt = compose(knowledge, template_of(PromptKind.REVIEW, None, None), 10_000)
    assert tokens(len(prompt.text.encode())) <= 10_000
    assert "- changes, file 1 of 1: " in prompt.text
    assert any("changes" in part.name and part.cut for part in prompt.parts)
