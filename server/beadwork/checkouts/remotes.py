"""A remote of the user's repository: which one it is, what it has, and pushing a branch to it.

Git is started as the user would start it, with their helpers, keys and hooks. A push writes one ref at the
remote, and here the one that git keeps for it (`refs/remotes/<remote>/<branch>`); nothing else. That git says
it was pushed proves nothing: who has to know asks the remote.
What it leaves out: which branch, and what a refusal means (`workflows/publishing/`).
"""

import re
from collections.abc import Mapping
from pathlib import Path

import attrs

from beadwork.checkouts.git import Git, GitFlood, GitTimeout, as_text
from beadwork.checkouts.model import CheckoutError
from beadwork.checkouts.repository import HEADS

_MOST = 64 * 1024 * 1024
"""Bytes that a call may say, hooks included."""
_ONE_REF = ("--no-follow-tags", "--recurse-submodules=no")
"""Whatever the user has set for pushes of their own."""
_QUIET_FETCH = (
    "--quiet",
    "--no-tags",
    "--no-prune",
    "--no-recurse-submodules",
    "--no-write-fetch-head",
    "--no-auto-gc",
)
_PASSWORD = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*://)[^/\s'\"]*@")
_USER_OF_SSH = re.compile(r"(?P<user>(?:ssh|git\+ssh|ssh\+git)://[^/@:\s'\"]*)(?::[^/\s'\"]*)?@")
_LINK = re.compile(r"https?://[^\s<>\"']+")
_FROM_REMOTE = "remote: "
_OF_REF = re.compile(r"(?P<flag>[ +*=!-])\t\S+:\S+\t(?P<summary>.*)")
"""What `git push --porcelain` says of a ref; what a hook says stands between such lines."""
_END = 64 * 1024
"""Characters of what was said that are given, the last ones."""
_SAYS_NOTHING = (
    "fatal: Could not read from remote repository",
    "Please make sure you have the correct access rights",
    "and the repository exists",
)
"""What git adds where the line before says why."""
_NOISE = ("hint: ", "To ", "error: failed to push some refs", "Done", "Everything up-to-date")


class RemoteError(CheckoutError):
    """A remote cannot be reached, lets nobody in, or does not answer in time; `detail` has git's words."""

    code = "remote"


@attrs.frozen
class Pushed:
    """What git said of a push; whether the remote has it is for the remote to say."""

    accepted: bool
    """Whether git ended as if all was well."""
    said: str
    """The end of what git, hooks and the remote said, without passwords."""
    links: tuple[str, ...]
    """Addresses that the remote told, as for opening a pull request."""
    refused_there: bool
    """Whether it was the remote that did not want the ref; else git or a hook ended before."""


async def remotes_of(workspace: Path) -> tuple[str, ...]:
    """Give the names of all remotes. Raises CheckoutError."""
    return tuple((await Git.of_user(workspace).line("remote")).splitlines())


async def remote_of(workspace: Path, name: str = "") -> str:
    """Give the remote to push to: `name`, else `origin`, else the only one; empty where that is none.

    Raises CheckoutError.
    """
    known = await remotes_of(workspace)
    wanted = [name] if name else ["origin", *(known if len(known) == 1 else ())]
    return next((each for each in wanted if each in known), "")


async def url_of(workspace: Path, remote: str) -> str:
    """Give where a remote is pushed to, as it may be shown: without a password. Raises CheckoutError."""
    return without_passwords(await _address(workspace, remote, "--push"))


async def ask_remote(
    workspace: Path, remote: str, branch: str, *, environment: Mapping[str, str], limit: float
) -> str:
    """Ask what commit a remote has as `branch`; empty for none. `limit` is in seconds.

    Asked is the place that is pushed to; of several, the first. Raises RemoteError.
    """
    pushed_to = await _address(workspace, remote, "--push")
    place = remote if pushed_to == await _address(workspace, remote) else pushed_to
    ref = HEADS + branch
    git = Git.as_user(workspace, environment)
    code, output, said = await _speak(git, remote, "ls-remote", "--", place, ref, limit=limit)
    if code != 0:
        raise _unreachable(remote, await url_of(workspace, remote), said)
    named = (line.partition("\t") for line in output.splitlines())
    return next((commit for commit, _, name in named if name == ref), "")


async def push(
    workspace: Path,
    remote: str,
    branch: str,
    *,
    environment: Mapping[str, str],
    limit: float,
    over: str = "",
) -> Pushed:
    """Push `branch` to the branch of that name; never by force, but `over` the commit that is there.

    The user's hooks run, within the `limit` in seconds. When it is over, or the caller is cancelled, git and
    all it started are ended before this returns. Raises RemoteError when it does not end in time; a push that
    was refused is no error.
    """
    ref = HEADS + branch
    lease = [f"--force-with-lease={ref}:{over}"] if over else []
    git = Git.as_user(workspace, environment)
    words = ("push", "--porcelain", *_ONE_REF, *lease, "--", remote, f"{ref}:{ref}")
    code, output, said = await _speak(git, remote, *words, limit=limit)
    of_ref = [found for line in output.splitlines() if (found := _OF_REF.fullmatch(line))]
    refused = [found["summary"] for found in of_ref if found["flag"] == "!"]
    by_hooks = "\n".join(line for line in output.splitlines() if not _OF_REF.fullmatch(line))
    lines = [*_shown(by_hooks).splitlines(), *said.splitlines(), *refused]
    told = [line.removeprefix(_FROM_REMOTE) for line in lines if line.startswith("remote:")]
    links = dict.fromkeys(link.rstrip(".,;)") for line in told for link in _LINK.findall(line))
    return Pushed(
        accepted=code == 0,
        said="\n".join(line for line in lines if line.strip() and not line.startswith(_NOISE))[-_END:],
        links=tuple(links),
        refused_there=bool(refused),
    )


async def fetch_base(
    workspace: Path, remote: str, base: str, *, environment: Mapping[str, str], limit: float
) -> str:
    """Bring `refs/remotes/<remote>/<base>` up to date, and nothing else; give its commit.

    Raises RemoteError, also where the remote has no such branch.
    """
    ref = f"refs/remotes/{remote}/{base}"
    settings = (
        "core.hooksPath=/dev/null",
        "fetch.writeCommitGraph=false",
        f"remote.{remote}.followRemoteHEAD=never",  # since git 2.48 a fetch may write refs/remotes/*/HEAD
    )
    options = tuple(word for setting in settings for word in ("-c", setting))
    git = attrs.evolve(Git.as_user(workspace, environment), options=options)
    words = ("fetch", *_QUIET_FETCH, "--", remote, f"+{HEADS}{base}:{ref}")
    code, _, said = await _speak(git, remote, *words, limit=limit)
    if code != 0:
        raise _unreachable(remote, await url_of(workspace, remote), said)
    return await Git.of_user(workspace).line("rev-parse", "--verify", "--end-of-options", ref)


async def contains(workspace: Path, commit: str, older: str) -> bool:
    """Whether `commit` has `older` in its past; False also where one of them is not known here.

    Raises CheckoutError.
    """
    code, _, _ = await Git.of_user(workspace).ask("merge-base", "--is-ancestor", older, commit)
    return code == 0


def without_passwords(text: str) -> str:
    """Give `text` with no user and password in its URLs; the user of ssh is no secret, and stays."""
    kept = _USER_OF_SSH.sub(r"\g<user>\0", text)
    return _PASSWORD.sub(r"\g<scheme>", kept).replace("\0", "@")


async def _address(workspace: Path, remote: str, *options: str) -> str:
    code, output, said = await Git.of_user(workspace).ask("remote", "get-url", *options, remote)
    if code != 0:
        raise RemoteError(f"There is no remote {remote} in {workspace}.", detail=said)
    return as_text(output).partition("\n")[0]


async def _speak(git: Git, remote: str, *words: str, limit: float) -> tuple[int, str, str]:
    """Run git, and give its exit code, its output and its complaints, fit to be shown."""
    try:
        code, output, said = await git.ask(*words, limit=limit, most=_MOST)
    except GitTimeout as error:
        raise RemoteError(
            f"`git {words[0]}` with {remote} did not end within {limit:g} s, and was ended: see whether "
            "a hook or the remote hangs; the setting `publish.limit` gives it more time.",
        ) from error
    except GitFlood as error:
        raise RemoteError(f"`git {words[0]}` with {remote} said more than {_MOST:,} bytes.") from error
    return code, as_text(output), _shown(said)


def _shown(said: str) -> str:
    """Give what was said as one reads it: the last state of a line that was written over, nothing hidden."""
    lines = (line.rstrip().rpartition("\r")[2] for line in said.split("\n"))
    text = "\n".join(lines).replace("\t", "    ")
    return without_passwords("".join(each for each in text if each == "\n" or each.isprintable()))


def _unreachable(remote: str, url: str, said: str) -> RemoteError:
    lines = [line for line in said.splitlines() if line and not line.startswith(_SAYS_NOTHING)]
    fatal = [line for line in lines if line.startswith(("fatal:", "error:"))]
    last = (fatal or lines or ["git said nothing"])[-1]
    words = last.removeprefix("fatal: ").removeprefix("error: ").rstrip(".")
    return RemoteError(
        f"The remote {remote} ({url}) could not be asked: {words}. "
        f"Once `git ls-remote {remote}` works in a terminal, try again.",
        detail=said,
    )
