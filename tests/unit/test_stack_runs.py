"""The test command found in a skeleton really tests: it passes at first, and fails once the code is wrong."""

import os
import shutil
import sys
from pathlib import Path

import attrs
import pytest

from beadwork.context.stack import Purpose
from beadwork.processes import Finished, run
from stack_skeletons import SKELETONS, detected

LIMIT = 240.0


@attrs.frozen
class Runnable:
    """A skeleton whose tests can be run where `tools` are."""

    name: str
    tools: tuple[str, ...]
    source: str
    """The file with `a + b` in it."""
    test: str = ""
    """The file for the test of one file; empty where the ecosystem has none."""


RUNNABLE = (
    Runnable("python-pytest", ("python3",), "abacus.py", "tests/test_abacus.py"),
    Runnable("python-unittest", ("python3",), "abacus.py", "tests/test_abacus.py"),
    Runnable("node-npm", ("node", "npm"), "abacus.js", "abacus.test.js"),
    Runnable("rust-crate", ("cargo",), "src/lib.rs", "tests/adding.rs"),
    Runnable("go-module", ("go", "make"), "abacus.go", "abacus_test.go"),
    Runnable("java-maven", ("mvn",), "src/main/java/Abacus.java", "src/test/java/AbacusTest.java"),
    Runnable("cpp-cmake", ("cmake", "ctest", "c++"), "src/abacus.cpp"),
)


@pytest.mark.parametrize("skeleton", RUNNABLE, ids=lambda skeleton: skeleton.name)
async def test_the_detected_test_command_tests(skeleton: Runnable, tmp_path: Path) -> None:
    """Every line for tests passes, and fails when the code is broken; so does the line for one file."""
    project = _copy_of(skeleton, tmp_path)
    lines = _test_lines(skeleton, project)
    assert lines
    for line in lines:
        done = await _shell(line, project)
        _skip_without_plugins(done)
        assert done.code == 0, (line, _words(done))
    source = project / skeleton.source
    source.write_text(source.read_text("utf-8").replace("a + b", "a - b"), "utf-8")
    for line in lines:
        done = await _shell(line, project)
        assert done.code != 0, (line, _words(done))


def _copy_of(skeleton: Runnable, tmp_path: Path) -> Path:
    for tool in skeleton.tools:
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is missing: install it and put it on the PATH")
    project = tmp_path / "project"
    shutil.copytree(SKELETONS / skeleton.name / "project", project)
    (project / ".mvn").mkdir()
    (project / ".mvn" / "maven.config").write_text("-o\n", "utf-8")
    return project


def _test_lines(skeleton: Runnable, project: Path) -> list[str]:
    """Give the lines that test; where a project is compiled first, each with that before it."""
    stack = detected(project)
    whole = [known.argv_line for known in stack.commands(Purpose.TEST) if known.as_it_stands]
    one = [known.for_file(skeleton.test) for known in stack.commands(Purpose.TEST_ONE) if skeleton.test]
    if skeleton.name != "cpp-cmake":
        return [*whole, *one]
    built = " && ".join(known.argv_line for known in stack.commands(Purpose.BUILD))
    return [f"{built} && {line}" for line in whole]


async def _shell(line: str, project: Path) -> Finished:
    home = os.environ.get("HOME", str(project))
    python = str(Path(sys.executable).parent)
    environment = {
        "HOME": home,
        "PATH": os.pathsep.join((python, os.environ.get("PATH", os.defpath))),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "CARGO_NET_OFFLINE": "true",
        "GOPROXY": "off",
        "GOTOOLCHAIN": "local",
        "GOFLAGS": "-count=1",
    }
    kept = {
        name: os.environ[name] for name in ("CARGO_HOME", "RUSTUP_HOME", "JAVA_HOME") if name in os.environ
    }
    return await run(["/bin/sh", "-c", line], cwd=project, environment=environment | kept, timeout=LIMIT)


def _skip_without_plugins(done: Finished) -> None:
    if done.code != 0 and "offline mode" in _words(done):
        pytest.skip(
            "Maven's plugins are missing: run `mvn test` in tests/unit/stacks/java-maven/project once"
        )


def _words(done: Finished) -> str:
    return (done.stdout + done.stderr).decode("utf-8", "replace")[-3000:]
