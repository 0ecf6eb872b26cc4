"""Takes what readers answered: as a review with places that are there, and each finding with its lines.

What it leaves out: keeping it (`outcome.py`).
"""

import os
from collections.abc import Mapping, Sequence

import attrs

from beadwork.checkouts import ChangeKind, Checkout, Difference, Evidence
from beadwork.findings import Reported, Review, Tree, Unreadable, anchor_in, lines_of, plain, read_review
from beadwork.workflows.working.bench import Bench

_SHOWN = 20
_UNCOUNTED = 2**31
"""Stands for the number of lines of a file that was not read yet: whatever line is named is taken."""


@attrs.frozen
class Answer:
    """What one reader answered."""

    typed: object
    """None where it filled in no form."""
    text: str


@attrs.frozen
class Answers:
    """What all readers of one review answered."""

    parts: tuple[Answer, ...]
    """One for each portion of the changes."""
    together: Answer | None = None
    """That of the one who put the parts together, if there was one."""


@attrs.frozen
class Taken:
    """What came of the answers."""

    review: Review | Unreadable
    found: tuple[Reported, ...]
    evidence: Evidence
    """What the readers left in the checkout."""
    changed: tuple[str, ...]
    """Paths of the reviewed commit that are not as they were; what a test leaves beside them is none."""
    unseen: tuple[str, ...]
    """Sentences about what was read, and what was not looked at."""
    text: str
    """The last answer, for who wants to read it."""


async def tree_of(bench: Bench, checkout: Checkout, difference: Difference) -> Tree:
    """Give the files of the reviewed commit, their lines not counted yet. Raises CheckoutError."""
    survey = await bench.checkouts.survey(checkout)
    return Tree(
        lines=dict.fromkeys(survey.files, _UNCOUNTED),
        roots=(checkout.path, checkout.repository),
        renamed={f.old_path: f.path for f in difference.files if f.kind is ChangeKind.RENAMED},
        deleted=frozenset(f.path for f in difference.files if f.kind is ChangeKind.DELETED),
    )


def unseen_of(difference: Difference, unread: Sequence[str], cut: Sequence[str]) -> list[str]:
    """Say what of the changes nobody looked at, or nobody as a whole."""
    hidden = [f"{file.path} ({file.note})" for file in difference.files if file.unseen]
    notes = [f"Not looked at: {_some(hidden)}."] if hidden else []
    notes += [f"Not looked at, for it was too much: {_some(unread)}."] if unread else []
    notes += [f"Not looked at in full, for want of room in a prompt: {_some(cut)}."] if cut else []
    return notes


async def take(
    bench: Bench, checkout: Checkout, tree: Tree, answers: Answers, unseen: Sequence[str]
) -> Taken:
    """Take what was put together if it can be read, else all parts. Raises CheckoutError."""
    evidence = await bench.checkouts.evidence(checkout)
    named = _paths(_read(answers, tree))
    counted = await bench.checkouts.count_lines(checkout, named)
    review = _read(answers, attrs.evolve(tree, lines={**tree.lines, **counted}))
    there = _as_told(tree)
    contents = await bench.checkouts.read(checkout, await bench.checkouts.survey(checkout), named)
    return Taken(
        review=review,
        found=_with_lines(review, contents) if isinstance(review, Review) else (),
        evidence=evidence,
        changed=tuple(path for path in evidence.leftovers if path in there),
        unseen=tuple(unseen),
        text=(answers.together or answers.parts[-1]).text,
    )


def _as_told(tree: Tree) -> frozenset[str]:
    """Give the paths of the tree as evidence spells them: bytes that are no UTF-8 written out."""
    return frozenset(os.fsencode(path).decode("utf-8", "backslashreplace") for path in tree.lines)


def as_one(answers: Sequence[Answer], tree: Tree) -> Review | Unreadable:
    """Give the reviews of several readers as one: ready when all say so, unreadable when one is."""
    reviews: list[Review] = []
    for answer in answers:
        read = read_review(answer.typed, answer.text, tree)
        if isinstance(read, Unreadable):
            return read
        reviews.append(read)
    found = {(each.key, each.place): each for review in reviews for each in review.findings}
    return Review(
        findings=tuple(found.values()),
        summary=" ".join(review.summary for review in reviews if review.summary),
        pr_ready=all(review.pr_ready for review in reviews),
        notes=tuple(note for review in reviews for note in review.notes),
    )


def _read(answers: Answers, tree: Tree) -> Review | Unreadable:
    if answers.together is not None:
        review = read_review(answers.together.typed, answers.together.text, tree)
        if isinstance(review, Review):
            return review
    return as_one(answers.parts, tree)


def _some(names: Sequence[str]) -> str:
    more = len(names) - _SHOWN
    shown = ", ".join(plain(name, one_line=True) for name in names[:_SHOWN])
    return f"{shown} and {more} more" if more > 0 else shown


def _paths(review: Review | Unreadable) -> list[str]:
    if isinstance(review, Unreadable):
        return []
    places = [place for f in review.findings for place in (f.place, *f.also) if place is not None]
    return sorted({place.path for place in places})


def _with_lines(review: Review, contents: Mapping[str, bytes | None]) -> tuple[Reported, ...]:
    texts: dict[str, list[str]] = {}
    reported = []
    for finding in review.findings:
        place, anchor = finding.place, None
        content = contents.get(place.path) if place else None
        if place is not None and place.line is not None and content is not None:
            if place.path not in texts:
                texts[place.path] = lines_of(content.decode("utf-8", "replace"))
            anchor = anchor_in(texts[place.path], place.path, place.line, place.end or place.line)
        reported.append(Reported(finding, anchor))
    return tuple(reported)
