"""docs/protocol.md against the code: commands, arguments, notifications, objects and codes, both ways."""

import importlib
import pkgutil
import re
from pathlib import Path

import attrs
import pytest

import beadwork
from beadwork.errors import BeadworkError
from beadwork.executions import Ask, EventKind, Reason, State, Verb
from beadwork.gates import Gate, GateReport, GateResult, GateState, Standing, report_data
from beadwork.lsp.arguments import wire_name
from beadwork.lsp.joining import OPTIONS
from beadwork.lsp.table import COMMANDS
from beadwork.workflows import (
    BeadPage,
    BeadView,
    ChangedFileView,
    ChangesView,
    Choices,
    FindingsView,
    FindingView,
    Made,
    Obstacle,
    ProjectView,
    RefusalCode,
    Refused,
    ReviewView,
    RunView,
)
from beadwork.workflows.queueing.views import CostLine, CostsView, QueueView, WalkView

PAGE = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text("utf-8")
SECTIONS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))


def first_column(section: str) -> list[str]:
    """Give what stands in code in the first column of a section's table."""
    return re.findall(r"^\| `([^`]+)` \|", SECTIONS[section], re.MULTILINE)


def codes_of(error: type[BeadworkError]) -> set[str]:
    """Give the codes of a class and of all below it."""
    return {error.code}.union(*(codes_of(below) for below in error.__subclasses__()))


def test_every_command_is_on_the_page_with_its_fields() -> None:
    """In the table's order; a question mark stands behind what may be left out."""
    rows = re.findall(r"^\| `(beadwork\.\w+)` \| `\{(.*?)\}` \|", SECTIONS["Commands"], re.MULTILINE)
    assert [name for name, _ in rows] == list(COMMANDS)
    for name, fields in rows:
        assert set(filter(None, fields.split(", "))) == {
            wire_name(field.name) + ("" if field.default is attrs.NOTHING else "?")
            for field in attrs.fields(COMMANDS[name].argument)
        }, name


def test_every_command_has_a_title() -> None:
    """One sentence, as a menu shows it."""
    assert all(re.fullmatch(r"[A-Z][^.]+", command.title) for command in COMMANDS.values())


def test_every_notification_is_on_the_page() -> None:
    """Found by their names in the code that sends them."""
    source = "".join(path.read_text() for path in Path(beadwork.__path__[0]).glob("lsp/*.py"))
    assert set(first_column("Notifications")) == set(re.findall(r'"(beadwork/\w+)"', source))


def test_every_option_of_joining_is_on_the_page() -> None:
    """Others are warned of."""
    assert set(first_column("Joining")) == OPTIONS


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Project", ProjectView),
        ("Bead", BeadView),
        ("BeadPage", BeadPage),
        ("Run", RunView),
        ("Refused", Refused),
        ("Obstacle", Obstacle),
        ("Changes", ChangesView),
        ("ChangedFile", ChangedFileView),
        ("Ask", Ask),
        ("Queue", QueueView),
        ("Walk", WalkView),
        ("Costs", CostsView),
        ("Findings", FindingsView),
        ("Finding", FindingView),
        ("Review", ReviewView),
        ("Made", Made),
        ("Choices", Choices),
    ],
)
def test_every_object_has_the_fields_of_its_class(name: str, kind: type[attrs.AttrsInstance]) -> None:
    """A question mark stands behind what may be null."""
    found = re.search(rf"^- \*\*{name}\*\*: `(.*?)`", SECTIONS["Objects"], re.MULTILINE | re.DOTALL)
    assert found is not None
    assert {field.rstrip("?") for field in re.split(r",\s+", found[1])} == {
        wire_name(field.name) for field in attrs.fields(kind)
    }


def test_a_gate_report_has_the_fields_of_the_page() -> None:
    """As it travels: a gate and what became of it are one object."""
    gate = Gate("test", "make test")
    report = report_data(GateReport("a" * 40, (GateResult(gate, GateState.PASSED, 0, 1.0, "", ""),)))
    found = re.search(r"^- \*\*GateResult\*\*: `(.*?)`", SECTIONS["Objects"], re.MULTILINE | re.DOTALL)
    assert found is not None
    assert isinstance(results := report["results"], list)
    assert [field.rstrip("?") for field in re.split(r",\s+", found[1])] == list(results[0])
    assert all(f"`{name}`" in SECTIONS["Objects"] for name in report)


def test_every_kind_of_event_and_every_state_and_verb_is_on_the_page() -> None:
    """Each in code, in the item that says what it is."""
    items = dict(
        re.findall(r"^- \*\*(\w+)\*\*: (.*?)(?=^- |\Z)", SECTIONS["Objects"], re.MULTILINE | re.DOTALL)
    )
    assert {kind for kind in EventKind if f"`{kind}`" not in items["Event"]} == set()
    assert {state for state in State if f"`{state}`" not in items["Run"]} == set()
    assert {verb for verb in Verb if f"`{verb}`" not in items["Run"]} == set()
    assert {state for state in GateState if f"`{state}`" not in items["GateResult"]} == set()
    assert {state for state in Standing if f"`{state}`" not in items["GateReport"]} == set()
    for field in attrs.fields(CostLine):
        assert wire_name(field.name) in items["Costs"]


def test_every_error_code_is_on_the_page() -> None:
    """All classes of all rooms, and what stands for a mistake of our own."""
    for module in pkgutil.walk_packages(beadwork.__path__, "beadwork."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    ours = {
        code for code in codes_of(BeadworkError) if not code.startswith("test-")
    }  # other tests may have made classes of their own
    assert set(first_column("Error codes")) == ours | {"defect"}


def test_every_refusal_and_every_reason_is_on_the_page() -> None:
    """They are what scripts compare."""
    assert set(first_column("Refusals")) == {str(code) for code in RefusalCode}
    assert set(first_column("Reasons")) == {str(reason) for reason in Reason}
