"""Real components: found in the tools cache, never installed by a test.

A missing one is a skip that names the command which installs it; when the environment's `BEADWORK_REQUIRE` (a
comma list such as `bd,claude,bubblewrap,vscode`) names it, it is a failure.
"""

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from code_server import Tools, build_vsix, install
from loopback_api import LoopbackApi, serving

COMPONENTS = Path(__file__).parents[1] / "components"


def tools_cache() -> Path:
    """Give the folder that the scripts in `tests/components/` install into."""
    named = os.environ.get("BEADWORK_TOOLS")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(named) if named else cache / "beadwork-tools"


def require(component: str, *, present: bool) -> None:
    """Go on when `component` is present; else skip, or fail where it is required."""
    if present:
        return
    words = f"{component} is missing; install it with tests/components/{component}.sh"
    if component in os.environ.get("BEADWORK_REQUIRE", "").split(","):
        pytest.fail(words)
    pytest.skip(words)


@pytest.fixture(scope="session")
def vscode_tools() -> Tools:
    """VS Code, Node, Chromium and playwright-core, as `tests/components/vscode.sh` installs them."""
    tools = Tools(tools_cache() / "vscode-4.139.1")
    require("vscode", present=tools.complete)
    return tools


@pytest.fixture(scope="session")
def extensions(vscode_tools: Tools, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the packaged extension installed in it."""
    folder = tmp_path_factory.mktemp("extensions")
    install(vscode_tools, build_vsix(vscode_tools), folder, tmp_path_factory.mktemp("installer"))
    return folder


@pytest.fixture(scope="session")
def bd_program() -> Path:
    """The bd binary, as `tests/components/bd.sh` builds it."""
    program = tools_cache() / "bd-1.2.2" / "bd"
    require("bd", present=program.is_file())
    return program


@pytest.fixture(scope="session")
def claude_program() -> Path:
    """The Claude Code binary, as `tests/components/claude.sh` installs it."""
    program = tools_cache() / "claude-2.1.197" / "node_modules" / ".bin" / "claude"
    require("claude", present=program.is_file())
    return program


@pytest.fixture
def loopback_api() -> Iterator[Callable[..., LoopbackApi]]:
    """A factory of scripted model APIs: `loopback_api(reply(text("hi")), …)`; all end with the test."""
    with contextlib.ExitStack() as stack:
        yield lambda *turns: stack.enter_context(serving(*turns))


@pytest.fixture(scope="session")
def bubblewrap() -> Path:
    """Bubblewrap, as `tests/components/bubblewrap.sh` installs it."""
    program = shutil.which("bwrap")
    require("bubblewrap", present=program is not None)
    return Path(program or "")
