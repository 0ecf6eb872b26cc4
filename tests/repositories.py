"""Real git repositories for tests, and a way to see whether anything in one has changed."""

import hashlib
import os
import stat
import subprocess
from collections.abc import Mapping
from pathlib import Path

import attrs
import pytest

from beadwork.checkouts import Checkout, GitCheckouts, Returned
from beadwork.state_folder import StateFolder

_ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_ALLOW_PROTOCOL": "file",
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
}


def git(folder: Path, *words: str, **variables: str) -> str:
    """Run git as a person called Ada with no settings of their own; give its output."""
    done = subprocess.run(
        ("git", *words),
        cwd=folder,
        env={**_ENVIRONMENT, **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    output = done.stdout.decode("utf-8", "backslashreplace")
    assert done.returncode == 0, f"git {words}: {done.stderr.decode()}{output}"
    return output.strip()


@attrs.frozen
class Sample:
    """A repository of a user."""

    top: Path

    def git(self, *words: str, **variables: str) -> str:
        """Run git in it."""
        return git(self.top, *words, **variables)

    def write(self, path: str, text: str | bytes) -> Path:
        """Write a file of its tree."""
        target = self.top / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode() if isinstance(text, str) else text)
        return target

    def commit(self, message: str = "a change", **files: str) -> str:
        """Write `files`, commit all there is, give the commit."""
        for path, text in files.items():
            self.write(path, text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD")


def repository(top: Path, *, commits: int = 1, object_format: str = "sha1") -> Sample:
    """Make a repository on branch main, with an identity and so many commits."""
    top.mkdir(parents=True)
    git(top, "init", "--quiet", "--initial-branch=main", "--template=", f"--object-format={object_format}")
    git(top, "config", "user.name", "Ada Ünsal")
    git(top, "config", "user.email", "ada@example.org")
    sample = Sample(top)
    for number in range(commits):
        sample.commit(f"commit {number}", readme=f"text {number}\n", other="another\n")
    return sample


def picture(folder: Path, *, without_objects: bool = False) -> Mapping[str, str]:
    """Give every file, link and folder below `folder` with mode and content: equal pictures, nothing changed.

    Of the index also its time is compared. `without_objects` leaves out the object files and the one ref
    family that bringing back may write.
    """
    found: dict[str, str] = {}
    for at, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = Path(at) / name
            inside = path.relative_to(folder).as_posix()
            if without_objects and ("/objects" in f"/{inside}" or "/heads/bead" in inside):
                continue
            found[inside] = _picture_of(path)
    return found


def _picture_of(path: Path) -> str:
    about = path.lstat()
    mode = oct(about.st_mode)
    if stat.S_ISLNK(about.st_mode):
        return f"{mode} {path.readlink()}"
    if not stat.S_ISREG(about.st_mode):
        return mode
    moment = about.st_mtime_ns if path.name in ("index", "config", "HEAD") else 0
    return f"{mode} {moment} {hashlib.sha256(path.read_bytes()).hexdigest()}"


@attrs.frozen
class Desk:
    """A user with a home, a state folder and one repository in a folder that is awkward to name."""

    home: Path
    repository: Sample
    checkouts: GitCheckouts

    async def worked(self, bead: str = "demo-1", **files: str) -> Checkout:
        """Give a checkout in which an agent committed `files`."""
        checkout = await self.checkouts.prepare(self.repository.top, bead)
        Sample(checkout.path).commit("work by an agent", **(files or {"new": "new\n"}))
        return checkout

    async def returned(self, bead: str = "demo-1", **files: str) -> Returned:
        """Give what came back of an agent's work."""
        checkout = await self.worked(bead, **files)
        return await self.checkouts.bring_back(checkout, await self.checkouts.evidence(checkout))


def desk(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *, commits: int = 1, object_format: str = "sha1"
) -> Desk:
    """Make a desk below `folder` whose user has no git settings; `HOME` is theirs from then on."""
    home = folder / "home"
    home.mkdir()
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    made = repository(folder / "dépôt of Ada's", commits=commits, object_format=object_format)
    return Desk(home, made, GitCheckouts(StateFolder(folder / "state"), patience=5.0))
