"""Makes the agent that a person chose. The one place that knows all implementations."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from beadwork.agents.claude import ClaudeAgent
from beadwork.agents.port import Agent, AgentError, AgentName
from beadwork.agents.scripted import ScriptedAgent


def agent_of(
    name: str,
    *,
    claude: str,
    allow: Sequence[str],
    environment: Mapping[str, str],
    script: Path | None = None,
) -> Agent:
    """Give the agent called `name`.

    `claude` and `allow` are the settings of these names, `environment` the user's own, `script` what the
    scripted agent plays. Raises AgentError for a name that there is not, and for the scripted agent without
    a script.
    """
    if name == AgentName.CLAUDE:
        return ClaudeAgent(claude, allow, environment)
    if name != AgentName.SCRIPTED:
        raise AgentError(f"There is no agent `{name}`; choose one of {', '.join(AgentName)}.")
    if script is None:
        raise AgentError("The scripted agent needs a script; name one, or choose the agent `claude`.")
    return ScriptedAgent(script, environment)
