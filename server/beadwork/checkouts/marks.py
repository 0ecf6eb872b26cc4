"""The marks of a conflict that is not solved, in the files of a commit.

What it leaves out: where conflicts are (`merging.py`).
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from beadwork.checkouts.git import LONG, as_text, failure
from beadwork.checkouts.repository import Repository

_MARK = r"^(<<<<<<<|\|\|\|\|\|\|\||>>>>>>>)( |$)"
_SOME = 100
"""Paths of one call."""


async def conflict_marks(workspace: Path, commit: str, paths: Sequence[str]) -> Mapping[str, frozenset[str]]:
    """Give the lines of files that look like marks of a conflict, by path; only for those that have some.

    Raises CheckoutError.
    """
    found: dict[str, frozenset[str]] = {}
    git = (await Repository.read(workspace)).git
    words = (
        "--literal-pathspecs",
        "grep",
        "--no-color",
        "--full-name",
        "-a",
        "-z",
        "-E",
        "-e",
        _MARK,
        commit,
    )
    for first in range(0, len(paths), _SOME):
        code, output, complaints = await git.ask(*words, "--", *paths[first : first + _SOME], limit=LONG)
        if code not in (0, 1):
            raise failure("grep", workspace, complaints)
        for line in output.split(b"\n")[:-1]:
            name, _, mark = line.partition(b"\0")
            path = as_text(name).removeprefix(f"{commit}:")
            found[path] = found.get(path, frozenset()) | {as_text(mark)}
    return found
