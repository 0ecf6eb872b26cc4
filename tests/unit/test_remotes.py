"""Pushing to a remote and asking it: real repositories on disk, the user's hooks, nothing else touched."""

import asyncio
import os
from pathlib import Path

import pytest

from beadwork.checkouts import (
    Pushed,
    RemoteError,
    ask_remote,
    contains,
    fetch_base,
    push,
    remote_of,
    remotes_of,
    url_of,
    without_passwords,
)
from eventually import eventually
from left_behind import carrying, new_token
from remote_places import BRANCH, REF, Remote, branch, hub, remote, rewrite, script, waiting_for_ever
from repositories import Sample, git, picture, repository

Environment = dict[str, str]


@pytest.fixture
def sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sample:
    """Give a repository with work on the branch of demo-1."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    made = repository(tmp_path / "Ada's dépôt")
    branch(made)
    return made


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    """Give the environment of the user."""
    return {"PATH": os.environ["PATH"], "HOME": str(tmp_path / "home"), "GIT_CONFIG_NOSYSTEM": "1"}


async def _push(sample: Sample, environment: Environment, *, over: str = "", limit: float = 60.0) -> Pushed:
    return await push(sample.top, "origin", BRANCH, environment=environment, limit=limit, over=over)


async def _ask(sample: Sample, environment: Environment) -> str:
    return await ask_remote(sample.top, "origin", BRANCH, environment=environment, limit=60.0)


async def test_only_what_git_keeps_of_a_push_is_written(
    sample: Sample, environment: Environment, tmp_path: Path
) -> None:
    """One ref at the remote, and here what git notes of it: no tag, no upstream, no index, no file."""
    origin = remote(sample, tmp_path / "origin.git")
    sample.git("tag", "-a", "v1", "-m", "v1", BRANCH)
    for name, value in {"push.followTags": "true", "push.autoSetupRemote": "true"}.items():
        sample.git("config", name, value)
    sample.write("readme", "not committed\n")
    sample.write("staged", "staged\n")
    sample.git("add", "staged")
    sample.git("stash", "push", "--quiet", "--include-untracked")
    sample.write("readme", "not committed\n")
    before = picture(sample.top)
    assert await _ask(sample, environment) == ""
    pushed = await _push(sample, environment)
    assert (pushed.accepted, pushed.said) == (True, "")
    after = picture(sample.top)
    new = {path for path in after if before.get(path) != after[path]}
    inside = ".git/refs/remotes/origin", ".git/logs/refs/remotes/origin"
    assert all(
        path.startswith(inside) or inside[0].startswith(path) or inside[1].startswith(path) for path in new
    )
    assert before.keys() <= after.keys()
    assert origin.refs() == [REF, "refs/heads/main"]
    assert await _ask(sample, environment) == origin.head == sample.git("rev-parse", f"origin/{BRANCH}")


async def test_hooks_and_settings_of_the_user_hold(
    sample: Sample, environment: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their hook runs in their environment, without a terminal; what points elsewhere does not reach it."""
    remote(sample, tmp_path / "origin.git")
    heard = tmp_path / "heard"
    script(
        sample.top / ".git" / "hooks" / "pre-push",
        f'echo "$SSH_AUTH_SOCK|$GIT_TERMINAL_PROMPT|$GIT_INDEX_FILE|$1" > "{heard}"',
        f'cat >> "{heard}"',
        f"(: < /dev/tty) 2>/dev/null && echo terminal >> '{heard}' || true",
    )
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    theirs = {"SSH_AUTH_SOCK": "/run/agent", "GIT_DIR": "/nowhere", "GIT_INDEX_FILE": "/nowhere"}
    assert (await _push(sample, {**environment, **theirs})).accepted
    first, second = heard.read_text("utf-8").splitlines()
    assert first == "/run/agent|0||origin"
    assert second.startswith(f"{REF} {sample.git('rev-parse', BRANCH)} {REF} ")


async def test_a_remote_that_refuses(sample: Sample, environment: Environment, tmp_path: Path) -> None:
    """Its words and its links are given; nothing of it is an error."""
    origin = remote(sample, tmp_path / "origin.git")
    origin.hook(
        "pre-receive",
        'echo "No ticket named. See https://forge.example/rules." >&2',
        'printf "\\033[31mred\\033[0m\\n" >&2',
        "exit 1",
    )
    pushed = await _push(sample, environment)
    assert not pushed.accepted
    assert pushed.refused_there
    assert "remote: No ticket named." in pushed.said
    assert "pre-receive hook declined" in pushed.said.splitlines()[-1]
    assert "\x1b" not in pushed.said
    assert pushed.links == ("https://forge.example/rules",)
    assert await _ask(sample, environment) == ""


async def test_a_hook_of_the_user_that_refuses(
    sample: Sample, environment: Environment, tmp_path: Path
) -> None:
    """It was not the remote, and that is told apart."""
    remote(sample, tmp_path / "origin.git")
    script(sample.top / ".git" / "hooks" / "pre-push", "echo 'Checking …'", "echo 'No.' >&2", "exit 1")
    pushed = await _push(sample, environment)
    assert (pushed.accepted, pushed.refused_there, pushed.said) == (False, False, "Checking …\nNo.")


async def test_what_others_pushed_stays(sample: Sample, environment: Environment, tmp_path: Path) -> None:
    """Without a lease nothing is replaced; with one, only the very commit that it names."""
    origin = remote(sample, tmp_path / "origin.git")
    assert (await _push(sample, environment)).accepted
    ours = origin.head
    new = rewrite(sample)
    assert not (await _push(sample, environment)).accepted
    assert not (await _push(sample, environment, over=new)).accepted
    assert origin.head == ours
    assert (await _push(sample, environment, over=ours)).accepted
    assert origin.head == new
    theirs = origin.somebody_pushes(tmp_path / "other")
    rewrite(sample)
    assert not (await _push(sample, environment, over=new)).accepted
    assert origin.head == theirs
    assert not await contains(sample.top, theirs, new)  # which is not here to be compared with
    assert await contains(sample.top, new, sample.git("rev-parse", "main"))


async def test_a_remote_that_is_gone(sample: Sample, environment: Environment, tmp_path: Path) -> None:
    """Asking says which and what to do; a push to it says so too."""
    remote(sample, tmp_path / "origin.git").top.rename(tmp_path / "moved")
    with pytest.raises(
        RemoteError,
        match=r"could not be asked: .* does not appear to be a git repository\. .*git ls-remote origin",
    ):
        await _ask(sample, environment)
    assert not (await _push(sample, environment)).accepted
    with pytest.raises(RemoteError, match="There is no remote elsewhere"):
        await url_of(sample.top, "elsewhere")


async def test_a_remote_that_hangs(sample: Sample, environment: Environment, tmp_path: Path) -> None:
    """When the time is over, or the caller is cancelled, everything that git had started is gone."""
    hub(sample, tmp_path / "hub")
    token = new_token()
    ssh = script(tmp_path / "ssh", f"{waiting_for_ever(token)} &", waiting_for_ever(token))
    environment["GIT_SSH_COMMAND"] = str(ssh)
    with pytest.raises(RemoteError, match=r"did not end within 0\.5 s, .*publish\.limit"):
        await _push(sample, environment, limit=0.5)
    assert carrying(token) == []
    asking = asyncio.create_task(_ask(sample, environment))
    await eventually("it hangs", lambda: len(carrying(token)) == 2)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert carrying(token) == []


async def test_by_ssh(sample: Sample, environment: Environment, tmp_path: Path) -> None:
    """The user's own command for ssh is what git uses, in the user's settings or in their environment."""
    origin, ssh = hub(sample, tmp_path / "hub")
    sample.git("config", "core.sshCommand", str(ssh))
    assert (await _push(sample, environment)).accepted
    assert await _ask(sample, environment) == origin.head
    sample.git("config", "--unset", "core.sshCommand")
    environment["GIT_SSH_COMMAND"] = str(ssh)
    assert await _ask(sample, environment) == origin.head


async def test_a_remote_that_is_pushed_to_elsewhere(
    sample: Sample, environment: Environment, tmp_path: Path
) -> None:
    """Asked is the place that is pushed to, not the one that is fetched from."""
    read = remote(sample, tmp_path / "read.git")
    written = Remote(tmp_path / "written.git")
    git(tmp_path, "clone", "--quiet", "--bare", str(read.top), str(written.top))
    sample.git("remote", "set-url", "--push", "origin", str(written.top))
    assert (await _push(sample, environment)).accepted
    assert await _ask(sample, environment) == written.head != ""
    assert read.head == ""
    assert await url_of(sample.top, "origin") == str(written.top)


async def test_which_remote(sample: Sample, tmp_path: Path) -> None:
    """The one that is named, else origin, else the only one; a name that is none is no guess."""
    assert (await remotes_of(sample.top), await remote_of(sample.top)) == ((), "")
    remote(sample, tmp_path / "one.git", "one")
    assert await remote_of(sample.top) == "one"
    remote(sample, tmp_path / "two.git", "two")
    assert await remote_of(sample.top) == ""
    assert await remote_of(sample.top, "two") == "two"
    assert await remote_of(sample.top, "three") == ""
    remote(sample, tmp_path / "origin.git")
    assert await remote_of(sample.top) == "origin"


async def test_the_base_is_fetched_alone(sample: Sample, environment: Environment, tmp_path: Path) -> None:
    """Its ref moves; no tag comes along, nothing is pruned, and there is no FETCH_HEAD."""
    origin = remote(sample, tmp_path / "origin.git")
    sample.git("config", "fetch.prune", "true")
    sample.git("update-ref", "refs/remotes/origin/gone", "main")
    git(tmp_path, "clone", "--quiet", str(origin.top), str(tmp_path / "other"))
    other = Sample(tmp_path / "other")
    theirs = other.commit("theirs", theirs="theirs\n")
    other.git("tag", "v1")
    other.git("push", "--quiet", "--tags", "origin", "main")
    head = await fetch_base(sample.top, "origin", "main", environment=environment, limit=60.0)
    assert head == theirs == sample.git("rev-parse", "origin/main")
    assert sample.git("tag") == ""
    assert sample.git("rev-parse", "origin/gone") == sample.git("rev-parse", "main")
    assert not (sample.top / ".git" / "FETCH_HEAD").exists()
    with pytest.raises(RemoteError, match="none"):
        await fetch_base(sample.top, "origin", "none", environment=environment, limit=60.0)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://ada:s3cret@forge.example/x.git", "https://forge.example/x.git"),
        ("https://ada:s3c@r3t@forge.example/x.git", "https://forge.example/x.git"),
        ("https://token@forge.example/x.git", "https://forge.example/x.git"),
        ("ssh://git:s3cret@forge.example:22/x.git", "ssh://git@forge.example:22/x.git"),
        ("git@forge.example:ada/x.git", "git@forge.example:ada/x.git"),
        ("ssh://git@forge.example/x", "ssh://git@forge.example/x"),
        ("/srv/a@b/x.git", "/srv/a@b/x.git"),
        (
            "fatal: unable to access 'https://a:b@c.example/': no; see http://d:e@f.example",
            "fatal: unable to access 'https://c.example/': no; see http://f.example",
        ),
    ],
)
def test_no_password_is_shown(url: str, shown: str) -> None:
    """Wherever an address stands in what is said."""
    assert without_passwords(url) == shown
