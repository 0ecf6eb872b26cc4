"""The checks of `doctor`: each tries one thing for real, within a time limit, and never raises.

What it leaves out: judging what the rooms judge themselves. Runners, agents and trackers probe their own.
"""

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from enum import StrEnum
from pathlib import Path

import attrs

from beadwork.agents import ClaudeAgent, claude_login
from beadwork.beads import TrackerMissing, bd_version
from beadwork.errors import BeadworkError
from beadwork.executions import Store, StoreDamaged
from beadwork.processes import ProgramMissing, run
from beadwork.runners import SandboxRunner
from beadwork.settings import Settings, layers_of_user, load, read_layer, user_file
from beadwork.state_folder import StateFolder

_PROGRAM_TIMEOUT = 5.0
"""Seconds for a program to say its version."""
_CHECK_TIMEOUT = 25.0
"""Seconds for a whole check; above what any probe allows itself."""
_OLDEST_PYTHON = (3, 11)
_OLDEST_GIT = (2, 31)
_LITTLE_SPACE = 2 * 1024**3


class CheckState(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARNING = "warning"
    """It works, and something about it should be known."""
    MISSING = "missing"
    """It is not here; Beadwork goes on without."""
    BROKEN = "broken"
    """It is here and does not work, or Beadwork cannot do without it."""


@attrs.frozen
class Check:
    """What was found out about one thing."""

    name: str
    state: CheckState
    found: str
    """A sentence: what it is and where, or what is wrong with it and what to do."""
    without: str = ""
    """What works when it does not."""
    required: bool = False


@attrs.frozen
class Surroundings:
    """What the checks look at."""

    folder: Path
    state: StateFolder
    environment: Mapping[str, str]
    settings: Settings
    settings_check: Check

    @classmethod
    def of(cls, folder: Path, state: StateFolder, environment: Mapping[str, str]) -> "Surroundings":
        """Read the settings; broken ones become a check, and the defaults stand in."""
        without = "The defaults are used for everything."
        workspace = folder / ".beadwork.toml"
        try:
            general, own = layers_of_user(user_file(), workspace.parent)
            loaded = load([general, read_layer(workspace, trusted=False), own])
        except BeadworkError as error:
            check = Check("settings", CheckState.BROKEN, str(error), "Nothing: no command but doctor runs.")
            return cls(folder, state, environment, Settings(), check)
        if loaded.warnings:
            check = Check("settings", CheckState.WARNING, "\n".join(loaded.warnings), "All other settings.")
            return cls(folder, state, environment, loaded.settings, check)
        there = [str(path) for path in (user_file(), workspace) if path.is_file()]
        found = " and ".join(there) if there else f"defaults; your own go into {user_file()}"
        return cls(
            folder, state, environment, loaded.settings, Check("settings", CheckState.OK, found, without)
        )


Probing = Callable[[Surroundings], Awaitable[Check]]


async def all_checks(surroundings: Surroundings) -> tuple[Check, ...]:
    """Do all checks at once, and give them in the order a person reads them."""
    table: dict[str, Probing] = {
        "Python": _python,
        "git": _git,
        "state folder": _state_folder,
        "store": _store,
        "settings": _settings,
        "notifications": _notifications,
        "bd": _bd,
        "claude": _claude,
        "bubblewrap": _bubblewrap,
        "docker": _docker,
        "gh": _gh,
    }
    deeds = (_in_time(name, probing, surroundings) for name, probing in table.items())
    return tuple(await asyncio.gather(*deeds))


async def _in_time(name: str, probing: Probing, surroundings: Surroundings) -> Check:
    try:
        async with asyncio.timeout(_CHECK_TIMEOUT):
            return await probing(surroundings)
    except TimeoutError:
        return Check(name, CheckState.BROKEN, f"no answer within {_CHECK_TIMEOUT:g} s")
    except (BeadworkError, OSError) as error:
        return Check(name, CheckState.BROKEN, str(error))


async def _python(_: Surroundings) -> Check:
    version = ".".join(map(str, sys.version_info[:3]))
    well = sys.version_info[:2] >= _OLDEST_PYTHON
    state = CheckState.OK if well else CheckState.BROKEN
    return Check("Python", state, f"{version} at {sys.executable}", "Nothing: 3.11 is needed.", required=True)


async def _git(surroundings: Surroundings) -> Check:
    without = "Nothing: every run works in a clone of your repository."
    try:
        words = await _said(surroundings, ["git", "--version"])
    except BeadworkError as error:
        return Check("git", CheckState.BROKEN, str(error), without, required=True)
    version = words.removeprefix("git version ")
    if _numbers(version) < _OLDEST_GIT:
        found = f"{version} is old; 2.31 or newer is asked for"
        return Check("git", CheckState.WARNING, found, "Nothing is promised with it.", required=True)
    return Check("git", CheckState.OK, version, without, required=True)


async def _state_folder(surroundings: Surroundings) -> Check:
    state, without = surroundings.state, "Nothing: runs, logs and checkouts are kept there."
    try:
        state.create()
        with tempfile.NamedTemporaryFile(dir=state.root, prefix="doctor-") as file:
            file.write(b"written")
            file.flush()
        free = shutil.disk_usage(state.root).free
    except BeadworkError as error:
        return Check("state folder", CheckState.BROKEN, str(error), without, required=True)
    except OSError as error:
        words = f"{state.root} cannot be written: {error.strerror}"
        return Check("state folder", CheckState.BROKEN, words, without, required=True)
    found = f"{state.root}, {free / 1024**3:.1f} GB free"
    if free < _LITTLE_SPACE:
        advice = "Runs may fail when the disk is full; their branches stay."
        return Check("state folder", CheckState.WARNING, f"{found}: that is little", advice, required=True)
    return Check("state folder", CheckState.OK, found, without, required=True)


async def _store(surroundings: Surroundings) -> Check:
    path, without = surroundings.state.database, "Nothing: it knows which runs there are."
    if not path.exists():
        return Check("store", CheckState.OK, "empty: nothing ran yet", without)
    try:
        live, due = await asyncio.to_thread(_counts, path)
    except StoreDamaged:
        words = f"{path} is damaged; the next command moves it aside and makes it anew from the logs"
        return Check("store", CheckState.WARNING, words, "All runs that have a log are known again then.")
    found = f"{path}: {live} running, {due} ready to begin"
    aside = sorted(path.parent.glob(f"{path.name}.damaged-*"))
    if not aside:
        return Check("store", CheckState.OK, found, without)
    words = f"{found}\nIt was damaged and made anew from the logs; the damaged one is {aside[-1]}"
    return Check("store", CheckState.WARNING, words, "All; runs that had only been queued were lost.")


def _counts(path: Path) -> tuple[int, int]:
    store = Store(path)
    try:
        return store.counts()
    finally:
        store.close()


async def _notifications(surroundings: Surroundings) -> Check:
    without = "Everything; you are told of runs in an editor alone."
    settings = surroundings.settings
    if not settings.notify:
        return Check(
            "notifications", CheckState.MISSING, f"no address is set; they go into {user_file()}", without
        )
    number = len(settings.notify)
    addresses = "1 address" if number == 1 else f"{number} addresses"
    states = ", ".join(state.replace("_", " ") for state in settings.notify_on)
    found = f"{addresses}, told of: {states}; `beadwork notify test` tries them"
    return Check("notifications", CheckState.OK, found, without)


async def _settings(surroundings: Surroundings) -> Check:
    return surroundings.settings_check


async def _bd(surroundings: Surroundings) -> Check:
    without = "Projects without a bd database: their .beads/issues.jsonl is read and written directly."
    try:
        version = await bd_version(surroundings.settings.bd, surroundings.environment, _PROGRAM_TIMEOUT)
    except TrackerMissing:
        return Check("bd", CheckState.MISSING, f"{surroundings.settings.bd} is not on the PATH", without)
    if version.unfit:
        return Check("bd", CheckState.BROKEN, version.unfit, without)
    if version.warning:
        return Check("bd", CheckState.WARNING, version.warning, without)
    return Check("bd", CheckState.OK, version.text, without)


async def _claude(surroundings: Surroundings) -> Check:
    without = "The scripted agent (`beadwork demo`, `work --script`); no agent that thinks."
    settings, environment = surroundings.settings, surroundings.environment
    probe = await ClaudeAgent(settings.claude, (), environment).probe()
    if not probe.works:
        return Check("claude", CheckState.MISSING, probe.reason, without)
    login = claude_login(environment)
    if not login:
        found = f"{probe.reason} No login found: start `claude` once, or set ANTHROPIC_API_KEY."
        return Check("claude", CheckState.WARNING, found, without)
    return Check("claude", CheckState.OK, f"{probe.reason} {login[0].upper()}{login[1:]}.", without)


async def _bubblewrap(_: Surroundings) -> Check:
    without = "The plain runner: an agent then runs as you, with a list of commands it may use."
    probe = await SandboxRunner.of_user().probe()
    state = CheckState.OK if probe.works else CheckState.MISSING
    return Check("bubblewrap", state, probe.reason, without)


async def _docker(surroundings: Surroundings) -> Check:
    without = "Everything; agents do not run in containers yet."
    argv = ["docker", "version", "--format", "{{.Server.Version}}"]
    return await _optional(surroundings, "docker", argv, without, "the daemon answers, version ")


async def _gh(surroundings: Surroundings) -> Check:
    without = "All but pull requests: `publish` pushes, and says why there is none."
    program = _named(surroundings.settings.gh)
    found = await _optional(surroundings, "gh", [program, "--version"], without, "for pull requests: ")
    if found.state is not CheckState.OK:
        return found
    argv = [program, "auth", "status"]
    asked = await run(argv, cwd=Path(os.sep), environment=surroundings.environment, timeout=_PROGRAM_TIMEOUT)
    if asked.code != 0:
        words = f"{found.found}; nobody is logged in that GitHub knows: run `gh auth login`"
        return Check("gh", CheckState.WARNING, words, without)
    return attrs.evolve(found, found=f"{found.found}, logged in")


def _named(program: str) -> str:
    """Give a program as a setting names it: a name on the PATH, or a path that may begin with `~`."""
    return str(Path(program).expanduser())


async def _optional(surroundings: Surroundings, name: str, argv: list[str], without: str, lead: str) -> Check:
    try:
        return Check(name, CheckState.OK, lead + await _said(surroundings, argv), without)
    except ProgramMissing:
        return Check(name, CheckState.MISSING, f"{name} is not on the PATH", without)
    except BeadworkError as error:
        return Check(name, CheckState.BROKEN, " ".join(filter(None, [str(error), error.detail])), without)


async def _said(surroundings: Surroundings, argv: list[str]) -> str:
    """Give the first line that a program prints. Raises BeadworkError when it does not end well."""
    finished = await run(
        argv, cwd=Path(os.sep), environment=surroundings.environment, timeout=_PROGRAM_TIMEOUT
    )
    words = finished.stdout.decode("utf-8", "replace").strip().split("\n")[0]
    if finished.code != 0 or not words:
        said = finished.stderr.decode("utf-8", "replace").strip().split("\n")[0]
        raise BeadworkError(f"`{' '.join(argv[:2])}` ended with exit code {finished.code}:", detail=said)
    return words


def _numbers(version: str) -> tuple[int, ...]:
    numbers = []
    for part in version.split(maxsplit=1)[0].split("."):
        if not part.isdecimal():
            break
        numbers.append(int(part))
    return tuple(numbers)
