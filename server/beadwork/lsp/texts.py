"""What an editor says of its texts, and what it asks about them: in the protocol's words, out of it in ours.

What it leaves out: the wire (`wire_texts.py`), and what findings are (`findings.py`).
"""

import logging

from lsprotocol import types

from beadwork.findings import Edit
from beadwork.lsp.code_actions import Asked, actions_for
from beadwork.lsp.diagnostics import Json
from beadwork.lsp.documents import Change, Documents
from beadwork.lsp.findings import Findings
from beadwork.lsp.folders import path_of
from beadwork.lsp.pulling import report_of, workspace_report
from beadwork.lsp.traits import Traits

logger = logging.getLogger(__name__)


class Texts:
    """The texts of one editor, from its first word on; their findings as soon as there is a session."""

    def __init__(self) -> None:
        self.documents = Documents()
        self._findings: Findings | None = None
        self._traits = Traits()

    def attend(self, findings: Findings, traits: Traits) -> None:
        """Tell `findings` of all that happens from now on."""
        self._findings = findings
        self._traits = traits

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
        return actions_for(asked, shown, self._findings.of_project)

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
