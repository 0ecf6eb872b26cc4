"""What is known when an agent is told something, and the prompt that comes of it; as data.

Other rooms' things arrive here as plain text and numbers. What it leaves out: finding them out.
"""

from collections.abc import Sequence
from enum import StrEnum

import attrs

from beadwork.context.stack import is_beside, stands_as_it_is
from beadwork.errors import BeadworkError


class PromptError(BeadworkError):
    """A prompt cannot be made: its template cannot be used, or there is no room for it."""

    code = "prompt"


class PromptKind(StrEnum):
    """What an agent is asked for; each has its template, `prompts/<kind>.md`."""

    WORK = "work"
    REVIEW = "review"
    FIX = "fix"
    CONFLICT = "conflict"
    MERGE = "merge"
    """Make one review of those of several readers."""


@attrs.frozen
class Relative:
    """A bead that the bead is connected with."""

    id: str
    relation: str
    """How the bead stands to it: `parent`, `depends on`, `discovered from` …"""
    title: str
    """Empty when there is no such bead here."""
    status: str = ""
    description: str = ""
    delivered: Sequence[str] = ()
    """What work on it left: its branch, the summary of its last run, its last comment."""


@attrs.frozen
class Attempt:
    """An earlier run on the same bead."""

    when: str
    state: str
    reason: str
    summary: str


@attrs.frozen
class Change:
    """A commit before the work began."""

    sha: str
    date: str
    subject: str
    files: tuple[str, ...]
    """The first of the paths it changed."""
    file_count: int


@attrs.frozen
class ToolCommand:
    """How a part of the project is installed, built, tested …"""

    folder: str
    """Relative to the repository; empty for its root."""
    ecosystem: str
    purpose: str
    line: str
    """As a person would type it in that folder."""
    source: str
    """Where it was read."""

    @property
    def as_it_stands(self) -> bool:
        """Whether the line can be typed as it is: without placeholders and expressions of a CI system."""
        return stands_as_it_is(self.line)

    @property
    def beside(self) -> bool:
        """Whether it is of a folder beside the project: of examples, documentation, what tests need."""
        return is_beside(self.folder)


@attrs.frozen
class Landscape:
    """What a commit of a project looks like, whatever the bead: it can be remembered by the commit."""

    commit: str
    files: tuple[str, ...]
    """All paths; bytes that are no UTF-8 are lone surrogates."""
    links: frozenset[str] = frozenset()
    modules: frozenset[str] = frozenset()
    changes: tuple[Change, ...] = ()
    readme: str = ""
    """Its headings and first paragraphs."""
    readme_path: str = ""
    commands: tuple[ToolCommand, ...] = ()
    notes: tuple[str, ...] = ()
    """Sentences about what could not be read."""


@attrs.frozen
class ChangedFile:
    """What the reviewed work changed in one file."""

    path: str
    kind: str
    """`added`, `changed`, `deleted`, `renamed from …`."""
    text: str
    """Its lines with their numbers; empty where there is nothing to show."""
    note: str = ""
    """Why not."""


@attrs.frozen
class Knowledge:
    """All that may be told of a bead. Empty things are left out of the prompt."""

    id: str
    branch: str
    base: str
    """The commit that the branch is compared with."""
    fields: Sequence[tuple[str, str]]
    """Name, a word of ours, and text: title, type and priority, description, acceptance criteria …"""
    comments: Sequence[str] = ()
    """The oldest first."""
    relatives: Sequence[Relative] = ()
    attempts: Sequence[Attempt] = ()
    """The newest first."""
    findings: Sequence[str] = ()
    """Findings of reviews that are still open."""
    changes: Sequence[ChangedFile] = ()
    """What is to be reviewed."""
    notes: Sequence[str] = ()
    """Sentences about the checkout: where the branch stands, what stayed out of it."""
    landscape: Landscape | None = None


@attrs.frozen
class PartSize:
    """What one part of a prompt takes."""

    name: str
    tokens: int
    """As it is in the prompt, its fence included."""
    whole_tokens: int
    """As it would be with room for all of it."""
    cut: str = ""
    """What was left out, in words; empty when nothing was."""


@attrs.frozen
class Prompt:
    """What an agent is sent, and the account of it."""

    text: str
    """Without control characters and lone surrogates, so it can be written anywhere as UTF-8."""
    template: str
    """Where the template came from: `Beadwork's own`, or its path."""
    tokens: int
    """Estimated, see `budget.py`."""
    budget: int
    parts: tuple[PartSize, ...]
    """In the order of the prompt; the first is the template itself."""
    warnings: tuple[str, ...] = ()
    """Sentences for a person: parts that the template has no place for."""
