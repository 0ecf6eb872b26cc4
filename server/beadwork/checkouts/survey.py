"""What a commit of a bead's branch holds: its files, the commits before it, the text of some of its files.

All of it is read from git's objects, never from the work tree: no link is followed out of the repository, no
pipe is waited for, and nothing depends on what was ignored or left uncommitted. What is left out: what any
of it means, and remembering it.
"""

import asyncio
import os
import posixpath
import secrets
from collections.abc import Mapping, Sequence

from beadwork.checkouts.git import LONG, Git, as_text
from beadwork.checkouts.model import CheckoutError, PastCommit, Survey

COMMITS = 15
FILES_OF_COMMIT = 40
LARGEST = 1024 * 1024
"""Bytes of a file that is read; a larger one is only said to be too large."""
_HOPS = 5
_AT_ONCE = 500
_LOG = ("log", "-z", "--name-only", "--no-merges", "--no-renames", "--no-show-signature", "--no-notes")


async def survey(git: Git, commit: str) -> Survey:
    """Look at `commit` through `git`. Raises CheckoutError when the commit is not there."""
    listing, history = await asyncio.gather(
        git.bytes_of("ls-tree", "-r", "-z", "--full-tree", commit, limit=LONG),
        _history(git, commit),
    )
    files, links, modules = _entries(listing)
    past, note = history
    return Survey(commit, files, links, modules, past, (note,) if note else ())


async def read(git: Git, found: Survey, paths: Sequence[str]) -> Mapping[str, bytes | None]:
    """Give the content of files of `found` by path; None for what is not there or too large.

    A link is followed inside the commit alone. Raises CheckoutError.
    """
    real = await _resolved(git, found, paths)
    wanted = sorted({path for path in real.values() if path})
    contents = dict(zip(wanted, await blobs(git, found.commit, wanted), strict=True))
    return {path: contents.get(real[path]) for path in paths}


async def _resolved(git: Git, found: Survey, paths: Sequence[str]) -> dict[str, str]:
    """Give what each path stands for once links are followed; an empty one where that leads nowhere."""
    files = frozenset(found.files)
    real = {path: path if path in files else "" for path in paths}
    for _ in range(_HOPS):
        links = [path for path, now in real.items() if now in found.links]
        if not links:
            return real
        targets = await blobs(git, found.commit, [real[path] for path in links])
        for path, target in zip(links, targets, strict=True):
            inner = posixpath.normpath(
                posixpath.join(posixpath.dirname(real[path]), os.fsdecode(target or b""))
            )
            real[path] = inner if inner in files else ""
    return {path: "" if now in found.links else now for path, now in real.items()}


async def blobs(git: Git, commit: str, paths: Sequence[str]) -> list[bytes | None]:
    """Give the content of each path in `commit`, None where it is too large or is no file."""
    if not paths:
        return []
    shas = await _shas(git, commit, paths)
    asked = sorted({sha for sha in shas.values() if sha})
    if not asked:
        return [None] * len(paths)
    sizes = await git.bytes_of("cat-file", "--batch-check", stdin=_lines(asked))
    small = [sha for sha, answer in zip(asked, sizes.splitlines(), strict=True) if _fits(answer)]
    contents = _unpacked(await git.bytes_of("cat-file", "--batch", stdin=_lines(small))) if small else {}
    return [contents.get(shas.get(path, "")) for path in paths]


async def _shas(git: Git, commit: str, paths: Sequence[str]) -> dict[str, str]:
    """Give the blob of each path; by name, for older gits take no name with a line end on standard input."""
    literal = git.having(GIT_LITERAL_PATHSPECS="1")
    found: dict[str, str] = {}
    for first in range(0, len(paths), _AT_ONCE):
        some = paths[first : first + _AT_ONCE]
        output = await literal.bytes_of("ls-tree", "-z", "--full-tree", commit, "--", *some)
        for entry in os.fsdecode(output).split("\0")[:-1]:
            about, _, name = entry.partition("\t")
            _, kind, sha = about.split(" ")
            if kind == "blob":
                found[name] = sha
    return found


def _fits(answer: bytes) -> bool:
    words = answer.split(b" ")
    return len(words) == 3 and words[1] == b"blob" and int(words[2]) <= LARGEST  # noqa: PLR2004


def _lines(words: Sequence[str]) -> bytes:
    return "".join(f"{word}\n" for word in words).encode("ascii")


def _unpacked(output: bytes) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    at = 0
    while at < len(output):
        end = output.index(b"\n", at)
        sha, _, size = output[at:end].decode("ascii").split(" ")
        found[sha] = output[end + 1 : end + 1 + int(size)]
        at = end + 1 + int(size) + 1
    return found


def _entries(listing: bytes) -> tuple[tuple[str, ...], frozenset[str], frozenset[str]]:
    """Read `ls-tree -z`: names as the system has them (bytes that are no UTF-8 become surrogates)."""
    text = os.fsdecode(listing)
    files: list[str] = []
    odd: dict[str, list[str]] = {"120000": [], "160000": []}
    for entry in text.split("\0")[:-1]:
        about, _, name = entry.partition("\t")
        files.append(name)
        if about[:6] in odd:
            odd[about[:6]].append(name)
    return tuple(files), frozenset(odd["120000"]), frozenset(odd["160000"])


async def _history(git: Git, commit: str) -> tuple[tuple[PastCommit, ...], str]:
    """Give the commits up to `commit`, the newest first; a history that cannot be read is a note."""
    mark = f"commit-{secrets.token_hex(8)}"
    options = (
        "-c",
        "log.showRoot=false",
        *_LOG,
        f"--max-count={COMMITS}",
        f"--format={mark} %H%x00%cs%x00%s",
    )
    try:
        output = await git.bytes_of(*options, commit, "--", limit=LONG)
    except CheckoutError as error:
        return (), f"The commits before {commit[:10]} cannot be read: {error.message}"
    records = output.split(f"{mark} ".encode())[1:]
    return tuple(map(_past_commit, records)), ""


def _past_commit(record: bytes) -> PastCommit:
    sha, date, subject, *files = record.split(b"\0")
    names = [os.fsdecode(name) for name in (name.removeprefix(b"\n") for name in files) if name]
    return PastCommit(
        as_text(sha), as_text(date), as_text(subject), tuple(names[:FILES_OF_COMMIT]), len(names)
    )
