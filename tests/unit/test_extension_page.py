"""The frame of a bead's page in VS Code: what it may load, and whose colours it has."""

import re
from pathlib import Path

from beadwork.workflows.pages.standing import ACTIONS, OF_RUNS

EXTENSION = Path(__file__).parents[2] / "vscode-extension"
FRAME = (EXTENSION / "media" / "page.html").read_text("utf-8")


def test_a_page_loads_nothing_and_runs_only_its_own_script() -> None:
    """Style and script are let in by a number that is used once; nothing else is let in at all."""
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', FRAME)
    assert policy is not None
    assert policy[1].split("; ") == [
        "default-src 'none'",
        "style-src 'nonce-{{nonce}}'",
        "script-src 'nonce-{{nonce}}'",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    assert FRAME.count("<script") == FRAME.count('<script nonce="{{nonce}}">') == 1
    assert re.search(r"\b(src|style|on\w+)=", FRAME) is None


def test_a_page_has_the_colours_of_the_person_s_theme() -> None:
    """No colour of ours: high contrast and light themes are theirs to choose."""
    style = FRAME.partition("<style")[2].partition("</style>")[0]
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b|rgba?\(|hsla?\(", style) == []
    assert "a:focus-visible" in style


def test_a_page_gives_commands_and_files_no_way_in() -> None:
    """Links are followed by the extension alone, and the page cannot read a file."""
    source = (EXTENSION / "src" / "page.ts").read_text("utf-8")
    assert "localResourceRoots: []" in source
    assert "enableCommandUris" not in source


def test_every_link_of_a_page_is_followed() -> None:
    """What the server offers on a page, and what the protocol says can be edited, has a command each."""
    source = (EXTENSION / "src" / "page.ts").read_text("utf-8")
    files = (EXTENSION / "src" / "beadFiles.ts").read_text("utf-8")
    protocol = (EXTENSION.parent / "docs" / "protocol.md").read_text("utf-8")
    row = re.search(r"\| `edit:FIELD` \| let the person edit that field: (.*) \|", protocol)
    assert row is not None
    assert _keys(source, "ACTIONS") == {*ACTIONS, *OF_RUNS}
    assert _keys(source, "EDITS") | _keys(files, "TEXTS") == set(re.findall(r"`(\w+)`", row[1]))


def _keys(source: str, table: str) -> set[str]:
    """Give the names in an object of TypeScript."""
    found = re.search(rf"const {table}\b[^{{]*{{(.*?)}}", source, re.DOTALL)
    assert found is not None
    return set(re.findall(r"(\w+):", found[1]))
