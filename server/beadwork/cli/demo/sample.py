"""The demo's sample project: a small Python package with a failing test and three beads, one of them blocked.

What it leaves out: what happens to it (`story.py`).
"""

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import attrs

from beadwork.processes import ProgramMissing

FILES: Mapping[str, str] = {
    "README.md": "# Till\n\nAdds up what is on a receipt. Test it with `python3 -m unittest`.\n",
    ".gitignore": "__pycache__/\n",
    ".github/workflows/test.yml": """on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: python3 -m unittest
""",
    "till/__init__.py": '"""Adds up what is on a receipt."""\n',
    "till/receipt.py": '''"""Receipts: items with a price in cents."""


def total(prices: list[int]) -> int:
    """Give the sum of the prices, in cents."""
    result = 0
    for price in prices[1:]:
        result += price
    return result
''',
    "tests/__init__.py": "",
    "tests/test_receipt.py": """import unittest

from till.receipt import total


class TotalTest(unittest.TestCase):
    def test_every_item_counts(self) -> None:
        self.assertEqual(total([250, 199, 1]), 450)

    def test_nothing_costs_nothing(self) -> None:
        self.assertEqual(total([]), 0)
""",
}

BEADS = (
    {
        "id": "till-1",
        "title": "The first item is missing from the total",
        "description": "total([250, 199, 1]) gives 200 instead of 450; tests/test_receipt.py shows it.",
        "priority": 1,
        "issue_type": "bug",
    },
    {
        "id": "till-2",
        "title": "Print the total on the receipt",
        "description": "A receipt ends with a line `Total: 4.50`. Needs a total that is right.",
        "priority": 2,
        "issue_type": "feature",
        "dependencies": [
            {
                "issue_id": "till-2",
                "depends_on_id": "till-1",
                "type": "blocks",
                "created_at": "2026-01-15T10:00:00Z",
            },
        ],
    },
    {
        "id": "till-3",
        "title": "Say how the tests are run in CONTRIBUTING",
        "description": "A short CONTRIBUTING.md with the command.",
        "priority": 3,
        "issue_type": "task",
    },
)

_BROKEN = """    result = 0
    for price in prices[1:]:
        result += price
    return result
"""

MENDS = {
    "steps": [
        {"think": "The bead says that the first item is missing. I look at the sum, then at its test."},
        {"say": "I look at how the total is made, and run the tests to see the failure."},
        {"run": "cat till/receipt.py"},
        {"pause": 0.4},
        {"run": "python3 -m unittest 2>&1 | tail -n 4"},
        {"pause": 0.4},
        {"say": "The loop starts at the second item."},
        {"question": "How shall I mend it?", "choices": ["Correct the loop", "Use Python's own sum"]},
        {
            "replace": "till/receipt.py",
            "old": _BROKEN,
            "new": "    return sum(prices)\n",
        },
        {"pause": 0.4},
        {"run": "python3 -m unittest 2>&1 | tail -n 3"},
        {"commit": "till-1: count the first item of a receipt"},
        {"done": "The total left out the first item; it adds up all of them now, and both tests pass."},
    ],
}
"""How the scripted agent works on till-1: a play, with real edits, real tests and a real commit."""

REVIEWS = {
    "steps": [
        {"say": "I read what was changed, and run the tests."},
        {"run": "git show --format= --unified=0 HEAD -- till"},
        {"pause": 0.4},
        {"run": "python3 -B -m unittest 2>&1 | tail -n 3"},
        {"pause": 0.4},
        {
            "answer": {
                "summary": "It does what the bead asks. Two small things are left.",
                "pr_ready": True,
                "findings": [
                    {
                        "title": "A total may be no whole number of cents",
                        "description": "Nothing keeps a price from being a fraction.",
                        "failure_scenario": "total([0.5, 1]) is 1.5",
                        "priority": 2,
                        "type": "bug",
                        "category": "correctness",
                        "file": "till/receipt.py",
                        "line": 6,
                    },
                    {
                        "title": "No test has one item alone",
                        "description": "That is the case in which nothing at all was counted.",
                        "failure_scenario": "",
                        "priority": 3,
                        "type": "task",
                        "category": "tests",
                        "file": "tests/test_receipt.py",
                        "line": 7,
                        "end_line": 8,
                    },
                ],
            }
        },
    ],
}
"""How it reviews that work."""

ANSWER = "2"
"""What the demo answers to its question, as a person who likes it short would."""

STALLS = {
    "steps": [
        {"say": "I write the page, and start something long."},
        {
            "write": "CONTRIBUTING.md",
            "text": "# Contributing\n\nRun `python3 -m unittest` before you commit.\n",
        },
        {"grandchild": 3600, "deaf": True},
        {"ignore_signals": True},
        {"say": "Now I hang, deaf to signals, and a process of mine sits in a session of its own."},
        {"stall": True},
    ],
}
"""How it works on till-3: an agent that would never end by itself."""


@attrs.frozen
class Sample:
    """The sample project and what belongs to it."""

    root: Path

    @property
    def project(self) -> Path:
        """The repository: a workspace folder."""
        return self.root / "till"

    @property
    def remote(self) -> Path:
        """The bare repository that is its origin."""
        return self.root / "till.git"

    @property
    def state(self) -> Path:
        """The state folder of the demo, apart from the user's own."""
        return self.root / "state"

    def script(self, name: str) -> Path:
        """Give the path of a script for the scripted agent."""
        return self.root / f"{name}.json"


def make_sample(root: Path) -> Sample:
    """Make the sample project below `root`, which is made when absent."""
    sample = Sample(root)
    sample.project.mkdir(parents=True)
    for name, text in FILES.items():
        path = sample.project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    beads = sample.project / ".beads" / "issues.jsonl"
    beads.parent.mkdir()
    beads.write_text("".join(json.dumps(_bead(bead)) + "\n" for bead in BEADS), "utf-8")
    sample.script("mends").write_text(json.dumps(MENDS, indent=1), "utf-8")
    sample.script("reviews").write_text(json.dumps(REVIEWS, indent=1), "utf-8")
    sample.script("stalls").write_text(json.dumps(STALLS, indent=1), "utf-8")
    git(root, "init", "--quiet", "--bare", "--initial-branch=main", sample.remote.name)
    for words in (
        ("init", "--quiet", "--initial-branch=main"),
        ("add", "--all"),
        ("commit", "--quiet", "--message", "A till that leaves something out"),
        ("remote", "add", "origin", str(sample.remote)),
        ("push", "--quiet", "--set-upstream", "origin", "main"),
    ):
        git(sample.project, *words)
    return sample


def _bead(bead: Mapping[str, object]) -> Mapping[str, object]:
    moment = "2026-01-15T10:00:00Z"
    return {**bead, "status": "open", "created_at": moment, "updated_at": moment}


def git(folder: Path, *words: str) -> str:
    """Run git in the sample, with a name of its own and none of the user's settings; give what it prints.

    Raises ProgramMissing where there is no git.
    """
    identity = {
        "GIT_AUTHOR_NAME": "Demo",
        "GIT_AUTHOR_EMAIL": "demo@localhost",
        "GIT_COMMITTER_NAME": "Demo",
        "GIT_COMMITTER_EMAIL": "demo@localhost",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
    }
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("GIT_")
    } | identity
    try:
        done = subprocess.run(
            ["git", *words],
            cwd=folder,
            env=environment,
            check=True,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )
    except FileNotFoundError as error:
        raise ProgramMissing("There is no git on your PATH: install it, then try again.") from error
    return done.stdout.strip()
