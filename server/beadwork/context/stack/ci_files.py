"""CI files as the truth about how a project tests itself: GitHub workflows and GitLab pipelines.

Jobs that release or deploy are left out, and so are workflows that no change starts. Matrix expressions
stay as they are; an expression of the environment is replaced where the file gives its value. What it
leaves out: included files.
"""

import posixpath
import re

import attrs

from beadwork.context.stack.gathering import Gathering
from beadwork.context.stack.model import Part, Purpose
from beadwork.context.stack.purposes import purpose_of_line
from beadwork.context.stack.repository import Folder, Repository
from beadwork.context.stack.shell_lines import plain_lines, segments
from beadwork.context.stack.values import at, has, listing, merged, table, word, words

WORKFLOWS = ".github/workflows"
GITLAB = ".gitlab-ci.yml"
MAX_WORKFLOWS = 25
MAX_JOBS = 60

_CHANGES = frozenset({"push", "pull_request", "pull_request_target", "merge_group", "workflow_call"})
_NOT_TESTING = re.compile(
    r"devcontainer|deploy|release|publish|pages|docker|upload|notify|label|stale|lock\b|sync\b|backport|changelog|\bbot\b|dependabot",
    re.IGNORECASE,
)
_TESTING = re.compile(
    r"test|check|ci\b|integration|lint|style|format|fmt|build|verify|unit|type|static|quality", re.IGNORECASE
)
_ONE_SYSTEM = re.compile(r"windows|win32|macos|osx|bsd|cygwin|mingw", re.IGNORECASE)
_PLUMBING = frozenset(
    {
        *(
            "echo",
            "cd",
            "mkdir",
            "export",
            "set",
            "git",
            "apt-get",
            "apt-key",
            "apt",
            "brew",
            "curl",
            "wget",
            "rm",
            "cp",
            "mv",
            "ls",
        ),
        *(
            "cat",
            "chmod",
            "printf",
            "source",
            ".",
            "sleep",
            "exit",
            "true",
            "test",
            "[",
            "[[",
            "which",
            "tar",
            "unzip",
        ),
        *(
            "choco",
            "gh",
            "codecov",
            "df",
            "free",
            "env",
            "pwd",
            "tee",
            "sudo",
            "sed",
            "grep",
            "ln",
            "touch",
            "corepack",
        ),
        *(
            "rustup",
            "gem",
            "nvm",
            "eval",
            "apk",
            "dnf",
            "yum",
            "zip",
            "pushd",
            "popd",
            "unset",
            "ulimit",
            "sysctl",
            "date",
        ),
    }
)
_ACTIONS: dict[str, tuple[Purpose, str]] = {
    "pre-commit/action": (Purpose.LINT, "pre-commit run --all-files"),
    "golangci/golangci-lint-action": (Purpose.LINT, "golangci-lint run"),
    "astral-sh/ruff-action": (Purpose.LINT, "ruff check"),
    "chartboost/ruff-action": (Purpose.LINT, "ruff check"),
    "psf/black": (Purpose.LINT, "black --check ."),
    "rubocop/rubocop-linter-action": (Purpose.LINT, "bundle exec rubocop"),
}
_ENVIRONMENT = re.compile(r"\$\{\{\s*env\.(\w+)\s*\}\}")


@attrs.frozen
class _Script:
    """The lines of one step or job, with what is known around them."""

    text: str
    folder: str
    source: str
    testing: bool
    environment: dict[str, str]


class _Collected:
    """The commands of all CI files by the folder in which they run."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._folders: dict[str, Gathering] = {}

    def add(self, folder: str, purpose: Purpose, line: str, source: str) -> None:
        known = self._folders.get(folder)
        if known is None:
            known = self._folders[folder] = Gathering(
                self._repository.folder(folder), "ci", sources_from_root=True
            )
        known.add(purpose, line, source)

    def take(self, script: _Script) -> None:
        folder = script.folder
        for written in plain_lines(script.text):
            line = _with_environment(written, script.environment)
            if line.startswith(("cd ", "pushd ")) and "&&" not in line:
                moved = _inside(folder, line.split(None, 1)[1])
                if moved is None:
                    return
                folder = moved
                continue
            if line.endswith((" --version", " -V", " --help")):
                continue
            purpose = purpose_of_line(line)
            if purpose is None and script.testing and not _is_plumbing(line):
                purpose = Purpose.RUN_CI
            if purpose is not None and (script.testing or purpose in _PROVING):
                self.add(folder, purpose, line, script.source)

    def parts(self, name: str) -> list[Part]:
        return [part for gathering in self._folders.values() for part in gathering.part(name)]


_PROVING = frozenset({Purpose.TEST, Purpose.LINT, Purpose.TYPECHECK})


def ci_parts(repository: Repository) -> list[Part]:
    """Give what CI runs, by the folder in which it runs it."""
    return [*_github(repository), *_gitlab(repository)]


def _github(repository: Repository) -> list[Part]:
    folder, collected = repository.folder(WORKFLOWS), _Collected(repository)
    names = sorted(folder.ending(".yml", ".yaml"), key=_worth)
    for name in names[:MAX_WORKFLOWS]:
        if not _NOT_TESTING.search(name):
            _read_workflow(folder, name, collected)
    return collected.parts("GitHub Actions")


def _worth(name: str) -> tuple[bool, bool, str]:
    return bool(_ONE_SYSTEM.search(name)), not _TESTING.search(name), name


def _read_workflow(folder: Folder, name: str, collected: _Collected) -> None:
    workflow = folder.yaml(name)
    events = at(workflow, "on")
    started_by = set(events) if isinstance(events, dict) else set(words(events))
    if not _CHANGES.intersection(started_by):
        return
    for key, job in list(table(workflow, "jobs").items())[:MAX_JOBS]:
        title = f"{key} {word(job, 'name')}"
        if _NOT_TESTING.search(title):
            continue
        source = f"{WORKFLOWS}/{name} job {key}"
        around = _around(workflow, merged(job), source, testing=bool(_TESTING.search(f"{title} {name}")))
        if around is None:
            continue
        for step in listing(job, "steps"):
            _read_step(merged(step), around, collected)


def _around(workflow: object, job: dict[str, object], source: str, *, testing: bool) -> _Script | None:
    """Give a script without text: what all steps of the job share. None where the folder is not known."""
    place = ("defaults", "run", "working-directory")
    folder = _inside("", word(job, *place) or word(workflow, *place))
    if folder is None:
        return None
    return _Script("", folder, source, testing, _texts(table(workflow, "env") | table(job, "env")))


def _read_step(step: dict[str, object], around: _Script, collected: _Collected) -> None:
    here = word(step, "working-directory")
    folder = _inside("", here) if here else around.folder
    action = word(step, "uses").partition("@")[0]
    if folder is not None and (known := _ACTIONS.get(action.lower())):
        collected.add(folder, *known, f"{around.source} ({action})")
    script = word(step, "run")
    if folder is None or not script or word(step, "shell") in {"pwsh", "powershell", "cmd"}:
        return
    environment = around.environment | _texts(table(step, "env"))
    collected.take(attrs.evolve(around, text=script, folder=folder, environment=environment))


def _texts(values: dict[str, object]) -> dict[str, str]:
    return {key: value for key, value in values.items() if isinstance(value, str)}


def _gitlab(repository: Repository) -> list[Part]:
    root, collected = repository.folder(""), _Collected(repository)
    if not root.has(GITLAB):
        return []
    pipeline = table(root.yaml(GITLAB))
    for key, value in list(pipeline.items())[:MAX_JOBS]:
        job = _extended(pipeline, merged(value))
        title = f"{key} {word(job, 'stage')}"
        if key.startswith(".") or _NOT_TESTING.search(title) or not has(job, "script"):
            continue
        for part in ("before_script", "script"):
            script = "\n".join(_flat(pipeline, job.get(part, pipeline.get(part))))
            source = f"{GITLAB} job {key}"
            collected.take(_Script(script, "", source, bool(_TESTING.search(title)), {}))
    return collected.parts("GitLab CI")


def _extended(pipeline: dict[str, object], job: dict[str, object]) -> dict[str, object]:
    for name in words(job, "extends")[:5]:
        job = merged(pipeline.get(name)) | job
    return job


def _flat(pipeline: dict[str, object], value: object) -> list[str]:
    """Give the lines of a script, with lists in it opened and references followed, one level deep."""
    if isinstance(value, str):
        return [value]
    lines: list[str] = []
    for item in value if isinstance(value, list) else []:
        referred = words(item, "!reference")
        lines += words(at(pipeline, *referred) if referred else item)
    return lines


def _with_environment(line: str, values: dict[str, str]) -> str:
    def known(match: re.Match[str]) -> str:
        value = values.get(match.group(1))
        return match.group(0) if value is None or "${{" in value else value

    return " ".join(_ENVIRONMENT.sub(known, line).split())


def _is_plumbing(line: str) -> bool:
    """Tell whether a line only prepares or reports, or is not a shell's."""
    commands = [_first(command) for command in segments(line)]
    if commands[:1] in (["echo"], ["printf"]) and "&&" not in line:
        return True
    strange = any(not re.match(r"[\w./-]+$", first) for first in commands)
    return strange or "$env:" in line or all(first in _PLUMBING for first in commands)


def _first(command: list[str]) -> str:
    """Give the program's name; `echo` for a line that only sets variables."""
    if re.match(r"[A-Za-z_]\w*=.*(`|\$\()", command[0]):
        return "echo"
    return next((known for known in command if not re.match(r"[A-Za-z_]\w*=", known)), "echo")


def _inside(folder: str, path: str) -> str | None:
    """Give the folder that `path` leads to; None when that is not known or is outside of the repository."""
    path = path.strip("'\" ").removeprefix("./").rstrip("/")
    if path in {"", "."}:
        return folder
    if path.startswith(("/", "~", "-")) or not re.fullmatch(r"[\w.@+/ -]+", path):
        return None
    joined = posixpath.normpath(posixpath.join(folder, path))
    return None if joined.startswith("..") else "" if joined == "." else joined
