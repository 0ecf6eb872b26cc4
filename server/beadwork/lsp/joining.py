"""What an editor says about itself when it joins, made into what we need to know.

What it leaves out: the rest of the capabilities; nothing else changes what we send.
"""

from collections.abc import Mapping

import attrs
from lsprotocol import types

from beadwork.lsp.traits import Traits, traits_of

OPTIONS = frozenset({"notifications", "asks", "pulls", "settings"})
"""What `initializationOptions.beadwork` may have."""


@attrs.frozen
class Client:
    """The editor at the other end."""

    name: str
    process_id: int | None
    folders: tuple[str, ...]
    """URIs or paths, as the editor gave them."""
    notifications: bool
    """Whether it takes `beadwork/*` notifications."""
    asks: bool
    """Whether it asks the person about refusals and agents' questions itself."""
    progress: bool
    """Whether it shows work-done progress that we begin."""
    documents: bool
    """Whether it opens files that we name."""
    traits: Traits
    """What it can show of findings."""
    settings: Mapping[str, object]
    """The last layer of settings."""
    troubles: tuple[str, ...]
    """What was wrong with its initializationOptions."""


def client_of(params: types.InitializeParams) -> Client:
    """Read the parameters of `initialize`; what is wrong with our options is a trouble, never an error."""
    options, troubles = _options(params.initialization_options)
    notifications = _flag(options, "notifications", troubles)
    asks = _flag(options, "asks", troubles)
    pulls = _flag(options, "pulls", troubles)
    settings = options.get("settings") or {}
    if not isinstance(settings, Mapping):
        troubles.append("initializationOptions: `beadwork.settings` is no object, so it is ignored.")
        settings = {}
    window = params.capabilities.window
    return Client(
        name=params.client_info.name if params.client_info else "",
        process_id=params.process_id,
        folders=_folders(params),
        notifications=notifications,
        asks=asks,
        progress=bool(window and window.work_done_progress),
        documents=bool(window and window.show_document and window.show_document.support),
        traits=traits_of(params.capabilities, prefers_pull=pulls),
        settings=settings,
        troubles=tuple(troubles),
    )


def _options(given: object) -> tuple[Mapping[str, object], list[str]]:
    ours = given.get("beadwork") if isinstance(given, Mapping) else None
    if ours is None:
        return {}, []
    if not isinstance(ours, Mapping):
        return {}, ["initializationOptions: `beadwork` is no object, so it is ignored."]
    unknown = sorted(set(ours) - OPTIONS)
    return ours, [
        f"initializationOptions: there is no `beadwork.{key}`, so it is ignored." for key in unknown
    ]


def _flag(options: Mapping[str, object], key: str, troubles: list[str]) -> bool:
    value = options.get(key)
    if value is not None and not isinstance(value, bool):
        troubles.append(f"initializationOptions: `beadwork.{key}` is not true or false, so it is ignored.")
    return value is True


def _folders(params: types.InitializeParams) -> tuple[str, ...]:
    if params.workspace_folders is not None:
        return tuple(folder.uri for folder in params.workspace_folders)
    root = params.root_uri or params.root_path
    return (root,) if root else ()
