"""The user's uncommitted changes: how many there are, and a copy of them as a commit.

A copy is made with an index and an object folder of ours, so the user's tree, index and stash stay as they
are. What is left out: when a copy is wanted.
"""

import shutil
from pathlib import Path

import attrs

from beadwork.checkouts.git import LONG, Git, as_text, failure
from beadwork.checkouts.model import CheckoutError
from beadwork.checkouts.repository import Repository, Start
from beadwork.checkouts.shadow import Shadow

_FOLDER_LINK = b"160000"
NOT_BEADS = (":/", ":(exclude,top,glob)**/.beads/**")
"""The whole tree without the beads: the tracker keeps them, and a run itself changes them."""


@attrs.frozen
class Identity:
    """Who commits."""

    name: str
    email: str

    def variables(self) -> dict[str, str]:
        """Give it as git's environment variables."""
        return {
            f"GIT_{role}_{what}": value
            for role in ("AUTHOR", "COMMITTER")
            for what, value in (("NAME", self.name), ("EMAIL", self.email))
        }


async def describe(repository: Repository) -> str:
    """Say in a sentence what is not committed; nothing when all is."""
    if repository.bare:
        return ""
    words = ("--porcelain=v1", "-z", "--no-renames", "--untracked-files=normal", "--ignore-submodules=dirty")
    code, output, complaints = await repository.git.ask("status", *words, "--", *NOT_BEADS, limit=LONG)
    if code != 0:
        return f"Git cannot say what is not committed in {repository.top}: {complaints}"
    entries = [entry for entry in output.split(b"\0") if entry]
    untracked = sum(entry.startswith(b"??") for entry in entries)
    if not entries:
        return ""
    counts = {"changed": len(entries) - untracked, "untracked": untracked}
    counted = " and ".join(f"{count} {kind}" for kind, count in counts.items() if count)
    paths = "path" if len(entries) == 1 else "paths"
    return f"Not committed in {repository.top}, so not in the checkout: {counted} {paths}."


async def take_along(
    repository: Repository, shadow: Shadow, start: Start, identity: Identity
) -> tuple[str, tuple[str, ...]]:
    """Give a commit on top of `start` with the user's uncommitted changes, and notes about it.

    It is `start` itself when nothing is uncommitted.
    Raises CheckoutError when the changes do not fit on `start`.
    """
    if repository.bare:
        return start.commit, ()
    head = await repository.commit_of("HEAD")
    index = shadow.places.shadows / "changes.index"
    try:
        tree, notes = await _snapshot(repository, shadow, head, index)
    finally:
        index.unlink(missing_ok=True)
    git = shadow.git.having(**identity.variables())
    if head != start.commit:
        tree = await _fit(git, head, start, tree)
    if tree == await git.line("rev-parse", f"{start.commit}^{{tree}}"):
        return start.commit, notes
    message = "Take along what was not committed\n\nA copy of the working tree this bead was started from."
    commit = await git.line("commit-tree", tree, "-p", start.commit, "-m", message)
    return commit, (*notes, f"A copy of what is not committed in {repository.top} is the first commit.")


async def _snapshot(
    repository: Repository, shadow: Shadow, head: str, index: Path
) -> tuple[str, tuple[str, ...]]:
    if (repository.git_dir / "index").is_file():
        # With its time: git reads a file again that changed in the moment the index was written.
        shutil.copy2(repository.git_dir / "index", index)
    git = repository.git.having(
        GIT_INDEX_FILE=str(index), GIT_OBJECT_DIRECTORY=str(shadow.places.shadow / "objects")
    )
    await git.bytes_of("add", "--all", "--", *NOT_BEADS, limit=LONG)
    tree = await git.line("write-tree", limit=LONG)
    links = await _new_folder_links(git, head or await _empty_tree(git), tree)
    if not links:
        return tree, ()
    await git.bytes_of("update-index", "-z", "--force-remove", "--stdin", stdin=b"\0".join(links) + b"\0")
    names = ", ".join(as_text(link) for link in links)
    return await git.line("write-tree"), (f"Left out, since they are repositories of their own: {names}.",)


async def _new_folder_links(git: Git, head: str, tree: str) -> list[bytes]:
    raw = await git.bytes_of("diff-tree", "-r", "-z", "--no-renames", "--diff-filter=A", head, tree)
    fields = raw.split(b"\0")
    entries = zip(fields[::2], fields[1::2], strict=False)
    return [path for about, path in entries if about.split(b" ")[1:2] == [_FOLDER_LINK]]


async def _empty_tree(git: Git) -> str:
    return await git.line("mktree")


async def _fit(git: Git, head: str, start: Start, tree: str) -> str:
    """Bring the changes from `head` to `tree` onto `start`: a merge of two made-up commits on one parent."""
    before = await git.line(
        "commit-tree", f"{head}^{{tree}}" if head else await _empty_tree(git), "-m", "before"
    )
    ours = await git.line("commit-tree", f"{start.commit}^{{tree}}", "-p", before, "-m", "ours")
    theirs = await git.line("commit-tree", tree, "-p", before, "-m", "theirs")
    code, output, complaints = await git.ask(
        "merge-tree", "--write-tree", "--name-only", ours, theirs, limit=LONG
    )
    if code == 1:
        raise CheckoutError(
            f"Your uncommitted changes do not fit on {start.name}: commit or undo them, "
            "or start without them.",
            detail=as_text(output),
        )
    if code != 0:
        raise failure("merge-tree", git.folder, complaints)
    return as_text(output).splitlines()[0]
