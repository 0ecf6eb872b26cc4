"""The room of settings: what a person can set, and the layers it comes from. This is its door."""

from beadwork.settings.layers import (
    Layer,
    Loaded,
    SettingsError,
    key_of,
    layers_of_user,
    load,
    read_layer,
    user_file,
)
from beadwork.settings.values import SECRET, Settings

__all__ = [
    "SECRET",
    "Layer",
    "Loaded",
    "Settings",
    "SettingsError",
    "key_of",
    "layers_of_user",
    "load",
    "read_layer",
    "user_file",
]
