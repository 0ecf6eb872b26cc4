"""What a change of a bead is in the words of `bd update`, and whether bd did it.

A text goes in an argument, `--flag=TEXT`, so that one which begins with dashes is no flag; bd takes only a
description and a design from its input, one of them a call. What it leaves out: calling bd (`bd.py`).
"""

import csv
import io
from collections.abc import Mapping, Sequence

from beadwork.beads.model import Change
from beadwork.beads.port import TrackerError
from beadwork.beads.record import bead_of

_LONGEST_ARGUMENT = 100_000
"""Bytes that a single argument may have, well below what the system allows."""

Call = tuple[Sequence[str], str]
"""Words after `update`, and what goes into bd."""


def update_calls(bead: str, change: Change) -> list[Call]:
    """Give the calls that make `change`; none for no change. Raises TrackerError for a long text."""
    words, stdin = _fields(change), ""
    calls: list[Call] = []
    if change.description:
        words.append("--body-file=-")
        stdin = change.description
    if change.design is not None and too_long(change.design):
        calls.append((["--design-file=-"], change.design))
    elif change.design is not None:
        words.append(f"--design={change.design}")
    if too_long_one := next((word for word in words if too_long(word)), ""):
        flag = too_long_one.partition("=")[0].removeprefix("--")
        raise TrackerError(
            f"Nothing was changed in {bead}: bd takes up to {_LONGEST_ARGUMENT // 1000} kB as {flag}; "
            "make it shorter, or put it into a comment."
        )
    return [(words, stdin), *calls] if words else calls


def _fields(change: Change) -> list[str]:
    named = {
        "--title": change.title,
        # bd takes an empty description from the flag alone
        "--description": "" if change.description == "" else None,
        "--acceptance": change.acceptance,
        "--notes": change.notes,
        "--status": change.status,
        "--priority": None if change.priority is None else str(change.priority),
        "--type": change.type,
        "--assignee": change.assignee,
    }
    words = [f"{flag}={value}" for flag, value in named.items() if value is not None]
    words += [f"--add-label={comma_list([label])}" for label in change.add_labels]
    return words + [f"--remove-label={comma_list([label])}" for label in change.remove_labels]


def check_labels(bead: str, change: Change, records: Sequence[Mapping[str, object]]) -> None:
    """See that bd's answer has the labels as they were asked for. Raises TrackerError."""
    labels = set(bead_of(records[0]).labels) if records else set()
    lost = set(change.add_labels) - labels - set(change.remove_labels)
    left = set(change.remove_labels) & labels - set(change.add_labels)
    if lost or left:
        raise TrackerError(f"bd did not change the labels of {bead} as it was asked to.")


def comma_list(values: Sequence[str]) -> str:
    """Give a list as bd's flags take it: values with commas or quotes in them are quoted."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(values)
    return line.getvalue()


def too_long(text: str) -> bool:
    """Whether it does not fit into an argument."""
    return len(text.encode("utf-8", "surrogatepass")) > _LONGEST_ARGUMENT
