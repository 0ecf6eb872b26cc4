"""The view of runs and their terminals in a real VS Code."""

from pathlib import Path

import pytest

from code_server import Tools
from vscode_desk import PROGRAMS, desk_with

pytestmark = [pytest.mark.vscode, pytest.mark.timeout(600), pytest.mark.xdist_group("vscode-whole")]


def test_a_run_is_seen_in_its_view_and_its_terminal_again_after_a_reload(
    vscode_tools: Tools, extensions: Path, tmp_path: Path
) -> None:
    """Its paths open, output comes above a line that is half typed, and it is found by its words."""
    with desk_with(vscode_tools, extensions, tmp_path, PROGRAMS) as desk:
        desk.play("runs")
