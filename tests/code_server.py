"""A real VS Code (code-server) on the loopback with our extension in it, and scenarios played in its window.

What it leaves out: what a scenario does (`tests/real/vscode/*.mjs`) and what must be true after it.
"""

import contextlib
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

import attrs
import psutil
from filelock import FileLock

EXTENSION = Path(__file__).parents[1] / "vscode-extension"
SERVER = (EXTENSION.parent / "server", EXTENSION.parent / "prompts")
SCENARIOS = Path(__file__).parent / "real" / "vscode"
CHROMIUM = Path("/usr/bin/chromium")
KEPT = 6
"""Packages of the extension that stay in the cache of tools."""
TARGET = "linux-arm64" if platform.machine() == "aarch64" else "linux-x64"

_USER_SETTINGS = {
    "workbench.startupEditor": "none",
    "workbench.tips.enabled": False,
    "chat.disableAIFeatures": True,
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "remote.autoForwardPorts": False,
    "telemetry.telemetryLevel": "off",
    "extensions.autoCheckUpdates": False,
    "terminal.integrated.gpuAcceleration": "off",  # the text of a terminal is then in the page
}


@attrs.frozen
class Tools:
    """Where `tests/components/vscode.sh` has put VS Code, Node and playwright-core."""

    folder: Path

    @property
    def node(self) -> Path:
        """The Node that VS Code runs with, and that builds the extension."""
        return self.folder / "node_modules" / "node" / "bin" / "node"

    @property
    def program(self) -> Path:
        """The code-server program."""
        return self.folder / "node_modules" / ".bin" / "code-server"

    @property
    def complete(self) -> bool:
        """Whether all of it is there."""
        return (self.folder / "complete").exists() and CHROMIUM.exists()


def build_vsix(tools: Tools) -> Path:
    """Check, test and package the extension with its server; once for each state of the sources of both."""
    sources = sorted(_sources(EXTENSION))
    mark = hashlib.sha256()
    for source in (*sources, *sorted(each for folder in SERVER for each in _sources(folder))):
        mark.update(f"{source.relative_to(EXTENSION.parent)}\0".encode() + source.read_bytes() + b"\0")
    kept = tools.folder.parent / f"beadwork-{mark.hexdigest()[:16]}.vsix"
    with FileLock(kept.with_suffix(".lock")):
        if kept.exists():
            return kept
        work = kept.with_suffix(".build")
        shutil.rmtree(work, ignore_errors=True)
        for source in sources:
            copy = work / source.relative_to(EXTENSION)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, copy)
        environment = {**os.environ, "PATH": f"{tools.node.parent}{os.pathsep}{os.environ['PATH']}"}
        _run(("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"), cwd=work, environment=environment)
        bundle = (sys.executable, str(EXTENSION / "bundle.py"), TARGET, str(work / "bundled" / "libs"))
        _run(bundle, cwd=work, environment=environment)
        for step in (("check",), ("test",), ("package", "--", "--target", TARGET)):
            _run(("npm", "run", *step), cwd=work, environment=environment)
        (work / "out" / "beadwork.vsix").replace(kept)
        shutil.rmtree(work)
    _forget_old(kept.parent)
    return kept


def _forget_old(folder: Path) -> None:
    built = sorted(folder.glob("beadwork-*.vsix"), key=lambda each: each.stat().st_mtime)
    for old in built[:-KEPT]:
        old.unlink()
        old.with_suffix(".lock").unlink(missing_ok=True)


def install(tools: Tools, vsix: Path, extensions: Path, home: Path) -> None:
    """Install the extension into the folder `extensions`."""
    places = ("--user-data-dir", str(home / "data"), "--extensions-dir", str(extensions))
    command = (str(tools.program), *places, "--install-extension", str(vsix))
    _run(command, cwd=home, environment=_environment(tools, home))


@attrs.frozen
class CodeServer:
    """A running VS Code that a browser can open."""

    tools: Tools
    address: str
    process: psutil.Process

    def play(self, scenario: str, workspace: Path, screenshots: Path, **given: object) -> None:
        """Play a scenario on `workspace`, a folder or a `.code-workspace` file.

        An AssertionError says what it did not see.
        """
        screenshots.mkdir(parents=True, exist_ok=True)
        opened = "workspace" if workspace.suffix == ".code-workspace" else "folder"
        told = {
            "url": f"{self.address}/?{opened}={quote(str(workspace))}",
            "playwright": str(self.tools.folder),
            "chromium": str(CHROMIUM),
            "screenshots": str(screenshots),
            "workspace": str(workspace),
            **given,
        }
        command = (str(self.tools.node), str(SCENARIOS / f"{scenario}.mjs"), json.dumps(told))
        played = subprocess.run(command, capture_output=True, text=True, timeout=400, check=False)
        assert played.returncode == 0, f"{scenario}: {played.stdout}{played.stderr}"

    def language_servers(self) -> Sequence[psutil.Process]:
        """Give the Beadwork servers that its windows have started and that are still there."""
        found = []
        for process in self.process.children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                words = process.cmdline()
                if "serve" in words and any(Path(word).name == "beadwork" for word in words):
                    found.append(process)
        return found


@contextlib.contextmanager
def code_server(
    tools: Tools,
    extensions: Path,
    home: Path,
    *,
    programs: Sequence[Path],
    environment: Mapping[str, str],
    settings: Mapping[str, object],
    trusting: bool,
    bare: bool = False,
) -> Iterator[CodeServer]:
    """Start VS Code with `home` as all that it may write to, and `programs` (folders) first on the PATH.

    `settings` are the person's, beside what keeps VS Code quiet; without `trusting` it asks for each folder.
    On a `bare` machine nothing but `programs` is on the PATH of extensions.
    """
    file = home / "data" / "User" / "settings.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({**_USER_SETTINGS, **settings}))
    # What is of machine scope is kept where extensions run.
    (home / "data" / "Machine").mkdir()
    machine = {name: value for name, value in settings.items() if name.startswith("beadwork.server.")}
    (home / "data" / "Machine" / "settings.json").write_text(json.dumps(machine))
    # VS Code asks a login shell for the environment of its extensions.
    path = os.pathsep.join(f"'{each}'" for each in programs)
    (home / ".profile").write_text(f"PATH={path}\n" if bare else f'PATH={path}:"$PATH"\n')
    options = (
        "--auth",
        "none",
        "--bind-addr",
        "127.0.0.1:0",
        "--disable-telemetry",
        "--disable-update-check",
    )
    quick = (
        *(("--disable-workspace-trust",) if trusting else ()),
        "--disable-getting-started-override",
        "--reconnection-grace-time",
        "2",
    )
    places = ("--user-data-dir", str(home / "data"), "--extensions-dir", str(extensions))
    command = (str(tools.program), *options, *quick, *places, "--config", str(home / "none.yaml"))
    started = subprocess.Popen(
        command,
        cwd=home,
        env={**_environment(tools, home), **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    process = psutil.Process(started.pid)
    try:
        yield CodeServer(tools, _address(started), process)
    finally:
        _end(process)
        started.communicate()


def _address(started: subprocess.Popen[str]) -> str:
    assert started.stdout is not None
    seen = ""
    for line in started.stdout:
        seen += line
        if "HTTP server listening on" in line:
            return line.split("listening on")[1].strip().rstrip("/")
    raise AssertionError(f"code-server did not start: {seen}")


def _end(process: psutil.Process) -> None:
    everything = [*process.children(recursive=True), process]
    for one in everything:
        with contextlib.suppress(psutil.NoSuchProcess):
            one.terminate()
    _, alive = psutil.wait_procs(everything, timeout=5)
    for one in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            one.kill()
    psutil.wait_procs(alive, timeout=5)


def _environment(tools: Tools, home: Path) -> dict[str, str]:
    """Nothing of ours but where programs are: no credential, no setting, no home."""
    folders = (str(tools.node.parent), "/usr/local/bin", "/usr/bin", "/bin")
    return {
        "PATH": os.pathsep.join(folders),
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_DATA_HOME": str(home / "share"),
        "XDG_CACHE_HOME": str(home / "cache"),
        "LANG": "C.UTF-8",
        "SHELL": "/bin/sh",
    }


def _sources(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_dir() and path.name not in {"node_modules", "out", "libs", "__pycache__"}:
            yield from _sources(path)
        elif path.is_file() and path.suffix != ".vsix":
            yield path


def _run(command: Sequence[str], *, cwd: Path, environment: Mapping[str, str]) -> None:
    ended = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=240, check=False
    )
    assert ended.returncode == 0, f"{' '.join(command)}: {ended.stdout}{ended.stderr}"
