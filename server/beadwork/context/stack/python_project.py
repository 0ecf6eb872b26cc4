"""Python: how a project is installed, built, tested and checked, from its manifests and the files of its
tools.

What it leaves out: task runners written for Python (`python_tasks.py`).
"""

import re
from collections.abc import Iterator

import attrs

from beadwork.context.stack.gathering import Gathering
from beadwork.context.stack.model import Part, Purpose
from beadwork.context.stack.python_tasks import add_tasks
from beadwork.context.stack.repository import Folder
from beadwork.context.stack.values import has, table, word, words

MANIFESTS = ("pyproject.toml", "setup.py", "setup.cfg", "Pipfile", "tox.ini", "noxfile.py")
REQUIREMENTS = re.compile(r"requirements[\w.-]*\.(txt|in)$")
_PROJECT = "pyproject.toml"
_GROUPS_FOR_WORK = ("dev", "test", "tests", "testing", "develop", "all")


@attrs.frozen
class _Project:
    """What the manifests of one folder say together."""

    folder: Folder
    manifest: object
    runner: str
    """What goes before a tool, such as `uv run `."""
    requirements: dict[str, str]
    """Each package that is asked for, with the place that asks for it."""


def is_requirements(name: str) -> bool:
    """Tell whether a file of that name lists requirements."""
    return name.startswith("requirements") and bool(REQUIREMENTS.match(name))


def python_parts(folder: Folder) -> list[Part]:
    """Give the Python project in the folder, if it is one."""
    manifest = folder.toml(_PROJECT) if folder.has(_PROJECT) else None
    project = _Project(folder, manifest, _runner(folder, manifest), dict(_requirements(folder, manifest)))
    found = Gathering(folder, "python")
    add_tasks(found, manifest)
    _add_installing(found, project)
    _add_testing(found, project)
    _add_checking(found, project)
    _add_building(found, project)
    name = word(manifest, "project", "name") or word(manifest, "tool", "poetry", "name")
    return found.part(
        name or (word(folder.ini("setup.cfg"), "metadata", "name") if folder.has("setup.cfg") else "")
    )


def _runner(folder: Folder, manifest: object) -> str:
    tools = table(manifest, "tool")
    if folder.has("uv.lock"):
        return "uv run "
    if folder.has("poetry.lock") or "poetry" in tools:
        return "poetry run "
    if folder.has("pdm.lock") or "pdm" in tools:
        return "pdm run "
    if folder.has("Pipfile"):
        return "pipenv run "
    if has(manifest, "tool", "uv", "workspace") or has(manifest, "tool", "uv", "sources"):
        return "uv run "
    return ""


def _requirements(folder: Folder, manifest: object) -> Iterator[tuple[str, str]]:
    for requirement in words(manifest, "project", "dependencies"):
        yield _package(requirement), f"{_PROJECT} [project] dependencies"
    for place in (
        ("project", "optional-dependencies"),
        ("dependency-groups",),
        ("tool", "pdm", "dev-dependencies"),
    ):
        for group in table(manifest, *place):
            for requirement in words(manifest, *place, group):
                yield _package(requirement), f"{_PROJECT} [{'.'.join(place)}] {group}"
    yield from _poetry_requirements(manifest)
    for name in sorted(filter(is_requirements, folder.names)):
        for line in folder.text(name).splitlines()[:500]:
            yield _package(line), name
    if folder.has("Pipfile"):
        for section in ("packages", "dev-packages"):
            yield from (
                (package.lower(), f"Pipfile [{section}]")
                for package in table(folder.toml("Pipfile"), section)
            )


def _poetry_requirements(manifest: object) -> Iterator[tuple[str, str]]:
    poetry = table(manifest, "tool", "poetry")
    for package in (*table(poetry, "dependencies"), *table(poetry, "dev-dependencies")):
        yield package.lower(), f"{_PROJECT} [tool.poetry]"
    for group in table(poetry, "group"):
        for package in table(poetry, "group", group, "dependencies"):
            yield package.lower(), f"{_PROJECT} [tool.poetry.group.{group}]"


def _package(requirement: str) -> str:
    match = re.match(r"\s*([A-Za-z0-9][\w.-]*)", requirement)
    return match.group(1).lower().replace("_", "-") if match else ""


def _add_installing(found: Gathering, project: _Project) -> None:
    folder, manifest = project.folder, project.manifest
    lock = folder.first("uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "Pipfile")
    match project.runner:
        case "uv run ":
            return found.add(Purpose.INSTALL, "uv sync", lock or f"{_PROJECT} [tool.uv]")
        case "poetry run ":
            return found.add(Purpose.INSTALL, "poetry install", lock or f"{_PROJECT} [tool.poetry]")
        case "pdm run ":
            return found.add(Purpose.INSTALL, "pdm install", lock or f"{_PROJECT} [tool.pdm]")
        case "pipenv run ":
            return found.add(Purpose.INSTALL, "pipenv install --dev", lock or "Pipfile")
        case _:
            pass
    for name in sorted(
        filter(is_requirements, folder.names), key=lambda name: (name != "requirements.txt", name)
    ):
        if name.endswith(".txt"):
            found.add(Purpose.INSTALL, f"pip install -r {name}", name)
    if has(manifest, "project") or folder.first("setup.py"):
        extra = next(
            (name for name in _GROUPS_FOR_WORK if has(manifest, "project", "optional-dependencies", name)), ""
        )
        source = f"{_PROJECT} [project]" if has(manifest, "project") else "setup.py"
        found.add(Purpose.INSTALL, f'pip install -e ".[{extra}]"' if extra else "pip install -e .", source)
        for group in _GROUPS_FOR_WORK:
            if has(manifest, "dependency-groups", group):
                found.add(
                    Purpose.INSTALL, f"pip install --group {group}", f"{_PROJECT} [dependency-groups] {group}"
                )
    return None


def _add_testing(found: Gathering, project: _Project) -> None:
    folder, run = project.folder, project.runner
    if source := _pytest_source(project):
        program = f"{run}pytest" if run else "python -m pytest"
        found.add(Purpose.TEST, program, source)
        found.add(Purpose.TEST_ONE, f"{program} {{file}}", source)
    elif folder.has("manage.py"):
        found.add(Purpose.TEST, f"{run}python manage.py test", "manage.py")
        found.add(
            Purpose.TEST_ONE,
            f"{run}python manage.py test {{file.folder}} --pattern {{file.stem}}.py",
            "manage.py",
        )
    elif source := _unittest_source(folder):
        start = source.rpartition("/")[0]
        found.add(
            Purpose.TEST, f"{run}python -m unittest discover" + (f" -s {start} -t ." if start else ""), source
        )
        found.add(Purpose.TEST_ONE, f"{run}python -m unittest {{file}}", source)


def _pytest_source(project: _Project) -> str:
    folder = project.folder
    if has(project.manifest, "tool", "pytest"):
        return f"{_PROJECT} [tool.pytest.ini_options]"
    if name := folder.first("pytest.ini", ".pytest.ini", "pytest.toml"):
        return name
    for name, section in (("setup.cfg", "tool:pytest"), ("tox.ini", "pytest")):
        if folder.has(name) and has(folder.ini(name), section):
            return f"{name} [{section}]"
    if "pytest" in project.requirements:
        return project.requirements["pytest"]
    return folder.first("conftest.py", "tests/conftest.py", "test/conftest.py") or ""


def _unittest_source(folder: Folder) -> str:
    for place in ("tests", "test", ""):
        names = sorted(folder.repository.names(folder.place(place) if place else folder.path))
        first = next((name for name in names if re.fullmatch(r"test\w*\.py", name)), None)
        path = f"{place}/{first}" if place else first
        if path and "unittest" in folder.text(path):
            return path
    return ""


_TOOLS: tuple[tuple[str, tuple[str, ...], tuple[tuple[Purpose, str], ...]], ...] = (
    ("ruff", ("ruff.toml", ".ruff.toml"), ((Purpose.LINT, "ruff check"),)),
    ("black", (), ((Purpose.FORMAT, "black ."), (Purpose.LINT, "black --check ."))),
    ("isort", (".isort.cfg",), ((Purpose.FORMAT, "isort ."),)),
    ("flake8", (".flake8",), ((Purpose.LINT, "flake8"),)),
    ("pylint", (".pylintrc", "pylintrc"), ((Purpose.LINT, "pylint --recursive=y ."),)),
    ("mypy", ("mypy.ini", ".mypy.ini"), ((Purpose.TYPECHECK, "mypy ."),)),
    ("pyright", ("pyrightconfig.json",), ((Purpose.TYPECHECK, "pyright"),)),
    ("basedpyright", (), ((Purpose.TYPECHECK, "basedpyright"),)),
    ("ty", ("ty.toml",), ((Purpose.TYPECHECK, "ty check"),)),
)


def _add_checking(found: Gathering, project: _Project) -> None:
    for tool, files, commands in _TOOLS:
        source = _tool_source(project, tool, files)
        if not source:
            continue
        for purpose, line in commands:
            found.add(purpose, project.runner + _mypy_whole(project, line), source)
        if tool == "ruff" and (format_source := _ruff_format(project)):
            found.add(Purpose.FORMAT, f"{project.runner}ruff format", format_source)


def _tool_source(project: _Project, tool: str, files: tuple[str, ...]) -> str:
    folder = project.folder
    if has(project.manifest, "tool", tool):
        return f"{_PROJECT} [tool.{tool}]"
    if name := folder.first(*files):
        return name
    for name in ("setup.cfg", "tox.ini"):
        if folder.has(name) and has(folder.ini(name), tool):
            return f"{name} [{tool}]"
    return ""


def _mypy_whole(project: _Project, line: str) -> str:
    """Leave out the dot where mypy's own settings name the files."""
    if line != "mypy .":
        return line
    settings = [table(project.manifest, "tool", "mypy")]
    names = filter(project.folder.has, ("mypy.ini", ".mypy.ini", "setup.cfg"))
    settings += [table(project.folder.ini(name), "mypy") for name in names]
    return "mypy" if any({"files", "packages"}.intersection(known) for known in settings) else line


def _ruff_format(project: _Project) -> str:
    if has(project.manifest, "tool", "ruff", "format"):
        return f"{_PROJECT} [tool.ruff.format]"
    name = project.folder.first("ruff.toml", ".ruff.toml")
    return f"{name} [format]" if name and has(project.folder.toml(name), "format") else ""


def _add_building(found: Gathering, project: _Project) -> None:
    builders = {"uv run ": "uv build", "poetry run ": "poetry build", "pdm run ": "pdm build"}
    if has(project.manifest, "build-system"):
        hatch = has(project.manifest, "tool", "hatch", "envs")
        line = builders.get(project.runner, "hatch build" if hatch else "python -m build")
        found.add(Purpose.BUILD, line, f"{_PROJECT} [build-system]")
