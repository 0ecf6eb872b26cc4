"""Reading the git folder of a checkout after an agent had it, as data: no git is ever started in it.

An agent may have planted anything there: settings that name programs, hooks, links, another folder in its
place. So its `config` is never read. We read its refs ourselves, as text, and its objects through a git
folder of our own that borrows them (shadow.py). What is left out: the work tree.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path

import attrs

from beadwork.checkouts.files import is_plain_folder, read_small, refuse_odd_files
from beadwork.checkouts.model import CheckoutError

_COMMIT = re.compile(rb"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_NAME = re.compile(r"refs/(?:heads/[^\x00-\x20~^:?*\[\\\x7f]+|stash)")
_REF_SIZE = 4096
_PACKED_SIZE = 64 * 1024 * 1024
_MOST_REFS = 10_000


@attrs.frozen
class Foreign:
    """What the git folder of a checkout says of itself."""

    objects: Path
    refs: Mapping[str, str]
    """Its branches and its stash, by full name."""
    head: str
    """The ref that HEAD stands for; empty when it stands for a commit."""
    head_commit: str
    """The commit that HEAD stands for, when it is detached."""

    @classmethod
    def read(cls, checkout: Path) -> "Foreign":
        """Read the refs of `checkout`. Raises CheckoutError when its git folder was replaced or damaged."""
        git_dir = checkout / ".git"
        if not is_plain_folder(checkout) or not is_plain_folder(git_dir):
            raise CheckoutError(
                f"The git folder {git_dir} was removed or replaced, so the work in it cannot be read; "
                "look into it by hand, or remove the checkout and start again.",
            )
        objects = git_dir / "objects"
        refuse_odd_files(objects)
        if (objects / "info" / "alternates").exists():
            raise CheckoutError(
                f"The git folder {git_dir} borrows objects from another repository, so nothing of it "
                "is read; run `git repack -a -d` in it and remove objects/info/alternates.",
            )
        head = (read_small(git_dir / "HEAD", _REF_SIZE) or b"").strip()
        symbolic = head.removeprefix(b"ref:").strip() if head.startswith(b"ref:") else b""
        return cls(
            objects=objects,
            refs={**_packed(git_dir), **_loose(git_dir)},
            head=symbolic.decode("utf-8", "backslashreplace"),
            head_commit=head.decode() if _COMMIT.fullmatch(head) else "",
        )


def _packed(git_dir: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in (read_small(git_dir / "packed-refs", _PACKED_SIZE) or b"").split(b"\n"):
        commit, _, raw = line.partition(b" ")
        name = raw.decode("utf-8", "surrogateescape")
        if _COMMIT.fullmatch(commit) and _NAME.fullmatch(name) and len(found) < _MOST_REFS:
            found[name] = commit.decode()
    return found


def _loose(git_dir: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    if not is_plain_folder(git_dir / "refs"):
        return found
    for at, _, files in os.walk(git_dir / "refs"):
        for file in files:
            path = Path(at) / file
            name = path.relative_to(git_dir).as_posix()
            content = (read_small(path, _REF_SIZE) or b"").strip()
            if _COMMIT.fullmatch(content) and _NAME.fullmatch(name) and len(found) < _MOST_REFS:
                found[name] = content.decode()
    return found
