"""Settings from layers: the defaults, the user's file, the workspace's `.beadwork.toml`, the editor's own.

The later wins; what the user's file says of one project comes after what that project says itself. What names
a program, or opens more to an agent, is never taken from the workspace (`trusted_only`). What it leaves out:
what can be set (`values.py`).
"""

import difflib
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs

from beadwork.errors import BeadworkError
from beadwork.settings.values import Settings

_PROJECTS = "projects"
"""The table of the user's file that has a table of settings for each project, by its folder."""


class SettingsError(BeadworkError):
    """A settings file cannot be read, or a value in it cannot be used."""

    code = "settings"


@attrs.frozen
class Layer:
    """Settings from one place."""

    name: str
    """What a person is told: the path of the file, or `editor settings`."""
    values: Mapping[str, object]
    trusted: bool
    """Whether it may name programs: false for what comes with a repository."""
    lines: Mapping[str, int] = attrs.field(factory=dict)
    """The line of each key, from 1, where it is known."""

    def place(self, key: str) -> str:
        """Say where `key` is set."""
        return f"{self.name}, line {self.lines[key]}" if key in self.lines else self.name


@attrs.frozen
class Loaded:
    """Settings, and what was wrong with their sources."""

    settings: Settings
    warnings: tuple[str, ...] = ()


def user_file() -> Path:
    """Give the path of the user's settings file, whether it is there or not."""
    from platformdirs import user_config_path  # noqa: PLC0415  (only who reads the file pays for it)

    return user_config_path("beadwork") / "config.toml"


def read_layer(path: Path, *, trusted: bool) -> Layer | None:
    """Read a settings file; None when there is none.

    Raises SettingsError, with the file and the line, when it is not TOML or cannot be read.
    """
    try:
        text = path.read_text("utf-8")
        return Layer(str(path), tomllib.loads(text), trusted, _lines_of_keys(text))
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"The settings file {path} cannot be read: {error}.") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"The settings file {path} is not valid TOML: {error}.") from error


def layers_of_user(path: Path, project: Path | None = None) -> tuple[Layer | None, Layer | None]:
    """Read the user's file: what it says for all projects, and what for `project` alone.

    Raises SettingsError as `read_layer` does, and when the projects are no table of tables.
    """
    layer = read_layer(path, trusted=True)
    if layer is None:
        return None, None
    projects = layer.values.get(_PROJECTS, {})
    if not isinstance(projects, Mapping) or not all(isinstance(each, Mapping) for each in projects.values()):
        place = layer.place(_PROJECTS)
        raise SettingsError(f'{place}: `{_PROJECTS}` must hold tables, such as [projects."/home/ada/shop"].')
    general = {key: value for key, value in layer.values.items() if key != _PROJECTS}
    found = next((name for name in projects if project and Path(name).expanduser() == project), None)
    if found is None:
        return attrs.evolve(layer, values=general), None
    prefix = f'{_PROJECTS}."{found}".'
    lines = {key.removeprefix(prefix): line for key, line in layer.lines.items() if key.startswith(prefix)}
    return attrs.evolve(layer, values=general), attrs.evolve(layer, values=projects[found], lines=lines)


def _lines_of_keys(text: str) -> Mapping[str, int]:
    """Give the line of each plain key, for a message; tomllib itself knows no places."""
    lines: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), 1):
        key, equals, _ = line.partition("=")
        if line.strip().startswith("[") and line.strip().endswith("]"):
            table = f"{line.strip().strip('[]').strip()}."
        elif equals:
            lines.setdefault(f"{table}{key.strip()}", number)
    return lines


def load(layers: Iterable[Layer | None]) -> Loaded:
    """Lay `layers` over the defaults, the later over the earlier.

    Raises SettingsError for a value of a wrong type; an unknown key is a warning with the nearest name.
    """
    settings = Settings()
    warnings: list[str] = []
    for layer in layers:
        if layer is None:
            continue
        for key, value in _flat(layer.values):
            settings, warning = _apply(settings, layer, key, value)
            warnings += [warning] if warning else []
    return Loaded(settings, tuple(warnings))


def key_of(field: "attrs.Attribute[Any]") -> str:
    """Give the name by which a field of Settings is set."""
    return str(field.metadata["key"] or field.name)


def _flat(values: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """Give the values by their whole names: one in a table has the table's name and a dot before it."""
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from ((f"{key}.{inner}", each) for inner, each in _flat(value))
        else:
            yield key, value


def _apply(settings: Settings, layer: Layer, key: str, value: object) -> tuple[Settings, str]:
    fields = {key_of(field): field for field in attrs.fields(Settings)}
    if key not in fields:
        near = difflib.get_close_matches(key, fields, n=1)
        hint = f"; did you mean `{near[0]}`?" if near else "."
        return settings, f"{layer.place(key)}: there is no setting `{key}`{hint}"
    metadata = fields[key].metadata
    if metadata["trusted_only"] and not layer.trusted:
        return (
            settings,
            f"{layer.place(key)}: `{key}` is only taken from your own settings, so it is ignored here.",
        )
    changed: dict[str, Any] = {
        fields[key].name: _converted(layer, key, value, fields[key].default, metadata),
    }
    return attrs.evolve(settings, **changed), ""


def _converted(  # noqa: C901  (one case for each type)
    layer: Layer, key: str, value: object, default: object, metadata: Mapping[str, Any]
) -> object:
    choices, off = metadata["choices"], metadata["off"]
    match default, value:
        case str(), str() if not choices or value in choices:
            return value
        case str(), str():
            wanted = "one of " + ", ".join(choices)
        case bool(), bool():
            return value
        case bool(), _:
            wanted = "true or false"
        case ((int() | float()), bool()):
            wanted = "a number"
        case int(), int() if value > 0 or (value == 0 and off):
            return value
        case int(), _:
            wanted = f"a whole number above 0{' (or 0)' if off else ''}"
        case float(), (int() | float()) if value > 0 or (value == 0 and off):
            return float(value)
        case float(), _:
            wanted = f"a number above 0{' (or 0)' if off else ''}"
        case tuple(), list() if all(isinstance(item, str) for item in value):
            return tuple(value)
        case tuple(), _:
            wanted = "a list of strings"
        case _:
            wanted = "a string"
    raise SettingsError(f"{layer.place(key)}: `{key}` is {value!r}, but must be {wanted}.")
