"""The server as the extension brings it: its own libraries, a Python that knows none of them, nothing set."""

import asyncio
import json
import os
import platform
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import attrs
import pytest

from loopback_services import Service, serving
from repositories import git
from vscode_desk import make_repository

EXTENSION = Path(__file__).parents[2] / "vscode-extension"
TARGET = "linux-arm64" if platform.machine() == "aarch64" else "linux-x64"
DEADLINE = 120.0

pytestmark = [pytest.mark.timeout(180), pytest.mark.xdist_group("bundle")]

EVERY_MODULE = """
import importlib, pkgutil, sys
sys.path.insert(0, sys.argv[1])
import beadwork
for module in pkgutil.walk_packages(beadwork.__path__, "beadwork."):
    if not module.name.endswith("_program"):
        importlib.import_module(module.name)
files = [getattr(module, "__file__", None) or "" for module in sys.modules.values()]
foreign = [file for file in files if "site-packages" in file]
assert not foreign, foreign
"""


@attrs.frozen
class Machine:
    """A person's machine that has git and a Python, and nothing of Beadwork but the bundle."""

    bundle: Path
    home: Path

    @property
    def environment(self) -> Mapping[str, str]:
        """All that there is of it."""
        return {"PATH": os.defpath, "HOME": str(self.home), "BEADWORK_STATE": str(self.home / "state")}

    @property
    def python(self) -> str:
        """The Python below the environment of these tests."""
        return str(Path(sys.base_prefix) / "bin" / "python3")

    def run(self, *words: str, cwd: Path | None = None) -> "subprocess.CompletedProcess[str]":
        """Run a Python of the machine with these words."""
        return subprocess.run(
            [self.python, "-I", "-S", *words],
            cwd=cwd or self.home,
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=DEADLINE,
            check=False,
        )

    def beadwork(self, *words: str, cwd: Path | None = None) -> str:
        """Run the bundled Beadwork, and give what it says."""
        done = self.run(str(self.bundle / "run.py"), "beadwork", *words, cwd=cwd)
        assert done.returncode == 0, f"{words}: {done.returncode} {done.stdout}{done.stderr}"
        return done.stdout


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the bundle, away from these sources."""
    folder = tmp_path_factory.mktemp("extension") / "bundled"
    folder.mkdir()
    (folder / "run.py").write_bytes((EXTENSION / "bundled" / "run.py").read_bytes())
    made = subprocess.run(
        [sys.executable, str(EXTENSION / "bundle.py"), TARGET, str(folder / "libs")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, f"pip has to be able to get what bundle.lock names: {made.stderr}"
    return folder


@pytest.fixture
def machine(bundle: Path, tmp_path: Path) -> Machine:
    """A machine with the bundle on it."""
    home = tmp_path / "home ü"
    home.mkdir()
    (home / ".gitconfig").write_text("[user]\n\tname = Ada\n\temail = ada@example.invalid\n")
    return Machine(bundle, home)


def test_all_of_the_server_loads_from_the_bundle_alone(machine: Machine) -> None:
    """Every module of it, also those that are loaded late, and without the compiled parts of libraries."""
    done = machine.run("-c", EVERY_MODULE, str(machine.bundle / "libs"))
    assert done.returncode == 0, done.stderr
    assert [path.name for path in machine.bundle.rglob("*.so")] == ["_psutil_linux.abi3.so"]


def test_each_library_brings_its_licence(bundle: Path) -> None:
    """Beside its name and version, and nothing else that is said of it."""
    for info in bundle.glob("libs/*.dist-info"):
        texts = [path.name for path in info.rglob("*") if path.is_file() and path.name != "METADATA"]
        assert texts, f"{info.name} has no licence"
        assert all(text.upper().startswith(("LICEN", "NOTICE", "COPYING", "AUTHORS")) for text in texts), (
            texts
        )


def test_a_python_is_asked_whether_it_is_fit(machine: Machine) -> None:
    """It says its version; one that cannot load what was compiled says so, and fails."""
    asked = machine.run(str(machine.bundle / "run.py"))
    assert (asked.returncode, asked.stdout.count(".")) == (0, 2)
    broken = machine.home / "bundled"
    broken.mkdir()
    (broken / "run.py").write_bytes((machine.bundle / "run.py").read_bytes())
    asked = machine.run(str(broken / "run.py"))
    assert asked.returncode == 1
    assert asked.stderr == "it cannot load what is needed: No module named 'psutil'\n"


async def test_a_bead_is_worked_on_to_its_end_and_told_of(machine: Machine) -> None:
    """Worker, agent, gates and the program that notifies start; agent and gate see nothing of the bundle."""
    project = machine.home / "a project"
    make_repository(project)
    script = machine.home / "script.json"
    steps = [{"run": "env > seen.txt; git add ."}, {"commit": "Look around"}, {"done": "I looked around."}]
    script.write_text(json.dumps({"steps": steps}))
    gate = machine.home / "gate.txt"
    service = Service()
    async with serving(service) as addresses:
        config = machine.home / ".config" / "beadwork" / "config.toml"
        config.parent.mkdir(parents=True)
        config.write_text(
            f'agent = "scripted"\nscript = "{script}"\nrunner = "plain"\nnotify = {json.dumps(addresses)}\n'
            f'notify_on = ["completed"]\ngates.commands = ["env > \'{gate}\'"]\n'
        )
        words = ("work", "demo-1", "--follow")
        shown = await asyncio.to_thread(machine.beadwork, *words, cwd=project)
        told = await asyncio.to_thread(machine.beadwork, "notify", "test", cwd=project)
    assert "I looked around." in shown
    assert service.taken, told
    for seen in (git(project, "show", "bead/demo-1:seen.txt"), gate.read_text()):
        assert "BEADWORK_EXECUTION=" in seen
        assert "bundled" not in seen
        assert "PYTHONPATH" not in seen


def test_the_doctor_and_the_demo_work(machine: Machine) -> None:
    """And what the demo says one can do then can be done."""
    assert (
        machine.python.rsplit("/", 1)[0]
        in machine.run(str(machine.bundle / "run.py"), "beadwork", "doctor").stdout
    )
    done = subprocess.run(
        [machine.python, "-I", "-S", str(machine.bundle / "run.py"), "beadwork", "demo"],
        env={**machine.environment, "DEMO_DIR": str(machine.home / "demo")},
        cwd=machine.home,
        capture_output=True,
        encoding="utf-8",
        timeout=DEADLINE,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    _, _, commands = done.stdout.partition("To look around in it:\n")
    shell = subprocess.run(
        ["sh", "-e", "-c", commands],
        env={"PATH": os.defpath, "HOME": str(machine.home)},
        cwd=machine.home,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert "Ready (3)\n  till-2 " in shell.stdout, shell.stderr
