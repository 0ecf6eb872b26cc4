"""Prompts: what an agent is told, from a template that a person would edit (`prompts/*.md`).

What it leaves out: finding out about the project (later rooms of `context/`), and sending it.
"""

import string
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

import attrs

from beadwork.context.fences import fenced, new_mark

CHECKOUT_PROMPTS = Path(__file__).parents[3] / "prompts"
"""Where the templates are when Beadwork runs from its own checkout; in the wheel they are in the package."""


@attrs.frozen
class Telling:
    """What is told of a bead: its fields under their names, in order; empty ones are left out."""

    id: str
    branch: str
    fields: Sequence[tuple[str, str]]
    """Name and text: title, type and priority, description, design, acceptance criteria, notes, comments."""
    notes: Sequence[str]
    """Sentences of ours: where the branch stands, what stayed out of the checkout, how earlier runs ended."""


def work_prompt(telling: Telling) -> str:
    """Give the prompt for working on a bead."""
    mark = new_mark()
    shown = [fenced(mark, name, text) for name, text in telling.fields if text.strip()]
    notes = "\n".join(f"- {note}" for note in telling.notes) or "- Nothing in particular."
    template = string.Template(_template("work.md"))
    return template.safe_substitute(
        id=telling.id,
        branch=telling.branch,
        mark=mark,
        bead="\n\n".join(shown),
        notes=notes,
    )


def _template(name: str) -> str:
    packaged = resources.files("beadwork").joinpath("prompts", name)
    if packaged.is_file():
        return packaged.read_text("utf-8")
    return (CHECKOUT_PROMPTS / name).read_text("utf-8")
