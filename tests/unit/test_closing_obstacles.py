"""What stands in the way of closing a bead: each thing alone, all at once, and what does not."""

from pathlib import Path
from typing import Any

import attrs
import pytest

from beadwork.beads import Bead
from beadwork.checkouts import Branch
from beadwork.findings import Finding, KeptFinding
from beadwork.workflows.closing.obstacles import Facts, Kept, obstacles_of, refusal_of
from beadwork.workflows.views import Obstacle, RefusalCode

HEAD, OLDER = "a" * 40, "b" * 40
BRANCH = Branch(Path("/p"), "bead/demo-1", HEAD, "origin/main", OLDER, OLDER, 2, 0)
SAFE = Facts(Bead("demo-1", "One", "open", "task", 2), branch=BRANCH, kept=Kept.REMOTE, remote="origin")
FAILING = Obstacle(RefusalCode.GATES_FAILED, "test: make test failed (exit code 1).", "1 failed", "/out")


def finding(number: int, priority: int) -> KeptFinding:
    """Give an open finding of a review of OLDER."""
    said = Finding(f"Title {number}.", priority=priority)
    return KeptFinding(f"f-{number:08x}", "/p", "demo-1", "run", said, None)


ALONE: dict[RefusalCode, dict[str, Any]] = {
    RefusalCode.GATES_FAILED: {"gates": FAILING},
    RefusalCode.BLOCKED: {"blockers": ("demo-2", "demo-3")},
    RefusalCode.OPEN_CHILDREN: {"children": ("demo-1.1",)},
    RefusalCode.NOT_REVIEWED: {"review_wanted": True},
    RefusalCode.OPEN_FINDINGS: {"findings": (finding(1, 1), finding(2, 2)), "reviewed": HEAD},
    RefusalCode.NOT_PUBLISHED: {"kept": Kept.NOWHERE},
}
"""What is so when exactly that stands in the way."""


@pytest.mark.parametrize("code", ALONE)
def test_each_obstacle_alone_is_said_with_its_data(code: RefusalCode) -> None:
    """And a person may overrule it."""
    found = obstacles_of(attrs.evolve(SAFE, **ALONE[code]))
    assert [each.code for each in found] == [code]
    refused = refusal_of("demo-1", found)
    assert (refused.code, refused.can_force, refused.obstacles) == (code, True, tuple(found))
    assert refused.message.startswith("demo-1 was not closed. ")
    assert found[0].message in refused.message


def test_all_obstacles_are_said_at_once() -> None:
    """In one refusal, with every bead and finding that is in the way."""
    all_of_it = {name: value for facts in ALONE.values() for name, value in facts.items()}
    found = obstacles_of(attrs.evolve(SAFE, **{**all_of_it, "reviewed": OLDER}))
    assert [each.code for each in found] == list(ALONE)
    refused = refusal_of("demo-1", found)
    assert refused.blocked_by == ("demo-2", "demo-3", "demo-1.1")
    assert [each.findings for each in found if each.findings] == [("f-00000001",)]
    assert refused.obstacles[0].output == "1 failed"
    assert refused.obstacles[0].file == "/out"
    for each in found:
        assert each.message in refused.message


@pytest.mark.parametrize(
    "facts",
    [
        SAFE,
        attrs.evolve(SAFE, kept=Kept.BASE),
        attrs.evolve(SAFE, kept=Kept.NO_REMOTE),
        attrs.evolve(SAFE, review_wanted=True, reviewed=HEAD),
        attrs.evolve(SAFE, reviewed=OLDER),
        attrs.evolve(SAFE, findings=(finding(1, 2), finding(2, 4))),
        Facts(SAFE.bead, review_wanted=True, kept=Kept.NOWHERE),
    ],
    ids=["published", "landed", "no remote", "reviewed", "older review", "lesser findings", "no branch"],
)
def test_nothing_stands_in_the_way(facts: Facts) -> None:
    """Of a bead without a branch nothing that is about commits is asked."""
    assert list(obstacles_of(facts)) == []


def test_findings_of_an_older_review_say_that_the_branch_went_on() -> None:
    """They may be mended since: reading it again tells."""
    (found,) = obstacles_of(attrs.evolve(SAFE, findings=(finding(1, 0),), reviewed=OLDER))
    assert "P0 Title 1" in found.message
    assert "the branch went on since" in found.message


def test_a_remote_that_cannot_be_asked_stands_in_the_way_with_the_reason() -> None:
    """Nothing is assumed of it."""
    facts = attrs.evolve(SAFE, kept=Kept.UNKNOWN, trouble="origin does not answer.")
    (found,) = obstacles_of(facts)
    assert found.code is RefusalCode.NOT_PUBLISHED
    assert found.message.endswith("could not be found out: origin does not answer.")


def test_many_names_are_cut_in_words_and_not_in_data() -> None:
    """A sentence stays a sentence."""
    children = tuple(f"demo-1.{number}" for number in range(9))
    (found,) = obstacles_of(attrs.evolve(SAFE, children=children))
    assert found.message.endswith("demo-1.4 and 4 more are open.")
    assert found.beads == children
