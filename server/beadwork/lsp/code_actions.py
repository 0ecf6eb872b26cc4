"""What a person can do about findings, as code actions: each is one of our commands with one object. Pure.

Findings are found by their lines and the code of their diagnostic, for not every editor gives us back what
else we said of one. Those of a whole file or review are `source` actions, too. What it leaves out: doing it
(`finding_answers.py`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import attrs
from lsprotocol import types

from beadwork.findings import KeptFinding
from beadwork.lsp.diagnostics import Json, Shown, code_of
from beadwork.lsp.wire_texts import SOURCE_KIND

QUICK = types.CodeActionKind.QuickFix.value
REFACTOR = types.CodeActionKind.Refactor.value
"""Of what is offered where nothing is wrong: VS Code's light bulb shows it, and any editor that lists all."""
_LONGEST = 60

FoundIn = Callable[[str], Sequence[KeptFinding]]
"""Gives all findings of a project."""


@attrs.frozen
class Asked:
    """What an editor asks actions for."""

    first: int
    """0-based line."""
    last: int
    codes: Mapping[str, types.Diagnostic]
    """The diagnostics of ours that it means, by their codes; empty when it names none."""
    only: Sequence[str]
    """The kinds that it wants; empty for those that belong to a place."""
    literals: bool
    """Whether it takes more than commands."""


@attrs.frozen
class Action:
    """A command for a person to choose."""

    title: str
    kind: str
    command: str
    argument: Json
    of: Shown | None = None
    """The finding that it is about; None when it is about several."""


def actions_for(
    asked: Asked, shown: Sequence[Shown], found_in: FoundIn, more: Iterable[Action] = ()
) -> list[Json]:
    """Give the actions for a place of a file, whose findings are `shown`, and `more` that are about it."""
    actions = (*_actions(asked, shown, found_in), *more)
    return [_as_json(asked, action) for action in actions if _is_wanted(asked, action)]


def _actions(asked: Asked, shown: Sequence[Shown], found_in: FoundIn) -> Iterator[Action]:
    here = [each for each in shown if _is_meant(asked, each)]
    for each in here:
        yield from _of_finding(each, named=len(here) > 1)
    if here:
        yield from _of_many(here[0].project, here[0].kept.run, shown, found_in, QUICK)
    for project in dict.fromkeys(each.project for each in shown):
        yield from _of_many(project, "", shown, found_in, SOURCE_KIND)


def _of_finding(shown: Shown, *, named: bool) -> Iterator[Action]:
    kept, folder = shown.kept, shown.project
    about = f": {_short(kept.finding.title)}" if named else ""
    several: Json = {"folder": folder, "findings": [kept.id]}
    one: Json = {"folder": folder, "finding": kept.id}
    if kept.bead:
        bead: Json = {"folder": folder, "id": kept.bead}
        yield Action(f"Open {kept.bead}{about}", QUICK, "beadwork.openBead", bead, shown)
    else:
        yield Action(f"Create a bead{about}", QUICK, "beadwork.createBeads", several, shown)
    if not kept.subject.startswith("@"):
        yield Action(f"Fix with an agent{about}", QUICK, "beadwork.fix", several, shown)
    yield Action(f"Dismiss{about}", QUICK, "beadwork.dismiss", one, shown)
    yield Action(f"Copy{about}", QUICK, "beadwork.copyFinding", one, shown)


def _of_many(
    project: str, run: str, shown: Sequence[Shown], found_in: FoundIn, kind: str
) -> Iterator[Action]:
    """Give what makes beads of all of a file, and of all of a review: `run`, else each of the file's."""
    lacking = [each.kept for each in shown if each.project == project and not each.kept.bead]
    if len(lacking) > 1 or (lacking and kind == SOURCE_KIND):
        title = f"Create beads of all {len(lacking)} findings of this file"
        yield Action(title, kind, "beadwork.createBeads", _named(project, lacking))
    runs = [run] if run else list(dict.fromkeys(each.kept.run for each in shown if each.project == project))
    for each in runs:
        found = [kept for kept in found_in(project) if kept.run == each and not kept.bead]
        if len(found) > 1:
            title = f"Create beads of all {len(found)} findings of the review of {_subject(found[0])}"
            yield Action(title, kind, "beadwork.createBeads", _named(project, found))


def _named(project: str, found: Sequence[KeptFinding]) -> Json:
    return {"folder": project, "findings": [kept.id for kept in found]}


def _subject(kept: KeptFinding) -> str:
    return {"@branch": "the branch", "@changes": "what is not committed"}.get(kept.subject, kept.subject)


def _is_meant(asked: Asked, shown: Shown) -> bool:
    if shown.pinned.last < asked.first or shown.pinned.first > asked.last:
        return False
    return not asked.codes or bool(_diagnostic(asked, shown))


def _diagnostic(asked: Asked, shown: Shown) -> types.Diagnostic | None:
    """Give the diagnostic of a finding, which the editor may know from before there was a bead."""
    return asked.codes.get(code_of(shown.kept)) or asked.codes.get(shown.kept.id)


def _is_wanted(asked: Asked, action: Action) -> bool:
    if not asked.only:
        return action.kind in {QUICK, REFACTOR}
    return any(not kind or action.kind == kind or action.kind.startswith(f"{kind}.") for kind in asked.only)


def _as_json(asked: Asked, action: Action) -> Json:
    command: Json = {"title": action.title, "command": action.command, "arguments": [action.argument]}
    if not asked.literals:
        return command
    literal: Json = {"title": action.title, "kind": action.kind, "command": command}
    diagnostic = _diagnostic(asked, action.of) if action.of is not None else None
    if diagnostic is not None:
        literal["diagnostics"] = [diagnostic]
    return literal


def _short(title: str) -> str:
    return title if len(title) <= _LONGEST else f"{title[: _LONGEST - 1]}…"
