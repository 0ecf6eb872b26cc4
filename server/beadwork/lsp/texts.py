"""What an editor says of its texts, and what it asks about them: in the protocol's words, out of it in ours.

What it leaves out: the wire (`wire_texts.py`), and what findings are (`findings.py`).
"""

import logging
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from lsprotocol import types

from beadwork.findings import Edit
from beadwork.lsp.code_actions import Action, Asked, actions_for
from beadwork.lsp.diagnostics import Json
from beadwork.lsp.documents import Change, Documents
from beadwork.lsp.findings import Findings
from beadwork.lsp.folders import path_of
from beadwork.lsp.pulling import report_of, workspace_report
from beadwork.lsp.todos import todo_actions, todos_in
from beadwork.lsp.traits import Traits

logger = logging.getLogger(__name__)

HasBead = Callable[[Path, str], bool]
"""Whether a project has a bead with that id; asked at once, so from memory."""


class Texts:
    """The texts of one editor, from its first word on; their findings as soon as there is a session."""

    def __init__(self) -> None:
        self.documents = Documents()
        self._findings: Findings | None = None
        self._traits = Traits()
        self._has_bead: HasBead = lambda _project, _bead: False

    def attend(self, findings: Findings, traits: Traits, has_bead: HasBead) -> None:
        """Tell `findings` of all that happens from now on."""
        self._findings = findings
        self._traits = traits
        self._has_bead = has_bead

    def opened(self, params: types.DidOpenTextDocumentParams) -> None:
        """A file was opened."""
        item = params.text_document
        document = self.documents.open(item.uri, item.version, item.text)
        if document is not None and self._findings is not None:
            self._findings.opened(document)

    def changed(self, params: types.DidChangeTextDocumentParams) -> None:
        """An open file was edited."""
        changes = [_change(change) for change in params.content_changes]
        named = params.text_document
        document = self.documents.change(named.uri, named.version, changes)
        if document is not None and self._findings is not None:
            self._findings.edited(document, changes)

    def saved(self, params: types.DidSaveTextDocumentParams) -> None:
        """An open file was saved."""
        document = self.documents.get(params.text_document.uri)
        if document is not None and self._findings is not None:
            self._findings.saved(document)

    def closed(self, uri: str) -> None:
        """A file was closed, or what is in it cannot be known any more."""
        document = self.documents.close(uri)
        if document is not None and self._findings is not None:
            self._findings.closed(document)

    def files_changed(self) -> None:
        """Files changed on the disk."""
        if self._findings is not None:
            self._findings.look_now()

    def code_actions(self, params: types.CodeActionParams) -> list[Json]:
        """Give what can be done about the findings at a place."""
        path = path_of(params.text_document.uri)
        if self._findings is None or path is None:
            return []
        shown = self._findings.shown(str(path))
        context, place = params.context, params.range
        asked = Asked(
            first=place.start.line,
            last=place.end.line,
            codes={str(each.code): each for each in context.diagnostics if each.source == "beadwork"},
            only=tuple(map(str, context.only)) if context.only else (),
            literals=self._traits.literals,
        )
        return actions_for(asked, shown, self._findings.of_project, self._todos(params, str(path)))

    def _todos(self, params: types.CodeActionParams, path: str) -> Iterator[Action]:
        """Give what makes beads of what is to do at a place."""
        document = self.documents.get(params.text_document.uri)
        if document is None or self._findings is None:
            return iter(())
        project = self._findings.project_at(path)
        if project is None:
            return iter(())
        first, end = params.range.start.line, params.range.end
        last = end.line - 1 if end.character == 0 and end.line > first else end.line
        is_bead = partial(self._has_bead, project)
        return todo_actions(str(project), path, todos_in(path, document.text.lines, first, last, is_bead))

    def diagnostic(self, params: types.DocumentDiagnosticParams) -> Json:
        """Give the diagnostics of a file, to an editor that asks for them."""
        path = path_of(params.text_document.uri)
        if self._findings is None or path is None:
            return report_of((), None)
        return report_of(self._findings.sheet_of(str(path)).diagnostics, params.previous_result_id)

    def workspace_diagnostic(self, params: types.WorkspaceDiagnosticParams) -> Json:
        """Give the diagnostics of all files, to an editor that asks for them."""
        before = {each.uri: each.value for each in params.previous_result_ids}
        return workspace_report(self._findings.sheets() if self._findings is not None else (), before)


def _change(change: types.TextDocumentContentChangeEvent) -> Change:
    if isinstance(change, types.TextDocumentContentChangeWholeDocument):
        return change.text
    start, end = change.range.start, change.range.end
    return Edit((start.line, start.character), (end.line, end.character), change.text)
