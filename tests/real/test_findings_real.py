"""Findings in an editor for real: Claude Code finds them, bd holds their beads. Only the model is played."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import attrs
import pytest
from lsprotocol import types

import trial
from bead_places import BdPlace
from editing import actions, choose, edits, lines_shown, opens, shown
from loopback_api import LoopbackApi, bash, reply, structured, text
from lsp_window import Place, close_window, open_window

pytestmark = [pytest.mark.bd, pytest.mark.claude]

CODE = "# Größe 😀\r\ndef add(a, b):\r\n    total = a - b  # 😀\r\n    return total\r\n"
LINES = "    total = a - b  # 😀\r\n    return total\r\n"
FOUND = {
    "title": "It subtracts",
    "description": "The sum is a difference.",
    "priority": 1,
    "type": "bug",
    "file": "app.py",
    "line": 3,
    "end_line": 4,
    "category": "correctness",
    "failure_scenario": "add(1, 2) is -1",
}


@attrs.frozen
class Ground(Place):
    """A trial, as a window is opened on it."""

    trial: trial.Trial

    @property
    def workspace(self) -> Path:
        """The repository."""
        return self.trial.project

    @property
    def environment(self) -> dict[str, str]:
        """What servers are started with."""
        return dict(self.trial.environment)


@pytest.fixture
def made(
    tmp_path: Path, bd_program: Path, claude_program: Path, loopback_api: Callable[..., LoopbackApi]
) -> Iterator[tuple[Ground, BdPlace, str]]:
    """A project with the branch of its bead checked out, and a reviewer that finds one thing."""
    answer = structured(findings=[FOUND], summary="Nearly there.", pr_ready=False)
    api = loopback_api(reply(text("I read it."), bash("git diff main...HEAD --stat")), reply(answer))
    new, place = trial.with_bd(tmp_path, bd_program, claude_program.parent, **api.environment)
    new.settings(agent="claude", runner="plain", actor="Ada", allow=["Bash"])
    bead = str(json.loads(place.bd("create", "--title=Add numbers", "-t", "task", "--json"))["id"])
    new.repository.git("checkout", "--quiet", "-b", f"bead/{bead}")
    (new.project / "app.py").write_bytes(CODE.encode())
    new.repository.git("add", "app.py")
    new.repository.git("commit", "--quiet", "-m", "Add")
    yield Ground(tmp_path, new), place, bead
    new.end_all()


def show(place: BdPlace, bead: str) -> Mapping[str, object]:
    """Give a bead as bd shows it."""
    return dict(json.loads(place.bd("show", bead, "--json"))[0])


@pytest.mark.parametrize("editor", ["visual_studio_code", "neovim", "emacs"])
async def test_a_finding_is_shown_follows_becomes_a_bead_and_goes_with_it(
    made: tuple[Ground, BdPlace, str], editor: str
) -> None:
    """The whole way: reviewed, shown, moved, back, stale, a bead in bd, closed and gone."""
    ground, place, bead = made
    uri = (ground.workspace / "app.py").as_uri()
    window = await open_window(ground, editor=editor, whole=True)
    try:
        opens(window, uri, CODE)
        await window.ask("review", {"id": bead})
        await window.until("it is shown", lambda: shown(window, uri))
        (found,) = shown(window, uri)
        assert found.range == types.Range(types.Position(2, 4), types.Position(3, 16))
        assert (found.severity, found.source) == (types.DiagnosticSeverity.Error, "beadwork")

        edits(window, uri, 2, ((0, 0), (0, 0), "# one\r\n# two\r\n"))
        await window.until("it moved", lambda: lines_shown(window, uri) == [(4, 5, "It subtracts")])
        edits(window, uri, 3, ((0, 0), (2, 0), ""))
        await window.until("it is back", lambda: lines_shown(window, uri) == [(2, 3, "It subtracts")])
        edits(window, uri, 4, ((2, 0), (4, 0), ""))
        stale = "It subtracts (its text has changed)"
        await window.until("it is stale", lambda: [each[2] for each in lines_shown(window, uri)] == [stale])
        assert shown(window, uri)[0].severity == types.DiagnosticSeverity.Hint
        edits(window, uri, 5, ((2, 0), (2, 0), LINES))
        await window.until("it is back again", lambda: lines_shown(window, uri) == [(2, 3, "It subtracts")])

        (one,) = (await choose(window, await actions(window, uri, 2), "Create a bead"))["made"]
        await window.until("its code is its bead", lambda: shown(window, uri)[0].code == one["bead"])
        kept = show(place, one["bead"])
        assert str(kept["description"]).splitlines()[0] == "app.py:3-4"
        assert (kept["title"], kept["priority"], kept["labels"]) == ("It subtracts", 1, ["review-finding"])
        assert str(kept["external_ref"]).startswith("review:")
        edges = kept["dependencies"]
        assert isinstance(edges, list)
        assert [(edge["id"], edge["dependency_type"]) for edge in edges] == [(bead, "discovered-from")]

        place.bd("close", one["bead"], "--reason=Mended")
        await window.until("it is gone", lambda: not shown(window, uri))
        place.bd("reopen", one["bead"])
        await window.until("it is there again", lambda: lines_shown(window, uri) == [(2, 3, "It subtracts")])
    finally:
        await close_window(window)
