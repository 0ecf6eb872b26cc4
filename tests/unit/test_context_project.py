"""What is told of a project: tree, README, the files a bead names, commands; and remembering it."""

import json
import threading
from pathlib import Path

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beadwork.context import Landscape, ToolCommand, draw, recall, remember
from beadwork.context.budget import cut, share, size
from beadwork.context.interest import Interest
from beadwork.context.memory import KEPT
from beadwork.context.project_parts import project_parts
from beadwork.context.readme import summary
from beadwork.context.tree import MOST, View


def tree_for(files: list[str], text: str = "", room: int = MOST) -> str:
    """Draw the tree of `files` for a bead with `text`."""
    return View.of(files, (), (), Interest.of([text])).drawn(room)


def part(name: str, landscape: Landscape, text: str = "") -> str:
    """Give the part called `name` of what is told of a landscape."""
    found = [each for each in project_parts(landscape, Interest.of([text])) if each.name == name]
    return found[0].fit(10_000).text if found else ""


MONOREPO = [
    *(f"packages/app{number}/src/file{index}.ts" for number in range(60) for index in range(9)),
    "packages/app7/src/deep/er/still/login_form.ts",
    "vendor/big/thing.c",
    "README.md",
]


def test_folders_are_counted_and_chains_are_one_line() -> None:
    """A folder with nothing but a folder is told in one line with it."""
    assert tree_for(["src/main/java/A.java", "src/main/java/B.java", "x"]) == (
        "src/main/java/ (2 files)\n  A.java, B.java\nx"
    )


def test_the_folder_that_a_bead_speaks_of_is_opened() -> None:
    """However deep it is, and however many others there are; others are only counted."""
    drawn = tree_for(MONOREPO, "The login form loses its focus")
    assert "login_form.ts" in drawn
    assert "deep/er/still/ (1 file)" in drawn
    assert "app7/" in drawn
    assert "… and 20 more folders" in drawn
    assert "login_form.ts" not in tree_for(MONOREPO, "Something else")


@pytest.mark.parametrize(
    "text",
    [
        "look at login_form.ts",
        "`packages/app7/src/deep/er/still/login_form.ts`",
        "LoginForm breaks",
        "the login form",
        "in deep/er/still/login_form.ts:12",
    ],
)
def test_names_are_found_however_they_are_spelled(text: str) -> None:
    """As a path, a name, a class, or words in a row."""
    assert "login_form.ts" in tree_for(MONOREPO, text)


@pytest.mark.parametrize(
    "text", ["." * 200_000, "-" * 200_000, "a." * 100_000, "A" * 200_000, "a/" * 100_000]
)
def test_a_text_that_makes_patterns_slow(text: str) -> None:
    """It is read in time, and says nothing."""
    assert "login_form.ts" not in tree_for(MONOREPO, text)


def test_files_that_are_named_are_listed() -> None:
    """By path first; a name that many files have is not listed."""
    land = Landscape("c", ("a/one.py", "b/two.py", *(f"p{number}/index.ts" for number in range(50))))
    assert (
        part("files that the bead names", land, "In b/two.py, one.py and index.ts.") == "b/two.py\na/one.py"
    )


def test_folders_of_others_are_not_opened() -> None:
    """What is vendored or generated is counted, unless the bead speaks of it."""
    assert "thing.c" not in tree_for(MONOREPO)
    assert "thing.c" in tree_for(MONOREPO, "crash in thing.c")


def test_a_folder_with_many_files_is_cut_with_their_kinds() -> None:
    """The files that are spoken of are among those that are shown."""
    files = [f"data{number:03}.json" for number in range(100)] + ["zebra.py"]
    drawn = tree_for(files, "the zebra is wrong")
    assert "zebra.py" in drawn
    assert "and 77 more (77 .json)" in drawn


def test_links_and_submodules_are_marked_and_odd_names_are_one_line() -> None:
    """A line end in a name is written out, and what is no UTF-8 too."""
    files = ["a\nb", "bad\udcff", "link", "module"]
    drawn = View.of(files, ["link"], ["module"], Interest.of([])).drawn(MOST)
    assert drawn == "a\\nb, bad\\udcff, link (link), module (submodule)"


PATHS = st.text(max_size=12) | st.lists(st.text("abc\n\u202e", max_size=3), max_size=5).map("/".join)


@given(st.lists(PATHS, max_size=30), st.text(max_size=80), st.integers(0, 400))
def test_a_tree_of_anything_fits_its_room(files: list[str], text: str, room: int) -> None:
    """Also of paths that git would never list."""
    assert size(tree_for(files, text, room)) <= room


README = b"""\
<p align="center"><img src="x"></p>

# Greeter

[![badge](https://x/y.svg)](https://x) ![other](z)

Says hello, see [the site](https://example.org) and [the guide](GUIDE.md).

Second paragraph.

## Testing

To run the tests:

```sh
make test
```

More words.

## License

MIT, see LICENSE.

### Details of it

No.

## Usage

- one
- two

| a | b |
|---|---|
"""


def test_a_readme_in_short() -> None:
    """Headings, the first paragraph of each, and what a colon announces; no badges, no licence."""
    assert summary("README.md", README) == (
        "# Greeter\nSays hello, see the site and [the guide](GUIDE.md).\n"
        "## Testing\nTo run the tests:\n```\nmake test\n```\n"
        "## Usage\n- one\n- two"
    )


def test_a_readme_of_underlined_titles() -> None:
    """reStructuredText: levels in the order in which their lines appear; directives are left out."""
    text = b"=====\nTitle\n=====\n\n.. image:: x\n\nFirst.\n\nSecond.\n\nPart\n----\n\nWords here.\n"
    assert summary("README.rst", text) == "# Title\nFirst.\n## Part\nWords here."


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"\x00" * 99, b"\xff" * 999, "# Größe".encode("utf-16")]
)
def test_a_broken_readme(content: bytes) -> None:
    """Whatever it is, it is told in short, or nothing of it."""
    assert len(summary("README.md", content)) < 5000


@given(st.binary(max_size=400) | st.text(alphabet="#-=*`>[]()!|\n ab", max_size=400).map(str.encode))
def test_any_readme(content: bytes) -> None:
    """Nothing raises, and the summary is short."""
    for name in ("README.md", "README"):
        assert len(summary(name, content)) < 6000


def test_a_deeply_nested_readme_is_read_in_time() -> None:
    """What makes parsers slow or recurse is let pass."""
    for nasty in (
        b"> " * 30_000,
        b"- " * 30_000,
        b"[" * 60_000,
        b"*a_ " * 15_000,
        b"#" * 60_000,
        b"[a](http:" * 7000,
        b"![" * 30_000,
    ):
        assert len(summary("README.md", nasty + b"\n\n# End\n")) < 6000


def test_drawing_asks_for_what_it_needs() -> None:
    """In rounds: what is not known is given back, and what cannot be read is a note."""
    listing = Landscape("c", ("README.md", "README.rst", "src/x.py"))
    land, missing = draw(listing, {})
    assert missing == {"README.md"}
    assert land.readme == ""
    land, missing = draw(listing, {"README.md": b"# Hi\n"})
    assert not missing
    assert (land.readme, land.readme_path) == ("# Hi", "README.md")
    land, _ = draw(listing, {"README.md": None})
    assert land.notes == ("README.md is too large to be read here, or a link that leads nowhere.",)


def test_commands_of_the_root_and_of_what_the_bead_speaks_of() -> None:
    """Each once, with its first source; of other folders only the names."""
    commands = (
        ToolCommand("", "ci", "test", "make test", "ci.yml"),
        ToolCommand("", "make", "test", "make test", "Makefile"),
        ToolCommand("one", "python", "test_one", "pytest {file}", "one/pyproject.toml"),
        ToolCommand("two", "python", "test", "pytest", "two/pyproject.toml"),
    )
    land = Landscape("c", ("one/deep/mark.py", "two/x.py"), commands=commands)
    assert part("commands", land, "mark.py is wrong") == (
        "test: make test   (from ci.yml)\n"
        "test one file: in one: pytest {file}   (from one/pyproject.toml)\n"
        "folders with commands of their own: two"
    )


def test_guides_are_pointed_to() -> None:
    """By their paths, the outer ones first; their text is not told."""
    land = Landscape("c", ("docs/CONTRIBUTING.rst", "AGENTS.md", "lib/CLAUDE.md", "x.md"))
    assert part("guides to read where they concern you", land) == (
        "AGENTS.md\ndocs/CONTRIBUTING.rst\nlib/CLAUDE.md"
    )


@given(st.integers(0, 5000), st.lists(st.tuples(st.integers(1, 100), st.integers(0, 3000)), max_size=9))
def test_room_is_shared_and_not_exceeded(room: int, wants: list[tuple[int, int]]) -> None:
    """Nobody gets more than they want; when all fits, all is given."""
    given_ = share(room, wants)
    assert sum(given_) <= room
    assert all(got <= wanted for got, (_, wanted) in zip(given_, wants, strict=True))
    if sum(wanted for _, wanted in wants) <= room:
        assert given_ == [wanted for _, wanted in wants]


@given(st.text(st.characters(exclude_categories=["Cs"])), st.integers(0, 300))
def test_a_cut_text_fits(text: str, room: int) -> None:
    """In bytes, and no character is broken."""
    assert size(cut(text * 5, room)) <= room


LAND = Landscape(
    commit="a" * 40,
    files=("a\nb", "bad\udcff", "x/y"),
    links=frozenset({"x/y"}),
    commands=(ToolCommand("", "make", "test", "make", "Makefile"),),
    readme="# Hi \u202e",
    notes=("note",),
)


def test_what_is_remembered_is_recalled(tmp_path: Path) -> None:
    """Whole, by its commit alone, from a file that is its user's."""
    remember(tmp_path / "l", LAND)
    assert recall(tmp_path / "l", LAND.commit) == LAND
    assert recall(tmp_path / "l", "b" * 40) is None
    (tmp_path / "l" / f"{'b' * 40}.json").hardlink_to(tmp_path / "l" / f"{LAND.commit}.json")
    assert recall(tmp_path / "l", "b" * 40) is None
    (tmp_path / "l" / f"{'b' * 40}.json").unlink()
    assert (tmp_path / "l").stat().st_mode & 0o777 == 0o700
    assert [path.name for path in (tmp_path / "l").iterdir()] == [f"{LAND.commit}.json"]


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"null", b"[]", b'{"format": 2}', b"\xff", b"[" * 100_000, b'{"format": 1, "version": "0"}'],
)
def test_a_broken_memory_counts_as_none(tmp_path: Path, content: bytes) -> None:
    """It is drawn and written anew."""
    (tmp_path / f"{LAND.commit}.json").write_bytes(content)
    assert recall(tmp_path, LAND.commit) is None
    remember(tmp_path, LAND)
    assert recall(tmp_path, LAND.commit) == LAND


@pytest.mark.parametrize(
    "key", ["files", "links", "modules", "changes", "readme", "commands", "notes", "commit"]
)
@pytest.mark.parametrize("value", [None, 5, "x", [5], {"a": 1}, [["x"]]])
def test_a_memory_with_a_wrong_field_counts_as_none(tmp_path: Path, key: str, value: object) -> None:
    """Nothing of a wrong type gets into a prompt: it is none, or what was written is a valid value too."""
    remember(tmp_path, LAND)
    path = tmp_path / f"{LAND.commit}.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), key: value}))
    found = recall(tmp_path, LAND.commit)
    assert found is None or all(isinstance(each, str) for each in (*found.files, found.readme, *found.notes))


def test_two_writers_do_not_harm_each_other(tmp_path: Path) -> None:
    """Whoever reads meanwhile finds the whole of one, or nothing."""
    large = attrs.evolve(LAND, files=tuple(f"file{number}" for number in range(5000)))
    remember(tmp_path, large)
    wrong: list[object] = []

    def write() -> None:
        for _ in range(20):
            remember(tmp_path, large)

    def read() -> None:
        wrong.extend(1 for _ in range(40) if recall(tmp_path, LAND.commit) != large)

    threads = [threading.Thread(target=deed) for deed in (write, write, read)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert [path.name for path in tmp_path.iterdir()] == [f"{LAND.commit}.json"]


def test_old_memories_are_dropped(tmp_path: Path) -> None:
    """So many stay."""
    for number in range(KEPT + 3):
        remember(tmp_path, attrs.evolve(LAND, commit=f"{number:040}"))
    assert len(list(tmp_path.iterdir())) == KEPT


def test_a_memory_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    """The error is the caller's to tell."""
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        remember(tmp_path / "file" / "l", LAND)
