"""What the readers of a review are told: each its portion of the changes, the last one what they found.

What it leaves out: starting them (`review.py`), and the words (`prompts/review.md`, `prompts/merge.md`).
"""

import json
from collections.abc import Sequence

import attrs

from beadwork.beads import Bead
from beadwork.checkouts import ChangeKind, Checkout, Difference
from beadwork.context import FINDINGS, ChangedFile, PromptKind, name_of_change, portions_of
from beadwork.executions import Assignment, EventKind, Order
from beadwork.findings import Review
from beadwork.workflows.working.bench import Bench
from beadwork.workflows.working.telling_agent import account_of, prompt_for


def changed_files(difference: Difference) -> tuple[ChangedFile, ...]:
    """Give the changes as a reader is told them."""
    return tuple(
        ChangedFile(
            file.path,
            f"renamed from {file.old_path}" if file.kind is ChangeKind.RENAMED else file.kind.value,
            file.text,
            file.note,
        )
        for file in difference.files
    )


@attrs.frozen
class Task:
    """What one reader is to do."""

    kind: PromptKind
    checkout: Checkout
    changes: Sequence[ChangedFile] = ()
    findings: Sequence[str] | None = None
    """What it is told of findings; None for those of earlier reviews that are still open."""


@attrs.frozen
class Told:
    """The prompt for one reader."""

    text: str
    cut: tuple[str, ...]
    """The paths of files whose changes are not in it as a whole."""
    whole: bool
    """Whether all findings that it is told are in it."""


def portions_as_tasks(checkout: Checkout, difference: Difference, budget: int) -> Sequence[Task]:
    """Give a task for each portion of the changes that fits into a prompt of `budget` tokens."""
    portions = portions_of(changed_files(difference), budget)
    if len(portions) == 1:
        return [Task(PromptKind.REVIEW, checkout, portions[0])]
    return [
        Task(PromptKind.REVIEW, _with_part(checkout, number, len(portions)), portion)
        for number, portion in enumerate(portions, 1)
    ]


def merging_task(checkout: Checkout, reviews: Review) -> Task:
    """Give the task of the one who puts the reviews of the portions together."""
    found = [json.dumps(attrs.asdict(finding), ensure_ascii=False) for finding in reviews.findings]
    return Task(PromptKind.MERGE, checkout, findings=[f"Summary of the readers: {reviews.summary}", *found])


async def prompt_of(task: Task, assignment: Assignment, bench: Bench) -> Told:
    """Make the prompt, and write down what it takes. Raises PromptError, TrackerError."""
    order = assignment.run.order
    beads = (await bench.tracker.list()).beads
    bead = next((bead for bead in beads if bead.id == order.bead), None) or _stand_in(order)
    prompt = await prompt_for(
        task.kind,
        bench.desk,
        bead,
        beads,
        task.checkout,
        findings=bench.open_findings(order.bead, beads) if task.findings is None else task.findings,
        changes=task.changes,
        this_run=assignment.run.id,
    )
    assignment.log.write(EventKind.NOTE, text=account_of(prompt))
    for warning in prompt.warnings:
        assignment.log.write(EventKind.NOTE, text=warning)
    names = {
        each.path: name_of_change(number, len(task.changes)) for number, each in enumerate(task.changes, 1)
    }
    cut = {part.name for part in prompt.parts if part.cut}
    return Told(prompt.text, tuple(path for path, name in names.items() if name in cut), FINDINGS not in cut)


def _with_part(checkout: Checkout, number: int, count: int) -> Checkout:
    words = (
        f"The work is too much for one reader. This is part {number} of {count}: review the changes that are "
        "shown here; others review the rest."
    )
    return attrs.evolve(checkout, notes=(*checkout.notes, words))


def _stand_in(order: Order) -> Bead:
    """Give what is told instead of a bead: there is none for what the user has at hand."""
    words = "There is no bead for this work: judge it by what it says itself, and by the project."
    return Bead(id=order.bead, title=order.title, status="open", type="task", priority=2, description=words)
