"""Remotes of a user: real bare repositories on disk, reached as a user's git reaches them.

What looks like GitHub is reached by ssh as far as git can tell: the program that git starts for it runs the
other end of git here, on a bare repository. Nothing leaves this machine.
"""

import stat
import sys
from pathlib import Path

import attrs

from left_behind import PROGRAMS
from repositories import Sample, git

BRANCH = "bead/demo-1"
REF = f"refs/heads/{BRANCH}"
HUB = "git@github.com:ada/demo.git"

_SSH = """#!/bin/sh
# Stands in for ssh: runs what it is asked to run, here. The last word is the command.
for command; do :; done
cd "{folder}" && exec sh -c "$command"
"""


@attrs.frozen
class Remote:
    """A bare repository that is pushed to."""

    top: Path

    def git(self, *words: str) -> str:
        """Run git in it."""
        return git(self.top, *words)

    @property
    def head(self) -> str:
        """What it has as the branch of demo-1; empty for nothing."""
        return self.git("for-each-ref", "--format=%(objectname)", REF)

    def refs(self) -> list[str]:
        """Give the names of all its refs."""
        return self.git("for-each-ref", "--format=%(refname)").splitlines()

    def hook(self, name: str, *lines: str) -> None:
        """Give it a hook, for a shell."""
        script(self.top / "hooks" / name, *lines)

    def somebody_pushes(self, folder: Path, base: str = "main") -> str:
        """Let somebody else push a commit to the branch, on what is there or else `base`; give the commit."""
        git(folder.parent, "clone", "--quiet", str(self.top), str(folder))
        other = Sample(folder)
        start = f"origin/{BRANCH}" if self.head else f"origin/{base}"
        other.git("switch", "--quiet", "--no-track", "-C", BRANCH, start)
        commit = other.commit("from somebody else", theirs="theirs\n")
        other.git("push", "--quiet", "origin", f"+HEAD:{REF}")
        return commit


def remote(sample: Sample, folder: Path, name: str = "origin", url: str = "") -> Remote:
    """Make a remote of `sample` in `folder`, which has its main; `url` is what the user's git calls it."""
    git(folder.parent, "init", "--quiet", "--bare", "--template=", "--initial-branch=main", str(folder))
    (folder / "hooks").mkdir()
    sample.git("push", "--quiet", str(folder), "main:main")
    sample.git("remote", "add", name, url or str(folder))
    return Remote(folder)


def hub(sample: Sample, folder: Path) -> tuple[Remote, Path]:
    """Make a remote that git knows as one on GitHub, below `folder`; give it and the program for ssh."""
    (folder / "ada").mkdir(parents=True)
    made = remote(sample, folder / "ada" / "demo.git", url=HUB)
    return made, script(folder / "ssh", *_SSH.format(folder=folder).splitlines())


def branch(sample: Sample, *, bead: str = "demo-1", **files: str) -> str:
    """Put a commit on the branch of a bead, as work that comes back does, and give it."""
    ref = f"refs/heads/bead/{bead}"
    start = sample.git("for-each-ref", "--format=%(objectname)", ref) or sample.git("rev-parse", "main")
    aside = sample.top.parent / "aside"
    index = {"GIT_INDEX_FILE": f"{aside}.index"}
    sample.git("read-tree", start, **index)
    for name, text in (files or {"new": "new\n"}).items():
        aside.write_text(text, "utf-8")
        blob = sample.git("hash-object", "-w", str(aside))
        sample.git("update-index", "--add", "--cacheinfo", f"100644,{blob},{name}", **index)
    return _committed(sample, ref, sample.git("write-tree", **index), start, "work by an agent")


def rewrite(sample: Sample) -> str:
    """Rewrite the last commit of the branch of demo-1, and give the new one."""
    old = sample.git("rev-parse", REF)
    return _committed(sample, REF, f"{old}^{{tree}}", sample.git("rev-parse", f"{old}~1"), f"not {old}")


def _committed(sample: Sample, ref: str, tree: str, parent: str, message: str) -> str:
    commit = sample.git("commit-tree", tree, "-p", parent, "-m", message)
    sample.git("update-ref", ref, commit)
    return commit


def script(path: Path, *lines: str) -> Path:
    """Write a program for a shell, and give its path."""
    first = [] if lines and lines[0].startswith("#!") else ["#!/bin/sh"]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([*first, *lines, ""]), "utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def waiting_for_ever(token: str) -> str:
    """Give a line for a shell that never ends, and can be found by `token`."""
    return f"'{sys.executable}' -c 'import time; time.sleep(600)' {token}"


def stand_in_gh(folder: Path) -> Path:
    """Give a program to be started in place of gh, which keeps what it plays in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    return script(folder / "gh", f"exec '{sys.executable}' '{PROGRAMS / 'gh_stand_in.py'}' '{folder}' \"$@\"")
