"""What is to do, as comments say it, and the beads that are offered for it."""

from collections.abc import Iterator

import pytest

from beadwork.lsp.code_actions import Asked, actions_for
from beadwork.lsp.todos import LONGEST_TITLE, Todo, todo_actions, todos_in

BEADS = {"demo-12", "demo-12.1", "other-a1"}


def found(line: str, path: str = "/p/a.py") -> list[Todo]:
    """Give what is to do on a line."""
    return list(todos_in(path, [line], 0, 0, BEADS.__contains__))


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("# TODO: say hello\n", "Say hello"),
        ("    x = 1  # FIXME(ada): it is wrong\r\n", "It is wrong"),
        ("//TODO say hello", "Say hello"),
        ("/* HACK: remove   this */", "Remove this"),
        (" * XXX - why?", "Why?"),
        ("-- TODO [bob] index it", "Index it"),
        ("; TODO: lisp", "Lisp"),
        ("% TODO: tex", "Tex"),
        ("<!-- TODO: in the page -->", "In the page"),
        ("# TODO(ada): größer machen 😀", "Größer machen 😀"),
        ("# a note, TODO: say hello", "Say hello"),
        ("# TODO", "TODO in a.py"),
        ("# TODO(nobody-1): not a bead", "Not a bead"),
        ("# TODO: see demo-1234", "See demo-1234"),
    ],
)
def test_a_comment_says_what_is_to_do(line: str, title: str) -> None:
    """Without who wrote it, the colon and the comment's end, and with a capital letter."""
    (todo,) = found(line)
    assert todo.title == title
    assert todo.text == line.strip()


@pytest.mark.parametrize(
    "line",
    [
        "TODO = 1",
        "todos = []  # TODOS",
        "# todo: quiet",
        "x = TODO",
        "TODO = 1  # done",
        "",
        "\n",
        "# TODO(demo-12): it is known",
        "# TODO demo-12.1 knows",
        "# FIXME: other-a1",
    ],
)
def test_nothing_is_offered_where_no_comment_says_so_or_a_bead_stands_there(line: str) -> None:
    """A word of the program is not a comment, and a bead that is there is enough."""
    assert found(line) == []


def test_markdown_needs_no_comment() -> None:
    """There, all is text."""
    assert [todo.title for todo in found("- TODO write this", "/p/README.md")] == ["Write this"]
    assert found("- TODO write this", "/p/README.txt") == []


def test_a_long_text_is_cut_at_a_word() -> None:
    """And one that never ends is not read to its end."""
    (todo,) = found("# TODO: " + "words " * 40)
    assert len(todo.title) <= LONGEST_TITLE
    assert todo.title.endswith("words…")
    (endless,) = found("# TODO: " + "x" * 100_000)
    assert len(endless.title) == LONGEST_TITLE
    assert len(endless.text) < 3000
    assert found("#" * 100_000 + "TODO") == []


def asked(*only: str, literals: bool = True) -> Asked:
    """Give what an editor asks."""
    return Asked(first=0, last=0, codes={}, only=only, literals=literals)


def todos(count: int = 1) -> Iterator[Todo]:
    """Give things to do."""
    return iter([Todo(at, "TODO", f"Thing {at}", f"# TODO: thing {at}") for at in range(count)])


def test_the_action_makes_a_bead_of_the_line() -> None:
    """Lines are numbered as people do."""
    (action,) = actions_for(asked(), (), lambda _: (), todo_actions("/p", "/p/a.py", todos()))
    assert action["kind"] == "refactor"
    assert action["command"] == {
        "title": "Create a bead from this TODO",
        "command": "beadwork.create",
        "arguments": [
            {"folder": "/p", "title": "Thing 0", "file": "/p/a.py", "line": 1, "text": "# TODO: thing 0"}
        ],
    }


@pytest.mark.parametrize(
    ("only", "offered"),
    [((), 1), (("refactor",), 1), (("",), 1), (("quickfix",), 0), (("source.beadwork",), 0)],
)
def test_only_what_an_editor_wants_is_offered(only: tuple[str, ...], offered: int) -> None:
    """A quick fix is for what is wrong."""
    assert len(actions_for(asked(*only), (), lambda _: (), todo_actions("/p", "/p/a.py", todos()))) == offered


def test_an_editor_that_takes_no_more_is_given_commands() -> None:
    """The same, by its bare name; of many, a few, each with what it is about."""
    more = todo_actions("/p", "/p/a.py", todos(9))
    actions = actions_for(asked(literals=False), (), lambda _: (), more)
    assert [action["title"] for action in actions] == [
        f"Create a bead from this TODO: Thing {at}" for at in range(5)
    ]
    assert all(action["command"] == "beadwork.create" for action in actions)
