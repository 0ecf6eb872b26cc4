"""Whether Claude Code would find a login here, told without reading one.

What it leaves out: whether the login is still good, which only the model API knows.
"""

from collections.abc import Mapping

from beadwork.agents.claude_command import CREDENTIALS
from beadwork.agents.claude_loan import user_configuration

_CLOUDS = {"CLAUDE_CODE_USE_BEDROCK": "Bedrock", "CLAUDE_CODE_USE_VERTEX": "Vertex"}


def claude_login(environment: Mapping[str, str]) -> str:
    """Say where a login of Claude Code comes from in the user's `environment`; empty when there is none.

    Looks at names of variables and files, never into them.
    """
    for variable in CREDENTIALS:
        if environment.get(variable):
            return f"login by {variable}"
    for variable, cloud in _CLOUDS.items():
        if environment.get(variable):
            return f"login by {cloud}"
    folder = user_configuration(environment)
    if folder is not None and (folder / ".credentials.json").is_file():
        return f"login in {folder}"
    return ""
