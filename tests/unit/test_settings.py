"""Settings: layers, trust, and errors that say where."""

import contextlib
import json
import re
from pathlib import Path

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beadwork.settings import Layer, Loaded, Settings, SettingsError, key_of, layers_of_user, load, read_layer
from beadwork.workflows.working.permissions import StandingAnswer, read_answers

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
    "key", [key_of(field) for field in attrs.fields(Settings) if field.metadata["trusted_only"]]
)
def test_a_workspace_cannot_choose_what_is_run(key: str) -> None:
    """What names a program or opens more to an agent is ignored there, and that is said."""
    loaded = load([workspace(**{key: "sh"})])
    assert loaded.settings == Settings()
    assert key in loaded.warnings[0]


def test_a_key_with_a_dot_is_in_a_table(tmp_path: Path) -> None:
    """As TOML has it; editors may send either form, and a wrong value is found by its line."""
    file = tmp_path / "config.toml"
    file.write_text("slots = 2\n\n[review]\ncreate_beads = true\n")
    layer = read_layer(file, trusted=True)
    assert load([layer]).settings == Settings(slots=2, review_create_beads=True)
    assert load([user(**{"review.create_beads": True})]).settings.review_create_beads
    file.write_text("[review]\n\ncreate_beads = 1\n")
    with pytest.raises(SettingsError, match=r"line 3: `review.create_beads` is 1, but must be true or false"):
        load([read_layer(file, trusted=True)])


def test_a_project_has_settings_of_the_users_own(tmp_path: Path) -> None:
    """They win over what the project says itself, may name programs, and hold for that project alone."""
    file = tmp_path / "config.toml"
    shop = tmp_path / "my shop"
    file.write_text(f'slots = 2\n\n[projects."{shop}".gates]\ncommands = ["make test"]\nretries = 3\n')
    general, own = layers_of_user(file, shop)
    assert load([general, workspace(**{"gates.retries": 2}), own]) == Loaded(
        Settings(slots=2, gates_commands=("make test",), gates_retries=3)
    )
    assert layers_of_user(file, tmp_path / "other") == (general, None)
    assert load([general]) == Loaded(Settings(slots=2))


def test_a_bad_value_of_a_project_names_its_line(tmp_path: Path) -> None:
    """As anywhere else in the file; and what is no table of tables is said to be none."""
    file = tmp_path / "config.toml"
    file.write_text('slots = 2\n\n[projects."/shop".gates]\ncommands = "make test"\n')
    with pytest.raises(SettingsError, match=r"line 4: `gates.commands` is 'make test', but must be a list"):
        load([layers_of_user(file, Path("/shop"))[1]])
    file.write_text('projects = "shop"\n')
    with pytest.raises(SettingsError, match=r"line 1: `projects` must hold tables"):
        layers_of_user(file)


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
        ("keep_days", -1, "a whole number above 0 (or 0)"),
        ("day_budget", "much", "a number above 0 (or 0)"),
        ("requeue_unblocked", 1, "true or false"),
    ],
)
def test_a_bad_value_is_an_error_with_the_file_and_what_is_wanted(
    key: str, value: object, wanted: str
) -> None:
    """The sentence has the file, the key, the value and what it must be."""
    with pytest.raises(SettingsError, match=re.escape(wanted)) as error:
        load([user(**{key: value})])
    assert "config.toml" in str(error.value)
    assert repr(value) in str(error.value)


def test_what_may_be_switched_off_may_be_0() -> None:
    """Where the words of a setting say what 0 means."""
    assert load([user(keep_days=0, day_budget=0, retries=0)]).settings.retries == 0


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
        st.sampled_from([key_of(field) for field in attrs.fields(Settings)]), st.text() | st.integers()
    )
)
def test_any_values_give_settings_or_a_settings_error(values: dict[str, object]) -> None:
    """Nothing else comes out of a file."""
    with contextlib.suppress(SettingsError):
        assert isinstance(load([user(**values)]).settings, Settings)


def row_of(field: "attrs.Attribute[object]") -> str:
    """Give the line of docs/settings.md for a setting."""
    default = field.default
    if isinstance(default, float) and default.is_integer():
        default = int(default)
    shown = f"`{json.dumps(default)}`" if default != "" else ""
    words = [str(field.metadata["doc"])]
    if choices := field.metadata["choices"]:
        words.append(f"One of {', '.join(f'`{each}`' for each in choices)}.")
    words += ["*Yours only.*"] if field.metadata["trusted_only"] else []
    return f"| `{key_of(field)}` | {shown} | {' '.join(words)} |"


def test_the_page_has_every_setting() -> None:
    """docs/settings.md has each with its default, its words and who may set it, in the order of the code."""
    rows = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| `")]
    assert rows[: len(attrs.fields(Settings))] == [row_of(field) for field in attrs.fields(Settings)]


def test_the_examples_on_the_page_are_settings(tmp_path: Path) -> None:
    """Each TOML of the page is read by what it is an example of."""
    of_project, notifying, permitting = re.findall(r"```toml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    file = tmp_path / "config.toml"
    file.write_text(of_project, "utf-8")
    own = load([layers_of_user(file, Path("/home/ada/shop"))[1]])
    assert own.warnings == ()
    assert own.settings.gates_commands == ("npm test", "npm run lint")
    file.write_text(notifying, "utf-8")
    loaded = load([read_layer(file, trusted=True)])
    assert loaded.warnings == ()
    assert len(loaded.settings.notify) == 3
    file.write_text(permitting, "utf-8")
    assert read_answers(file) == [StandingAnswer("Bash", "npm run *", "/home/ada/shop", allow=True)]


def test_addresses_of_people_are_never_taken_from_a_project() -> None:
    """A repository cannot have its runs told elsewhere, and the person is warned of the try."""
    loaded = load([user(notify=["json://own"]), workspace(notify=["json://theirs"], notify_on=["queued"])])
    assert loaded.settings.notify == ("json://own",)
    assert loaded.settings.notify_on == Settings().notify_on
    assert len(loaded.warnings) == 2
    assert "theirs" not in "".join(loaded.warnings)
