"""Python's task runners: tox, nox, hatch, poe, pdm scripts and taskipy.

A noxfile is Python and is read as its syntax tree, never run. What it leaves out: what the tasks do.
"""

import ast
import warnings

from beadwork.context.stack.gathering import Gathering
from beadwork.context.stack.model import Purpose
from beadwork.context.stack.purposes import purpose_of_line, purpose_of_name, telling
from beadwork.context.stack.repository import Folder
from beadwork.context.stack.values import at, has, listing, table, word, words

_PROJECT = "pyproject.toml"
MAX_NOXFILE = 100_000


def add_tasks(found: Gathering, manifest: object) -> None:
    """Gather what the folder's task runners offer; `manifest` is its pyproject.toml."""
    _add_tox(found, manifest)
    _add_nox(found)
    _add_hatch(found, manifest)
    _add_scripts(found, manifest, ("tool", "poe", "tasks"), "poe")
    _add_scripts(found, manifest, ("tool", "pdm", "scripts"), "pdm run")
    _add_scripts(found, manifest, ("tool", "taskipy", "tasks"), "task")


def _add_tox(found: Gathering, manifest: object) -> None:
    folder = found.folder
    for source, environments in _tox_places(folder, manifest):
        found.add(Purpose.TEST, "tox", source)
        for name in environments:
            purpose = purpose_of_name(name)
            if purpose in {Purpose.LINT, Purpose.TYPECHECK, Purpose.FORMAT}:
                found.add(purpose, f"tox -e {name}", f"{source} environment {name}")


def _tox_places(folder: Folder, manifest: object) -> list[tuple[str, list[str]]]:
    places: list[tuple[str, list[str]]] = []
    for name in ("tox.ini", "setup.cfg"):
        sections = table(folder.ini(name)) if folder.has(name) else {}
        named = [key.partition(":")[2] for key in sections if key.startswith("testenv:")]
        if named or "testenv" in sections or "tox:tox" in sections:
            places.append((name, named))
    if folder.has("tox.toml"):
        places.append(("tox.toml", list(table(folder.toml("tox.toml"), "env"))))
    if has(manifest, "tool", "tox"):
        places.append((f"{_PROJECT} [tool.tox]", list(table(manifest, "tool", "tox", "env"))))
    return places


def _add_nox(found: Gathering) -> None:
    if not found.folder.has("noxfile.py"):
        return
    for name in sorted(_sessions(found.folder), key=telling):
        purpose = purpose_of_name(name)
        if purpose is not None:
            found.add(purpose, f"nox -s {name}", f"noxfile.py session {name}")


def _sessions(folder: Folder) -> list[str]:
    text = folder.text("noxfile.py")[:MAX_NOXFILE]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        folder.repository.note(f"{folder.place('noxfile.py')} could not be read as Python.")
        return []
    functions = [known for known in tree.body if isinstance(known, ast.FunctionDef)]
    return [name for function in functions if (name := _session_name(function))]


def _session_name(function: ast.FunctionDef) -> str:
    for decorator in function.decorator_list:
        call = decorator.func if isinstance(decorator, ast.Call) else decorator
        named = (
            call.attr if isinstance(call, ast.Attribute) else call.id if isinstance(call, ast.Name) else ""
        )
        if named != "session":
            continue
        keywords = decorator.keywords if isinstance(decorator, ast.Call) else []
        for keyword in keywords:
            if keyword.arg == "name" and isinstance(keyword.value, ast.Constant):
                return str(keyword.value.value)
        return function.name
    return ""


def _add_hatch(found: Gathering, manifest: object) -> None:
    for environment in table(manifest, "tool", "hatch", "envs"):
        if environment == "hatch-test":
            source = f"{_PROJECT} [tool.hatch.envs.hatch-test]"
            found.add(Purpose.TEST, "hatch test", source)
            found.add(Purpose.TEST_ONE, "hatch test {file}", source)
        source = f"{_PROJECT} [tool.hatch.envs.{environment}.scripts]"
        for name in table(manifest, "tool", "hatch", "envs", environment, "scripts"):
            shown = name if environment == "default" else f"{environment}:{name}"
            purpose = purpose_of_name(name)
            if purpose is not None:
                found.add(purpose, f"hatch run {shown}", f"{source} {name}")


def _add_scripts(found: Gathering, manifest: object, place: tuple[str, ...], program: str) -> None:
    for name in sorted(table(manifest, *place), key=telling):
        task = at(manifest, *place, name)
        line = task if isinstance(task, str) else word(task, "cmd") or " ".join(words(task, "cmd"))
        purpose = purpose_of_name(name) or (purpose_of_line(line) if name in {"ci", "verify"} else None)
        if purpose is not None and not name.startswith("_") and not listing(task, "args"):
            found.add(purpose, f"{program} {name}", f"{_PROJECT} [{'.'.join(place)}] {name}")
