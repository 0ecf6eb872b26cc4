"""Task files: Makefile, justfile and Taskfile.yml, and the hooks of pre-commit.

Of Makefiles and justfiles only the heads of targets and their recipes are read, line by line. What it
leaves out: variables, includes, conditions.
"""

import re
from collections.abc import Iterable

from beadwork.context.stack.gathering import Gathering
from beadwork.context.stack.model import Part, Purpose
from beadwork.context.stack.purposes import purpose_of_line, purpose_of_name, telling
from beadwork.context.stack.repository import Folder
from beadwork.context.stack.values import at, listing, merged, table, word, words

MAKEFILES = ("GNUmakefile", "makefile", "Makefile")
JUSTFILES = ("justfile", "Justfile", ".justfile")
TASKFILES = (
    "Taskfile.yml",
    "Taskfile.yaml",
    "taskfile.yml",
    "taskfile.yaml",
    "Taskfile.dist.yml",
    "Taskfile.dist.yaml",
)
PRE_COMMIT = (".pre-commit-config.yaml", ".pre-commit-config.yml")
MAX_TARGETS = 300
MAX_RECIPE = 5_000

_TARGET = re.compile(r"[A-Za-z0-9_][\w-]*")
_RECIPE = re.compile(r"[A-Za-z][\w-]*")


def make_parts(folder: Folder) -> list[Part]:
    """Give the telling targets of a Makefile."""
    name = folder.first(*MAKEFILES)
    if name is None:
        return []
    found = Gathering(folder, "make")
    _add_tasks(found, _make_targets(folder.text(name)), "make", name)
    return found.part(name)


def just_parts(folder: Folder) -> list[Part]:
    """Give the telling recipes of a justfile that need no argument."""
    name = folder.first(*JUSTFILES)
    if name is None:
        return []
    found = Gathering(folder, "just")
    _add_tasks(found, _just_recipes(folder.text(name)), "just", name)
    return found.part(name)


def task_parts(folder: Folder) -> list[Part]:
    """Give the telling tasks of a Taskfile."""
    name = folder.first(*TASKFILES)
    if name is None:
        return []
    tasks = {
        key: _task_script(task) for key, task in table(folder.yaml(name), "tasks").items() if _is_open(task)
    }
    found = Gathering(folder, "task")
    _add_tasks(found, tasks, "task", name)
    return found.part(name)


def pre_commit_parts(folder: Folder) -> list[Part]:
    """Give the one command that runs all hooks, with their names as its source."""
    name = folder.first(*PRE_COMMIT)
    if name is None:
        return []
    hooks = [
        word(hook, "id")
        for source in listing(folder.yaml(name), "repos")
        for hook in listing(source, "hooks")
    ]
    known = [hook for hook in dict.fromkeys(hooks) if hook]
    if not known:
        return []
    more = f" and {len(known) - 8} more" if len(known) > 8 else ""  # noqa: PLR2004  (as many as are read at a glance)
    found = Gathering(folder, "pre-commit")
    found.add(Purpose.LINT, "pre-commit run --all-files", f"{name} ({', '.join(known[:8])}{more})")
    return found.part(name)


def _add_tasks(found: Gathering, tasks: dict[str, str], program: str, file: str) -> None:
    for name in sorted(tasks, key=telling):
        purpose = _purpose(name, tasks[name], program)
        if purpose is not None:
            found.add(purpose, f"{program} {name}", f"{file} target {name}")


def _purpose(name: str, recipe: str, program: str) -> Purpose | None:
    purpose = purpose_of_name(name)
    lines = [purpose_of_line(line.lstrip("@-+ ")) for line in recipe.splitlines()]
    if purpose is Purpose.INSTALL:
        return purpose if Purpose.INSTALL in lines else None
    if name in {"check", "verify", "ci"}:
        return _check(lines, program)
    return purpose


def _check(lines: list[Purpose | None], program: str) -> Purpose:
    for purpose in (Purpose.TEST, Purpose.LINT, Purpose.TYPECHECK):
        if purpose in lines:
            return purpose
    return Purpose.TEST if program == "make" and not any(lines) else Purpose.LINT


def _make_targets(text: str) -> dict[str, str]:
    targets: dict[str, str] = {}
    current: list[str] = []
    for line in text.splitlines():
        if line.startswith("\t"):
            _continue(targets, current, line)
            continue
        head, colon, rest = line.partition(":")
        if not colon or line[:1].isspace() or rest.startswith(("=", ":=")) or set("=#$%") & set(head):
            continue
        current = [name for name in head.split()[:20] if _TARGET.fullmatch(name)]
        _enter(targets, current)
    return targets


def _just_recipes(text: str) -> dict[str, str]:
    recipes: dict[str, str] = {}
    current: list[str] = []
    private = False
    for line in text.splitlines():
        if line[:1].isspace():
            _continue(recipes, current, line)
            continue
        words = _head_of_recipe(line)
        if words:
            current = [] if private or not _needs_nothing(words[1:]) else words[:1]
            _enter(recipes, current)
        private = line.startswith("[") and "private" in line
    return recipes


def _head_of_recipe(line: str) -> list[str]:
    head, colon, rest = line.removeprefix("@").partition(":")
    words = head.split()
    known = colon and not rest.startswith("=") and words and _RECIPE.fullmatch(words[0])
    return words if known else []


def _continue(tasks: dict[str, str], current: list[str], line: str) -> None:
    for name in current:
        if len(tasks.get(name, "")) < MAX_RECIPE and name in tasks:
            tasks[name] += line.strip() + "\n"


def _needs_nothing(parameters: list[str]) -> bool:
    return all(known.startswith("*") or "=" in known for known in parameters)


def _enter(targets: dict[str, str], names: Iterable[str]) -> None:
    for name in names:
        if len(targets) < MAX_TARGETS:
            targets.setdefault(name, "")


def _is_open(task: object) -> bool:
    return at(task, "internal") != "true" and not words(task, "requires", "vars")


def _task_script(task: object) -> str:
    if isinstance(task, str):
        return task
    commands = at(merged(task), "cmds")
    if not isinstance(commands, list):
        return word(task, "cmd") or "\n".join(words(task, "cmds"))
    return "\n".join(known if isinstance(known, str) else word(known, "cmd") for known in commands)
