"""Detecting: which folders are parts, and what reads each of them.

What it leaves out: formats (`formats.py`), and what files mean (one module per kind).
"""

from collections.abc import Callable, Sequence

from beadwork.context.stack import (
    infrastructure,
    java,
    javascript,
    more_languages,
    native,
    python_project,
    ruby_and_php,
    rust_and_go,
    task_files,
)
from beadwork.context.stack.ci_files import ci_parts
from beadwork.context.stack.model import Part, Stack
from beadwork.context.stack.repository import Folder, Repository

MAX_FOLDERS = 40
MAX_PARTS = 60

_READERS: tuple[Callable[[Folder], list[Part]], ...] = (
    task_files.make_parts,
    task_files.just_parts,
    task_files.task_parts,
    task_files.pre_commit_parts,
    python_project.python_parts,
    javascript.javascript_parts,
    javascript.deno_parts,
    rust_and_go.rust_parts,
    rust_and_go.go_parts,
    java.maven_parts,
    java.gradle_parts,
    native.cmake_parts,
    native.meson_parts,
    native.autotools_parts,
    ruby_and_php.ruby_parts,
    ruby_and_php.php_parts,
    more_languages.dotnet_parts,
    more_languages.elixir_parts,
    more_languages.swift_parts,
    infrastructure.terraform_parts,
    infrastructure.docker_parts,
)
"""In the order in which parts of one folder stand; what CI does comes before all of them."""

_MANIFESTS = frozenset(
    {
        *(*task_files.MAKEFILES, *task_files.JUSTFILES, *task_files.TASKFILES, *task_files.PRE_COMMIT),
        *python_project.MANIFESTS,
        *(javascript.MANIFEST, *javascript.DENO),
        *(rust_and_go.CARGO, *rust_and_go.GO),
        *(java.POM, *java.GRADLE),
        *(native.CMAKE, native.MESON, *native.AUTOTOOLS),
        *(
            ruby_and_php.GEMFILE,
            *ruby_and_php.RAKEFILES,
            ruby_and_php.COMPOSER,
            "phpunit.xml",
            "phpunit.xml.dist",
        ),
        *(more_languages.MIX, more_languages.SWIFT),
        *(*infrastructure.COMPOSE, *infrastructure.DOCKERFILES),
    }
)
_ENDINGS = (*more_languages.SOLUTIONS, *more_languages.PROJECTS, *infrastructure.TERRAFORM)
_OTHERS = frozenset(
    """
    node_modules vendor third_party third-party thirdparty external deps .venv venv site-packages pods
    bower_components testdata test-data test_data fixtures __fixtures__ __tests__ __mocks__ snapshots
    template templates .devcontainer
    """.split()  # noqa: SIM905  (a table is easier to read)
)
"""Folders whose manifests belong to the code of others, or are data of tests and generators."""
_BESIDE = frozenset(
    "example examples sample samples playground playgrounds demo demos docs fuzz test tests".split()  # noqa: SIM905
)
"""Folders that are looked into last, when there are very many."""


def is_beside(folder: str) -> bool:
    """Tell whether a folder holds what is beside the project: examples, documentation, what tests need."""
    return not _BESIDE.isdisjoint(folder.split("/"))


def detect(files: Sequence[str], read: Callable[[str], bytes | None]) -> Stack:
    """Find out with which commands a repository is installed, built, tested and checked.

    `files` are its paths as git lists them (POSIX, relative). `read` gives a file's bytes, or None when it
    cannot be read; it should give no more than a megabyte or so, and is asked for a few hundred files at
    most. Nothing else is touched. Raises only what `read` raises: what cannot be understood is a note.
    """
    repository = Repository(files, read)
    in_ci = ci_parts(repository)
    parts = [*in_ci]
    for path in _folders(repository):
        parts += [part for reader in _READERS for part in reader(repository.folder(path))]
    parts.sort(key=lambda part: (part.folder.count("/") + bool(part.folder), part.folder))
    if len(parts) > MAX_PARTS:
        repository.note(f"{len(parts) - MAX_PARTS} more parts of this repository are not listed.")
    return Stack(tuple(parts[:MAX_PARTS]), repository.notes)


def _folders(repository: Repository) -> list[str]:
    found, others = [], 0
    for path, names in repository.folders():
        if path and not _is_part(names):
            continue
        if path and not _OTHERS.isdisjoint(path.lower().split("/")):
            others += 1
        else:
            found.append(path)
    if others:
        repository.note(
            f"{others} folders of other people's code, of templates or of test data were left out."
        )
    found.sort(key=lambda path: (is_beside(path), path.count("/") + bool(path), path))
    if len(found) > MAX_FOLDERS:
        repository.note(f"{len(found) - MAX_FOLDERS} more folders with a manifest were not looked into.")
    return found[:MAX_FOLDERS]


def _is_part(names: set[str]) -> bool:
    if not _MANIFESTS.isdisjoint(names):
        return True
    return any(name.endswith(_ENDINGS) or python_project.is_requirements(name) for name in names)
