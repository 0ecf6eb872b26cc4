"""Finds where Claude Code really lives, so that a box can show it and nothing else of the user's home.

It may be a link in `~/.local/bin` to a version under `~/.local/share`, or npm's link to a package that stands
on a second package with the binary, or a script for Node. What it leaves out: starting it.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path

from beadwork.agents.port import AgentError

_SCOPE = "@anthropic-ai"
_SHEBANG_READ = 128


class AgentMissing(AgentError):  # noqa: N818
    """The agent's program is not on this machine."""

    code = "agent-missing"


def find(program: str, environment: Mapping[str, str]) -> Path:
    """Give the real path of `program`, a name on the PATH or a path. Raises AgentMissing."""
    found = shutil.which(str(Path(program).expanduser()), path=environment.get("PATH"))
    if found is None:
        raise AgentMissing(
            f"Claude Code cannot be started: there is no program `{program}`. Install it with "
            "`npm install -g @anthropic-ai/claude-code`, or name it in the setting `claude`.",
        )
    return Path(found).resolve()


def folders_of(real: Path, environment: Mapping[str, str]) -> tuple[Path, ...]:
    """Give what must be readable for `real` to run: itself or its packages, and its Node if it needs one."""
    packages = [parent for parent in real.parents if parent.name == _SCOPE]
    own = packages[-1] if packages else real
    return (own, *_node_of(real, environment))


def _node_of(real: Path, environment: Mapping[str, str]) -> tuple[Path, ...]:
    with real.open("rb") as file:
        first = file.read(_SHEBANG_READ).split(b"\n")[0]
    if not first.startswith(b"#!") or b"node" not in first:
        return ()
    node = shutil.which("node", path=environment.get("PATH"))
    return (Path(node).resolve().parent.parent,) if node else ()
