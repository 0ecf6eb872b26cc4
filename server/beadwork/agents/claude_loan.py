"""Lends the user's Claude login to one run, and takes it back.

Every box has a configuration folder of its own in its home, so the user's settings cannot be written from it,
and nothing in it runs as the user. For the time of a run a copy of the login lies there, **without the
refresh token**: with that token a run could renew the login and so end the user's own, or keep it. Without
it the copy is good until the access token ends (some hours); then the model API refuses, and the run says
what to do.

The folder outlives a run, so that a session can be resumed, and a past agent could write it. So before a run
all of it but the sessions is removed, and a link in its place is never followed.
What it leaves out: logins that come by environment variable.
"""

import json
import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from beadwork.agents.claude_command import CREDENTIALS
from beadwork.agents.port import AgentError

_FILE = ".credentials.json"
_KEPT_FIELDS = ("accessToken", "expiresAt", "scopes", "subscriptionType", "rateLimitTier")
_SESSIONS = "projects"
_MESSAGE = b'"type":"user"'
_SESSION = re.compile(r"[0-9a-fA-F-]{36}")


def user_configuration(environment: Mapping[str, str]) -> Path | None:
    """Give the folder of the user's own Claude Code, as its environment says."""
    if named := environment.get("CLAUDE_CONFIG_DIR"):
        return Path(named)
    home = environment.get("HOME")
    return Path(home) / ".claude" if home else None


def configuration_in(home: Path) -> Path:
    """Give the configuration folder of the agents whose private home is `home`."""
    return home / ".claude"


def session_kept(configuration: Path, session: str) -> bool:
    """Whether the conversation of `session`, a uuid, was kept: without a message there is none to resume."""
    projects = configuration / _SESSIONS
    if not _SESSION.fullmatch(session) or configuration.is_symlink() or projects.is_symlink():
        return False
    return any(_holds_a_message(file) for file in projects.glob(f"*/{session}.jsonl"))


def _holds_a_message(file: Path) -> bool:
    if file.is_symlink() or not file.is_file():
        return False
    try:
        with file.open("rb") as lines:
            return any(_MESSAGE in line for line in lines)
    except OSError:
        return False


def lend(environment: Mapping[str, str], configuration: Path) -> None:
    """Make `configuration` ready: nothing of an earlier agent but its sessions, and the login if any.

    Raises AgentError when the folder cannot be written.
    """
    try:
        configuration.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if configuration.is_symlink() or configuration.is_file():
            configuration.unlink()
        configuration.mkdir(mode=0o700, exist_ok=True)
        for entry in configuration.iterdir():
            if entry.name != _SESSIONS or entry.is_symlink():
                _remove(entry)
        if login := _login(environment):
            _write_private(configuration / _FILE, login)
    except OSError as error:
        words = f"The agent's folder {configuration} cannot be made ready: {error.strerror or error}."
        raise AgentError(words) from error


def secrets_of(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Give what an agent may see and no log may: the logins in `environment`, and the one that is lent."""
    named = [environment[name] for name in (*CREDENTIALS, "AWS_BEARER_TOKEN_BEDROCK") if name in environment]
    login = _login(environment)
    lent = [str(json.loads(login)["claudeAiOauth"]["accessToken"])] if login else []
    return tuple(value for value in (*named, *lent) if value)


def take_back(configuration: Path) -> None:
    """Remove the lent login. A folder that has become a link is left alone: what it names is not ours."""
    if configuration.is_dir() and not configuration.is_symlink():
        _remove(configuration / _FILE)


def withdraw_login(home: Path) -> None:
    """Take back what is still lent to agents whose private home is `home`: their worker was lost.

    Raises OSError.
    """
    take_back(configuration_in(home))


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _login(environment: Mapping[str, str]) -> str:
    folder = user_configuration(environment)
    if folder is None:
        return ""
    try:
        stored = json.loads((folder / _FILE).read_text("utf-8"))
    except (OSError, ValueError):
        return ""
    login = stored.get("claudeAiOauth") if isinstance(stored, dict) else None
    if not isinstance(login, dict) or not login.get("accessToken"):
        return ""
    return json.dumps({"claudeAiOauth": {key: login[key] for key in _KEPT_FIELDS if key in login}})


def _write_private(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
