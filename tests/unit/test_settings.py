"""Settings: layers, trust, and errors that say where."""

import contextlib
from pathlib import Path

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beadwork.settings import Layer, Settings, SettingsError, load, read_layer

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"


def user(**values: object) -> Layer:
    """A layer of the user's own."""
    return Layer("config.toml", values, trusted=True)


def workspace(**values: object) -> Layer:
    """A layer that comes with a repository."""
    return Layer(".beadwork.toml", values, trusted=False)


def test_later_layers_win() -> None:
    """The editor's over the workspace's over the user's over the defaults."""
    editor = Layer("editor settings", {"model": "c"}, trusted=True)
    assert load([user(model="a", base="main"), workspace(model="b"), editor]).settings == Settings(
        model="c", base="main"
    )


@pytest.mark.parametrize(
    "key", [field.name for field in attrs.fields(Settings) if field.metadata["trusted_only"]]
)
def test_a_workspace_cannot_choose_what_is_run(key: str) -> None:
    """What names a program or opens more to an agent is ignored there, and that is said."""
    loaded = load([workspace(**{key: "sh"})])
    assert loaded.settings == Settings()
    assert key in loaded.warnings[0]


def test_an_unknown_key_is_a_warning_with_the_nearest_name() -> None:
    """A slip of the finger is seen."""
    assert "did you mean `runner`" in load([user(runer="plain")]).warnings[0]


@pytest.mark.parametrize(
    ("key", "value", "wanted"),
    [
        ("slots", 0, "a whole number above 0"),
        ("slots", True, "a number"),
        ("slots", "3", "a whole number above 0"),
        ("wall_clock", -1, "a number above 0"),
        ("allow", "Bash", "a list of strings"),
        ("allow", [1], "a list of strings"),
        ("runner", "podman", "one of auto, sandbox, plain"),
        ("model", 5, "a string"),
    ],
)
def test_a_bad_value_is_an_error_with_the_file_and_what_is_wanted(
    key: str, value: object, wanted: str
) -> None:
    """The sentence has the file, the key, the value and what it must be."""
    with pytest.raises(SettingsError, match=wanted) as error:
        load([user(**{key: value})])
    assert "config.toml" in str(error.value)
    assert repr(value) in str(error.value)


def test_a_file_that_is_no_toml_names_the_line(tmp_path: Path) -> None:
    """What the parser knows of the place is passed on."""
    file = tmp_path / "config.toml"
    file.write_text('model = "a"\nrunner = \n')
    with pytest.raises(SettingsError, match="line 2"):
        read_layer(file, trusted=True)


def test_a_bad_value_names_its_line(tmp_path: Path) -> None:
    """So that it is found in a long file."""
    file = tmp_path / "config.toml"
    file.write_text('model = "a"\n\nslots = "many"\n')
    with pytest.raises(SettingsError, match=r"config\.toml, line 3"):
        load([read_layer(file, trusted=True)])


def test_no_file_is_no_layer(tmp_path: Path) -> None:
    """Nobody needs a settings file."""
    assert read_layer(tmp_path / "config.toml", trusted=True) is None


@given(
    st.dictionaries(
        st.sampled_from([field.name for field in attrs.fields(Settings)]), st.text() | st.integers()
    )
)
def test_any_values_give_settings_or_a_settings_error(values: dict[str, object]) -> None:
    """Nothing else comes out of a file."""
    with contextlib.suppress(SettingsError):
        assert isinstance(load([user(**values)]).settings, Settings)


def test_the_page_has_every_setting() -> None:
    """docs/settings.md names each with its default and its words."""
    page = PAGE.read_text("utf-8")
    for field in attrs.fields(Settings):
        assert f"| `{field.name}` |" in page
        assert str(field.metadata["doc"]) in page
