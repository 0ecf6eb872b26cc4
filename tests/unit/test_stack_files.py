"""Files that are broken, hostile or huge give a note that names them, in bounds, and never an exception."""

import json
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beadwork.context.stack import Command, Purpose, Stack, detect
from beadwork.processes import run

FILES = [
    "pyproject.toml",
    "tox.ini",
    "setup.cfg",
    "noxfile.py",
    "Pipfile",
    "requirements.txt",
    "uv.lock",
    "package.json",
    "deno.json",
    "Cargo.toml",
    ".cargo/config.toml",
    "go.mod",
    "go.work",
    "pom.xml",
    "build.gradle",
    "CMakeLists.txt",
    "CMakePresets.json",
    "meson.build",
    "configure.ac",
    "Gemfile",
    "Rakefile",
    "composer.json",
    "phpunit.xml",
    "a.sln",
    "b.csproj",
    "mix.exs",
    "Package.swift",
    "main.tf",
    "Dockerfile",
    "compose.yaml",
    "Makefile",
    "justfile",
    "Taskfile.yml",
    ".pre-commit-config.yaml",
    ".github/workflows/ci.yml",
    ".gitlab-ci.yml",
    "sub/pom.xml",
    "sub/package.json",
    "tests/test_a.py",
]

KEYS = [
    "on",
    "jobs",
    "steps",
    "run",
    "script",
    "env",
    "tasks",
    "cmds",
    "services",
    "scripts",
    "name",
    "project",
    "tool",
    "test",
    "lint",
    "push",
    "extends",
    "<<",
    "repos",
    "hooks",
    "configurePresets",
    "testPresets",
    "packageManager",
    "devDependencies",
    "workspace",
    "package",
    "uses",
    "working-directory",
    "defaults",
]

JSONLIKE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=6), inner, max_size=4)
    ),
    max_leaves=20,
)


def stack(files: dict[str, bytes]) -> Stack:
    """The stack of a repository with these files."""
    return detect(list(files), files.get)


@given(st.dictionaries(st.sampled_from(FILES), st.binary(max_size=200), max_size=6))
def test_no_bytes_raise(files: dict[str, bytes]) -> None:
    """Whatever stands in the files, an answer comes, and its lines can be typed."""
    _check(stack(files))


@given(st.dictionaries(st.sampled_from(FILES), st.text(max_size=200), max_size=6))
def test_no_text_raises(files: dict[str, str]) -> None:
    """Text is harder than bytes: it gets past the decoding."""
    _check(stack({name: text.encode("utf-8", "surrogatepass") for name, text in files.items()}))


@given(st.dictionaries(st.sampled_from(FILES), JSONLIKE, max_size=6))
def test_no_shape_raises(files: dict[str, object]) -> None:
    """Well-formed JSON, which is YAML too, with anything where a table, a list or a text belongs."""
    _check(stack({name: json.dumps(value).encode() for name, value in files.items()}))


@given(st.lists(st.text(max_size=30), max_size=20), st.sampled_from(FILES))
def test_no_file_name_raises(names: list[str], manifest: str) -> None:
    """Names with newlines, slashes and marks; none of them gets into a line as it is."""
    _check(
        detect([*names, *(f"{name}/{manifest}" for name in names)], lambda _: b'{"scripts": {"test": "x"}}')
    )


def _check(found: Stack) -> None:
    for part in found.parts:
        for command in part.commands:
            assert command.argv_line.isprintable()
            assert command.source.isprintable()
    assert all(note.isprintable() for note in found.notes)


HOSTILE = {
    "half a TOML": ("pyproject.toml", b"[project"),
    "a dotted key without end": ("pyproject.toml", b"a" + b".a" * 100_000 + b" = 1"),
    "TOML nested deeply": ("pyproject.toml", b"a = " + b"[" * 100_000),
    "JSON nested deeply": ("package.json", b'{"a":' * 100_000),
    "JSON with NaN": ("package.json", b'{"a": NaN}'),
    "a number of a million digits": ("package.json", b"1" * 900_000),
    "JSON5 nested deeply": ("deno.jsonc", b"[" * 20_000),
    "YAML nested deeply in flow": ("compose.yaml", b"[" * 200_000),
    "YAML nested deeply in blocks": ("compose.yaml", b"- " * 100_000),
    "XML with entities": ("pom.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'),
    "half an XML": ("pom.xml", b"<project><artifactId>"),
    "INI without sections": ("tox.ini", b"words"),
    "Python that is none": ("noxfile.py", b"def ("),
    "Python nested deeply": ("noxfile.py", b"-" * 90_000 + b"1"),
    "50 MB": ("package.json", b" " * 50_000_000),
    "Latin-1": ("setup.cfg", b"[metadata]\nname = caf\xe9"),
    "a picture": ("Makefile", b"\x89PNG\r\n\x1a\n\x00\xff"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_named_in_a_note(name: str) -> None:
    """One sentence with the file's name; what the other files say is found all the same."""
    path, data = HOSTILE[name]
    found = stack({path: data, "go.mod": b"module example.com/x\n"})
    assert [note for note in found.notes if path in note], found.notes
    assert found.commands(Purpose.TEST)[-1].argv_line == "go test ./..."


def test_a_file_that_cannot_be_read_is_named_in_a_note() -> None:
    """Such as a folder or a loop of links with a manifest's name."""
    found = detect(["package.json"], lambda _: None)
    assert found == Stack((), ("package.json could not be read.",))


def test_yaml_that_multiplies_itself_is_read_as_it_stands() -> None:
    """Aliases are the same value again, and merge keys are followed a few times, not exponentially."""
    lines = [b"x0: &x0 {image: a}"]
    for step in range(1, 30):
        before = b", ".join([b"*x%d" % (step - 1)] * 9)
        lines.append(b"x%d: &x%d {<<: [%s], k%d: [%s]}" % (step, step, before, step, before))
    found = stack({"compose.yaml": b"\n".join([*lines, b"services: {tests: *x29}"])})
    assert [command.argv_line for command in found.commands(Purpose.TEST)] == [
        "docker compose run --rm tests"
    ]


def test_yaml_keeps_words_that_older_yaml_took_for_truth() -> None:
    """`on` is a key, and a version stays as written."""
    workflow = b"on: push\nenv: {PY: 3.10}\njobs: {test: {steps: [{run: 'tox -e py${{ env.PY }}'}]}}"
    found = stack({".github/workflows/ci.yml": workflow})
    assert [command.argv_line for command in found.commands(Purpose.TEST)] == ["tox -e py3.10"]


def test_very_many_manifests_are_cut_with_a_note() -> None:
    """The first folders, outer ones before inner ones, examples last, and how many were left."""
    asked: list[str] = []

    def read(path: str) -> bytes:
        asked.append(path)
        return b'{"scripts": {"test": "node --test"}}'

    files = [
        f"{place}/p{number:03}/package.json" for place in ("examples", "packages") for number in range(500)
    ]
    found = detect(files, read)
    assert len(asked) < 100
    assert found.parts[0].folder == "packages/p000"
    assert "960 more folders with a manifest were not looked into." in found.notes


def test_a_manifest_of_somebody_else_is_left_out() -> None:
    """Vendored code and test data are no parts, and a note says so."""
    found = detect(["vendor/a/go.mod", "x/node_modules/b/package.json", "testdata/Cargo.toml"], lambda _: b"")
    assert found.parts == ()
    assert found.notes == ("3 folders of other people's code, of templates or of test data were left out.",)


def test_a_placeholder_is_filled_and_quoted() -> None:
    """A name with a space or a mark of its own is one word of the line, and is not filled again."""
    command = Command(Purpose.TEST_ONE, "go test ./{file.folder} -run {file.stem} {file}", "go.mod")
    assert command.for_file("a b/{file}_test.go") == "go test ./'a b' -run '{file}_test' 'a b/{file}_test.go'"
    assert command.for_file("x_test.go") == "go test ./. -run x_test x_test.go"
    assert not command.as_it_stands


def test_very_many_large_files_are_cut_with_a_note() -> None:
    """Reading ends after some megabytes in all, whatever each file holds."""
    large = b'{"name": "x", "filler": "' + b"x" * 900_000 + b'"}'
    found = detect([f"p{number}/package.json" for number in range(20)], lambda _: large)
    assert "Only 5 files were read to find the project's commands." in found.notes
    assert len(found.parts) == 5


def test_fifty_thousand_files_ask_for_no_more_reads() -> None:
    """What is read depends on the manifests, not on how many files there are."""
    asked: list[str] = []

    def read(path: str) -> bytes:
        asked.append(path)
        return b"[tool.pytest.ini_options]\n"

    found = detect(["pyproject.toml", *(f"src/m{n // 50}/f{n}.py" for n in range(50_000))], read)
    assert asked == ["pyproject.toml"]
    assert [command.argv_line for command in found.commands(Purpose.TEST)] == ["python -m pytest"]


def test_a_step_in_a_folder_that_is_not_known_is_left_out() -> None:
    """A command is never told for another folder than the one in which CI runs it."""
    workflow = b"""
on: push
jobs:
  test:
    steps:
      - run: ctest
        working-directory: ${{ runner.workspace }}/build
      - run: |
          cd "$RUNNER_TEMP"
          make check
      - run: |
          cd api
          go test ./...
          cd ..
          go vet ./...
"""
    found = stack({".github/workflows/test.yml": workflow})
    lines = [(part.folder, command.argv_line) for part in found.parts for command in part.commands]
    assert lines == [("", "go vet ./..."), ("api", "go test ./...")]


async def test_the_door_costs_no_parser(tmp_path: Path) -> None:
    """Parsers are imported when a file is read, so who detects nothing does not pay for them."""
    program = "import sys, beadwork.context.stack; print({'yaml', 'json5', 'tomllib'} & set(sys.modules))"
    done = await run([sys.executable, "-c", program], cwd=tmp_path, environment={}, timeout=60)
    assert done.stdout == b"set()\n", done.stderr
