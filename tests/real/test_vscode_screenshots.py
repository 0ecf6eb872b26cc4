"""Pictures of the main states for the README, light and dark, of a project as people have it.

`make screenshots` puts them into `docs/screenshots/`; in the suite they are taken to see that they can be.
"""

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from code_server import Tools
from vscode_desk import PROGRAMS, desk_with, make_repository

pytestmark = [pytest.mark.vscode, pytest.mark.timeout(600), pytest.mark.xdist_group("vscode-whole")]

LARGEST = 150_000
"""Bytes of a picture."""

BEADS: tuple[Mapping[str, object], ...] = (
    {
        "id": "shop-1",
        "title": "Reject expired vouchers",
        "issue_type": "bug",
        "priority": 1,
        "labels": ["checkout"],
        "description": "A voucher is taken after its last day.\n\nCompare in the *shop's* time zone:\n\n"
        "```python\nif voucher.last_day < today(shop.zone):\n    raise Expired(voucher)\n```\n",
        "acceptance_criteria": "- A voucher of yesterday is refused.\n- One of today is taken.",
    },
    {
        "id": "shop-2",
        "title": "Round prices half to even",
        "issue_type": "bug",
        "priority": 2,
        "labels": ["prices"],
    },
    {
        "id": "shop-3",
        "title": "Gift cards",
        "issue_type": "epic",
        "priority": 2,
        "description": "A card is a voucher with an *amount*, and without a last day.",
        "acceptance_criteria": "- It is sold like any other thing.\n- What is left on it can be used later.",
    },
    {"id": "shop-3.1", "title": "Sell a gift card", "issue_type": "feature", "priority": 2, "of": "shop-3"},
    {"id": "shop-3.2", "title": "Pay with a card", "issue_type": "feature", "priority": 2, "of": "shop-3"},
    {
        "id": "shop-4",
        "title": "Refund to vouchers",
        "issue_type": "feature",
        "priority": 2,
        "needs": "shop-1",
    },
    {"id": "shop-5", "title": "Choose a currency", "issue_type": "task", "priority": 3},
    {
        "id": "shop-6",
        "title": "Translate receipts",
        "issue_type": "chore",
        "priority": 3,
        "status": "in_progress",
        "assignee": "Grace",
    },
    {"id": "shop-7", "title": "Set up the shop", "issue_type": "task", "priority": 2, "status": "closed"},
)

CODE = '''"""Vouchers of the shop."""

from datetime import date


def accept(voucher, today: date) -> None:
    """Take a voucher, once."""
    if voucher.used:
        raise ValueError("used already")
    voucher.used = True
'''
BETTER = CODE.replace(
    "    if voucher.used",
    '    if voucher.last_day < today:\n        raise ValueError("expired")\n    if voucher.used',
).replace("once.", "once, until its last day.")
TEST = '''"""Vouchers."""

from datetime import date

import pytest

from shop.vouchers import accept


def test_an_expired_voucher_is_refused(voucher) -> None:
    with pytest.raises(ValueError, match="expired"):
        accept(voucher, date(2026, 3, 2))
'''


EDITOR = {
    "workbench.colorTheme": "Light Modern",
    "workbench.preferredLightColorTheme": "Light Modern",
    "workbench.preferredDarkColorTheme": "Dark Modern",
    "editor.minimap.enabled": False,
}


def test_pictures_of_the_main_states(vscode_tools: Tools, extensions: Path, folder: Path) -> None:
    """Each is taken, and small enough to be kept."""
    beads = [_with_parent(bead) for bead in BEADS]
    make_repository(folder / "shop", beads=beads, files={"README.md": "# Shop\n", "shop/vouchers.py": CODE})
    desk = desk_with(
        vscode_tools, extensions, folder, PROGRAMS, editor=EDITOR, trusting=False, project="shop"
    )
    with desk as ready:
        ready.play("screenshots", script=str(folder / "script.json"), better=BETTER, test=TEST)
        taken = {picture.name: picture.stat().st_size for picture in ready.screenshots.glob("*-*.png")}
    states = ("beads", "changes", "page", "restricted", "review", "run")
    wanted = {f"{state}-{theme}.png" for state in states for theme in ("light", "dark")}
    assert wanted <= set(taken)
    assert {name for name in wanted if taken[name] > LARGEST} == set()


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short name, since some of it is in the pictures."""
    with tempfile.TemporaryDirectory(prefix="ada-") as made:
        yield Path(made)


def _with_parent(bead: Mapping[str, object]) -> Mapping[str, object]:
    edge = {
        "issue_id": bead["id"],
        "depends_on_id": bead.get("of"),
        "type": "parent-child",
        "created_at": "2026-01-15T10:30:00Z",
    }
    plain = {key: value for key, value in bead.items() if key != "of"}
    return {**plain, "dependencies": [edge]} if "of" in bead else plain
