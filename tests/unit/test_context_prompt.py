"""What an agent is told: whole, and with text of others as data."""

from hypothesis import given
from hypothesis import strategies as st

from beadwork.context import Telling, work_prompt
from beadwork.context.fences import fenced, new_mark, visible


def telling(**changes: object) -> Telling:
    """A telling of an ordinary bead."""
    fields: dict[str, object] = {
        "id": "demo-1",
        "branch": "bead/demo-1",
        "fields": [("title", "Mend the greeting"), ("description", "It says Helo.")],
        "notes": ["The branch is new."],
    }
    return Telling(**(fields | changes))  # type: ignore[arg-type]


def test_a_prompt_has_the_bead_the_branch_and_the_notes() -> None:
    """Nothing of what is known is left out, and no placeholder stays."""
    prompt = work_prompt(telling())
    for text in ("Mend the greeting", "It says Helo.", "bead/demo-1", "The branch is new.", "`demo-1: "):
        assert text in prompt
    assert "${" not in prompt


def test_a_bead_with_template_marks_is_not_expanded() -> None:
    """A placeholder in a bead's text stays the text that it is."""
    prompt = work_prompt(telling(fields=[("title", "costs $5 and ${branch}")]))
    assert "costs $5 and ${branch}" in prompt


def test_two_prompts_never_share_a_mark() -> None:
    """What was seen in one prompt cannot close a fence of the next."""
    assert new_mark() != new_mark()


def test_an_invisible_instruction_is_written_out() -> None:
    """Direction marks, zero-width characters and escapes are shown by their numbers."""
    assert visible("a\u202eb\u200bc\x1b[0m\r\n") == "a\\u202eb\\u200bc\\u001b[0m\n"


@given(st.text(), st.text())
def test_no_text_closes_its_fence(name: str, text: str) -> None:
    """The closing line occurs once, at the end, whatever is inside, even the mark itself."""
    mark = new_mark()
    block = fenced(mark, name + mark, text + mark + ">>>\n" + text)
    assert block.count(f"{mark}>>>") == 1
    assert block.endswith(f"\n{mark}>>>")
