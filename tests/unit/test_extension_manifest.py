"""The extension's manifest, its own list of names and the protocol page agree."""

import json
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
EXTENSION = ROOT / "vscode-extension"


def manifest() -> Any:
    """Give the extension's package.json."""
    return json.loads((EXTENSION / "package.json").read_text("utf-8"))


def actions() -> set[str]:
    """The names in ids.ts of all that a person can do."""
    ids = (EXTENSION / "src" / "ids.ts").read_text("utf-8")
    return set(re.findall(r'"(\w+)"', ids.partition("const ACTIONS = [")[2].partition("]")[0]))


def test_every_command_is_contributed_and_named_once() -> None:
    """ids.ts and package.json have the same commands, none with an id that the server could register."""
    contributed = {command["command"] for command in manifest()["contributes"]["commands"]}
    assert contributed == {f"beadwork.ui.{name}" for name in actions()}


def test_every_command_does_something() -> None:
    """A command that nobody registers would be an entry of a menu that is an error."""
    sources = "\n".join(path.read_text("utf-8") for path in (EXTENSION / "src").glob("*.ts"))
    registered = re.findall(r"\b(?:desk\.on\w*|edit|register)\(UI\.(\w+),", sources)
    assert sorted(registered) == sorted(actions())


def test_menus_and_welcome_views_name_commands_that_exist() -> None:
    """A misspelled command would be a button that does nothing."""
    contributes = manifest()["contributes"]
    known = {command["command"] for command in contributes["commands"]}
    in_menus = {entry["command"] for menu in contributes["menus"].values() for entry in menu}
    welcomes = "".join(welcome["contents"] for welcome in contributes["viewsWelcome"])
    in_welcomes = set(re.findall(r"command:(beadwork[\w.]*)", welcomes))
    assert in_menus | in_welcomes <= known


def test_the_client_asks_for_nothing_that_the_protocol_lacks() -> None:
    """Every server command and notification in protocol.ts stands on docs/protocol.md."""
    client = (EXTENSION / "src" / "protocol.ts").read_text("utf-8")
    page = (ROOT / "docs" / "protocol.md").read_text("utf-8")
    asked = set(re.findall(r'"(beadwork[./]\w+)"', client))
    assert asked
    assert {name for name in asked if f"`{name}`" not in page} == set()


def test_what_came_of_a_quick_fix_is_shown() -> None:
    """The server leaves that to clients that ask themselves: each command of a code action is taken here."""
    server = ROOT / "server" / "beadwork" / "lsp"
    offered = "".join((server / name).read_text("utf-8") for name in ("code_actions.py", "todos.py"))
    taken = "".join(path.read_text("utf-8") for path in (EXTENSION / "src").glob("*.ts"))
    assert set(re.findall(r'"(beadwork\.\w+)"', offered)) == set(re.findall(r'handle\("([\w.]+)"', taken))


def test_a_workspace_cannot_choose_what_is_run() -> None:
    """What names a program is a setting of the machine, and not read in a folder that nobody trusts.

    That such a folder starts nothing is shown in a real VS Code.
    """
    package = manifest()
    settings = package["contributes"]["configuration"]["properties"]
    programs = {"beadwork.server.path", "beadwork.server.python"}
    assert {settings[name]["scope"] for name in programs} == {"machine"}
    trust = package["capabilities"]["untrustedWorkspaces"]
    assert set(trust["restrictedConfigurations"]) == programs


def test_the_lock_file_pins_versions_and_records_no_addresses() -> None:
    """Where a package is downloaded from is the business of whoever installs it."""
    lock = (EXTENSION / "package-lock.json").read_text("utf-8")
    assert '"resolved"' not in lock
    package = manifest()
    versions = {**package["dependencies"], **package["devDependencies"]}
    assert {
        name for name, version in versions.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)
    } == set()


def test_the_composition_root_stays_small() -> None:
    """extension.ts only puts parts together."""
    assert len((EXTENSION / "src" / "extension.ts").read_text("utf-8").splitlines()) <= 60


def test_the_extension_carries_the_project_s_license() -> None:
    """The package is handed out by itself, so it has a copy; the two must not drift."""
    assert (EXTENSION / "LICENSE").read_text("utf-8") == (ROOT / "LICENSE").read_text("utf-8")
