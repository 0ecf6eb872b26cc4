"""Which commands of a project are its gates, from real files and from settings."""

from pathlib import Path
from typing import TYPE_CHECKING, cast

import attrs
import pytest

from beadwork.checkouts import Checkout
from beadwork.context import ToolCommand
from beadwork.context.stack import detect
from beadwork.settings import Settings
from beadwork.workflows.gating.finding import MOST_GATES, Found, gates_for, gates_in
from beadwork.workflows.working.telling_agent import Desk as AgentDesk
from repositories import Desk, desk
from stack_skeletons import SKELETONS, detected

if TYPE_CHECKING:
    from beadwork.beads import Tracker


@pytest.fixture
def ada(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A user with a repository."""
    return desk(tmp_path, monkeypatch)


def of(files: dict[str, str]) -> Found:
    """Give the gates of a project with these files."""
    stack = detect(sorted(files), lambda path: files[path].encode())
    return gates_in(
        [
            ToolCommand(part.folder, part.ecosystem, each.purpose, each.argv_line, each.source)
            for part in stack.parts
            for each in part.commands
        ]
    )


def said(found: Found) -> list[str]:
    """Give all that would run, in its order, as a person calls it."""
    return [gate.name for gate in (*found.setup, *found.gates)]


TESTS = {"tests/test_sum.py": "import unittest\n"}


@pytest.mark.parametrize(
    ("files", "wanted"),
    [
        ({}, []),
        ({"README.md": "Hello.\n"}, []),
        (TESTS, ["test: python -m unittest discover -s tests -t ."]),
        ({"conftest.py": "", "test_a.py": ""}, ["test: python -m pytest"]),
        (
            {"Makefile": "test:\n\tpytest\nlint:\n\truff check\nformat:\n\truff format\n", **TESTS},
            ["lint: make lint", "test: make test"],
        ),
        (
            {
                "package.json": '{"scripts": {"test": "jest", "build": "tsc", "lint": "eslint ."}}',
                "package-lock.json": "{}",
            },
            ["setup: npm install", "build: npm run build", "lint: npm run lint", "test: npm test"],
        ),
        (
            {
                "Makefile": "test:\n\tcd web && npm test\n",
                "web/package.json": '{"scripts": {"test": "jest"}}',
                "web/package-lock.json": "{}",
                "docs/package.json": '{"scripts": {"start": "vite"}}',
                "docs/package-lock.json": "{}",
            },
            ["setup: npm install (web)", "test: make test", "test: npm test (web)"],
        ),
    ],
)
def test_gates_are_what_the_project_says(files: dict[str, str], wanted: list[str]) -> None:
    """One line for a folder and purpose, a task file before conventions; what has a gate is set up."""
    assert said(of({"x": "", **files})) == wanted


def test_what_ci_runs_comes_first_and_what_it_does_to_the_machine_is_left_out() -> None:
    """Lines with expressions of the CI system are no gates; what changes the machine is said and not run."""
    ci = """
on: [push]
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: sudo apt-get install -y jq && sudo make check
      - run: pip install -r requirements.txt
      - run: pytest -n ${{ matrix.n }}
      - run: python -m pytest -q
"""
    found = of(
        {".github/workflows/ci.yml": ci, "requirements.txt": "pytest\n", "Makefile": "test:\n\tpytest\n"}
    )
    assert said(found)[-1] == "test: python -m pytest -q"
    assert "pip install -r requirements.txt" in [gate.line for gate in found.setup]
    assert not any("sudo" in name or "${{" in name for name in said(found))
    assert any("sudo apt-get" in note for note in found.notes)


def test_pip_installs_into_a_python_of_its_own() -> None:
    """Without a box it would be the user's own; other tools have their own places."""
    found = of({"requirements.txt": "x\n", **TESTS})
    assert found.own_python
    assert "-m venv" in found.setup[0].line
    assert not of({"uv.lock": "", "pyproject.toml": "[project]\nname = 'x'\n", **TESTS}).own_python


def test_a_folder_whose_name_cannot_be_shown_is_left_out() -> None:
    """A line end or bytes that are no UTF-8 in it would be in every sentence; that it is left out is said."""
    found = gates_in([ToolCommand("a\nb\udcff", "make", "test", "make test", "Makefile")])
    assert found.gates == ()
    assert found.notes == (r"The commands of 'a\nb\udcff' are not run, since its name cannot be shown.",)


def test_of_too_many_the_outer_ones_run_and_examples_do_not_count() -> None:
    """The tests of the root before builds further in; examples only where nothing else tests."""
    inner = [ToolCommand(f"f{each}", "make", "build", "make", "Makefile") for each in range(MOST_GATES)]
    root = ToolCommand("", "make", "test", "make test", "Makefile")
    assert said(gates_in([root, *inner]))[-1] == "test: make test"
    example = ToolCommand("examples/one", "make", "test", "make test", "Makefile")
    assert said(gates_in([root, example])) == ["test: make test"]
    assert (
        said(gates_in([attrs.evolve(root, purpose="build"), example]))[-1] == "test: make test (examples/one)"
    )


def test_lines_of_ci_that_nobody_knows_count_only_where_nothing_else_tests() -> None:
    """Then they are the tests."""
    unknown = ToolCommand("", "ci", "run_ci", "./all-of-it", "ci.yml")
    known = ToolCommand("", "make", "test", "make test", "Makefile")
    assert said(gates_in([unknown])) == ["test: ./all-of-it"]
    assert said(gates_in([unknown, known])) == ["test: make test"]


def test_formatting_and_single_files_are_no_gates_and_a_line_is_run_once() -> None:
    """A line for two purposes runs for the first; too many are said to be."""
    commands = [
        ToolCommand("", "make", "format", "make format", "Makefile"),
        ToolCommand("", "python", "test_one", "pytest {file}", "pyproject.toml"),
        ToolCommand("", "make", "lint", "make check", "Makefile"),
        ToolCommand("", "make", "test", "make check", "Makefile"),
    ]
    assert said(gates_in(commands)) == ["lint: make check"]
    many = [
        ToolCommand(f"f{each}", "make", "test", "make test", "Makefile") for each in range(MOST_GATES + 2)
    ]
    found = gates_in(many)
    assert len(found.gates) == MOST_GATES
    assert found.notes == ("2 more commands were left out, such as make test.",)


def test_every_known_kind_of_project_has_gates_that_can_be_typed() -> None:
    """No placeholder, no expression, each line once, in the order in which they run."""
    order = ["build", "lint", "typecheck", "test"]
    for folder in sorted(SKELETONS.iterdir()):
        stack = detected(folder / "project")
        commands = [
            ToolCommand(part.folder, part.ecosystem, each.purpose, each.argv_line, each.source)
            for part in stack.parts
            for each in part.commands
        ]
        found = gates_in(commands)
        purposes = [order.index(gate.purpose) for gate in found.gates]
        assert purposes == sorted(purposes)
        lines = [gate.line for gate in (*found.setup, *found.gates)]
        assert all("{" not in line and "sudo" not in line for line in lines), lines
        assert len({(gate.folder, gate.line) for gate in found.gates}) == len(found.gates)


def agent_desk(ada: Desk, settings: Settings) -> AgentDesk:
    """Give what it takes to look at the user's project; no bead is asked for."""
    return AgentDesk(
        workspace=ada.repository.top,
        settings=settings,
        state=ada.checkouts.state,
        tracker=cast("Tracker", None),
        checkouts=ada.checkouts,
        runs=lambda _bead: (),
    )


async def found_in(ada: Desk, settings: Settings) -> Found:
    """Give the gates of the last commit of main."""
    commit = ada.repository.git("rev-parse", "HEAD")
    at = await ada.checkouts.imagine_gates(ada.repository.top, "demo-1", commit)
    return await gates_for(agent_desk(ada, settings), at)


async def test_the_users_own_gates_are_instead_of_those_found(ada: Desk) -> None:
    """Setup apart from gates; in the folder whose beads they are."""
    ada.repository.commit("make", **{"part/Makefile": "install:\n\tnpm ci\ntest:\n\ttrue\n"})
    assert said(await found_in(ada, Settings())) == ["setup: make install (part)", "test: make test (part)"]
    own = await found_in(ada, Settings(gates_commands=("tox", "tox", " ")))
    assert said(own) == ["setup: make install (part)", "gate: tox"]
    assert {gate.source for gate in own.gates} == {"your settings"}
    both = Settings(gates_commands=("tox",), gates_setup=("prepare",))
    assert said(await found_in(ada, both)) == ["setup: prepare", "gate: tox"]
    commit = ada.repository.git("rev-parse", "HEAD")
    part = attrs.evolve(agent_desk(ada, both), workspace=ada.repository.top / "part")
    at = Checkout(ada.repository.top, ada.repository.top, "", "", commit, continued=True)
    assert said(await gates_for(part, at)) == ["setup: prepare (part)", "gate: tox (part)"]


async def test_a_project_that_cannot_be_read_is_a_note(ada: Desk) -> None:
    """Broken files are said, and the others' commands are gates all the same."""
    broken = {"package.json": "{", "Makefile": "test:\n\ttrue\n"}
    ada.repository.commit("broken", **broken)
    found = await found_in(ada, Settings())
    assert said(found) == ["test: make test"]
    assert "package.json" in " ".join(found.notes)
