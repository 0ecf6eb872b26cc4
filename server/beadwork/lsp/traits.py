"""What an editor says that it can show of findings; with what it says nothing of, it is sent less.

An editor either is sent diagnostics or asks for them, never both: VS Code and Neovim keep the two apart and
would show each finding twice. Being sent them is what every editor can, and what reaches files that are not
open; so only an editor that cannot be sent them, or says that it wants to ask, is told that it may.
"""

import attrs
from lsprotocol import types


@attrs.frozen
class Traits:
    """What an editor can show of findings."""

    pulls: bool = False
    """Whether it asks for diagnostics, and is not sent any."""
    refreshes: bool = False
    """Whether it can be told to ask again."""
    related: bool = False
    """Whether it shows further places of a diagnostic."""
    tags: bool = False
    """Whether it shows what is unnecessary or deprecated in its own way."""
    data: bool = False
    """Whether it keeps what we add to a diagnostic."""
    literals: bool = False
    """Whether it takes code actions that are more than a command."""


def traits_of(capabilities: types.ClientCapabilities, *, prefers_pull: bool = False) -> Traits:
    """Read the capabilities; `prefers_pull` is what its initializationOptions say."""
    text, workspace = capabilities.text_document, capabilities.workspace
    publish = text.publish_diagnostics if text else None
    pull = text.diagnostic if text else None
    actions = text.code_action if text else None
    again = workspace.diagnostics if workspace else None
    return Traits(
        pulls=pull is not None and (prefers_pull or publish is None),
        refreshes=bool(again and again.refresh_support),
        related=bool((publish and publish.related_information) or (pull and pull.related_information)),
        tags=bool((publish and publish.tag_support) or (pull and pull.tag_support)),
        data=bool((publish and publish.data_support) or (pull and pull.data_support)),
        literals=bool(actions and actions.code_action_literal_support),
    )
