"""What a command is for, told from a task's name or from the words of a command line.

By tables (`known_words.py`), without guessing: what is not in them has no purpose. What it leaves out:
reading files.
"""

import itertools
import re

from beadwork.context.stack import known_words as known
from beadwork.context.stack.model import Purpose
from beadwork.context.stack.shell_lines import segments

_BY_WORTH = (
    Purpose.TEST,
    Purpose.TYPECHECK,
    Purpose.LINT,
    Purpose.FORMAT,
    Purpose.BUILD,
    Purpose.INSTALL,
)
"""What a line is called that does several things."""
_MOST_PARTS = 3


def purpose_of_name(name: str) -> Purpose | None:
    """Tell a task's purpose from its name, such as `test:unit` or `fmt-check`; None when it does not say."""
    ordered = [part.lower() for part in re.split(r"[^A-Za-z0-9]+|(?<=[a-z])(?=[A-Z])", name) if part]
    parts = set(ordered)
    if ordered == ["all"]:
        return Purpose.BUILD
    first = next((part for part in ordered if part in known.TASK_NAMES or part in known.OTHER_THINGS), "")
    if not known.NEVER.isdisjoint(parts) or first in known.OTHER_THINGS or ordered[-1:] == ["ui"]:
        return None
    if "check" in parts and not parts.isdisjoint({"type", "types"}):
        return Purpose.TYPECHECK
    if not known.FORMATTING.isdisjoint(parts):
        return Purpose.FORMAT if known.CHECKING.isdisjoint(parts) else Purpose.LINT
    if "fix" in parts and not parts.isdisjoint({"lint", "eslint", "style"}):
        return Purpose.FORMAT
    return known.TASK_NAMES.get(first)


def telling(name: str) -> int:
    """Rank a task's name: the plain `test` before `test:unit` before `test_all_the_rest`."""
    return min(len(re.split(r"[^A-Za-z0-9]+", name)), _MOST_PARTS)


def purpose_of_line(line: str) -> Purpose | None:
    """Tell a shell line's purpose from the programs it starts; None when none of them is known."""
    commands = segments(line)
    found = {purpose_of_words(words) for words in commands}
    if Purpose.FORMAT in found and any(words[:2] == ["git", "diff"] for words in commands):
        found.add(Purpose.LINT)
    return next((purpose for purpose in _BY_WORTH if purpose in found), None)


def purpose_of_words(words: list[str]) -> Purpose | None:
    """Tell the purpose of one command given as words."""
    words = unwrapped(words)
    if not words:
        return None
    purpose = _purpose(words)
    if purpose is Purpose.FORMAT and not known.CHECK_FLAGS.isdisjoint(words):
        return Purpose.LINT
    return purpose


def unwrapped(words: list[str]) -> list[str]:
    """Take away what only prepares a command: variables, `sudo`, `uv run`, `npx`, and their options."""
    while words:
        if re.match(r"[A-Za-z_]\w*=", words[0]):
            words = words[1:]
            continue
        wrapper = next((some for some in known.WRAPPERS if tuple(words[: len(some)]) == some), None)
        if wrapper is None:
            return words
        words = _without_options(words[len(wrapper) :])
    return words


def _without_options(words: list[str]) -> list[str]:
    while words and (words[0].startswith("-") or words[0][:1].isdigit()):
        words = words[2:] if words[0] in known.OPTIONS_WITH_VALUE else words[1:]
    return words


def _purpose(words: list[str]) -> Purpose | None:
    name = words[0].rpartition("/")[2].removesuffix(".cmd").removesuffix(".bat")
    rest = _arguments(words)
    if name in {"python", "python3", "php", "ruby"} and rest:
        return _purpose(rest)
    if name == "node":
        return Purpose.TEST if "--test" in words else None
    if name == "cmake" and "--install" in words:
        return None
    if name in known.BUILD_TOOLS:
        return _of_goals(words, rest)
    if name in {"tox", "nox"}:
        return _of_environment(words)
    if name in {"playwright", "pre-commit", "tflint"} and rest[:1] in (["install"], ["--init"]):
        return Purpose.INSTALL
    if name in known.VERBS:
        return _of_verb(name, rest)
    if name in known.TASK_RUNNERS:
        return _of_task(name, words, rest)
    if name not in known.PROGRAMS and "/" in words[0]:
        return purpose_of_name(name.rpartition(".")[0] or name)
    return known.PROGRAMS.get(name)


def _arguments(words: list[str]) -> list[str]:
    """Give what follows the program's name, without options and the folders that some of them take."""
    pairs = itertools.pairwise(words)
    return [
        word
        for before, word in pairs
        if before not in known.OPTIONS_WITH_FOLDER and word[:1] not in {"-", "+"}
    ]


def _of_verb(name: str, rest: list[str]) -> Purpose | None:
    match name, rest:
        case "go", ["mod", "download", *_]:
            return Purpose.INSTALL
        case "docker", ["compose", "build", *_]:
            return Purpose.BUILD
        case "uv", ["pip", verb, *_] if verb not in known.INSTALLING:
            return None
        case _, [verb, *_]:
            return known.VERBS[name].get(verb, known.PROGRAMS.get(name))
        case _:
            return known.PROGRAMS.get(name)


def _of_goals(words: list[str], rest: list[str]) -> Purpose | None:
    found = {known.GOALS.get(goal, known.GOALS.get(goal.rpartition(":")[2])) for goal in rest}
    if any(word.startswith(("-DskipTests", "-Dmaven.test.skip")) for word in words) or "-x" in words:
        found.discard(Purpose.TEST)
    elif not known.GOALS_THAT_TEST.isdisjoint(rest):
        return Purpose.TEST
    return next((purpose for purpose in _BY_WORTH if purpose in found), None)


def _of_task(name: str, words: list[str], rest: list[str]) -> Purpose | None:
    rest = [word for word in rest if word not in known.NOT_A_TASK and "=" not in word]
    if name in known.PACKAGE_MANAGERS and not known.INSTALLING.isdisjoint(rest[:1] or words[1:]):
        return Purpose.INSTALL
    if not rest:
        return _of_bare_task(name)
    if name in known.PACKAGE_MANAGERS and rest[0] in known.PROGRAMS:
        return _purpose(rest)
    for word in rest:
        if name in {"make", "gmake"} and word == "check":
            return Purpose.TEST
        if purpose := known.PROGRAMS.get(word) or purpose_of_name(word):
            return purpose
    return None


def _of_bare_task(name: str) -> Purpose | None:
    if name in {"make", "gmake"}:
        return Purpose.BUILD
    return Purpose.INSTALL if name == "yarn" else None


def _of_environment(words: list[str]) -> Purpose:
    for flag, value in itertools.pairwise(words):
        if flag in {"-e", "-s", "-t", "--session", "--sessions"}:
            return purpose_of_name(value) or Purpose.TEST
    return Purpose.TEST
