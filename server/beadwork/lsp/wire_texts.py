"""The messages about texts as they come over the wire, each handed on to `Texts`.

pygls keeps texts of its own, whole and copied with each change; ours take their place.
"""

from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.protocol import LanguageServerProtocol
from pygls.protocol.language_server import lsp_method

from beadwork.lsp.traits import Traits

if TYPE_CHECKING:
    from beadwork.lsp.texts import Texts

SOURCE_KIND = "source.beadwork"
"""The kind of code actions for a whole file."""


class WireOfTexts(LanguageServerProtocol):
    """The part of an editor's connection that is about texts."""

    def texts(self) -> "Texts":
        """Give who is told of them."""
        raise NotImplementedError

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: types.DidOpenTextDocumentParams) -> None:
        """Take in a text."""
        self.texts().opened(params)

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> None:
        """Take in edits."""
        self.texts().changed(params)

    @lsp_method(types.TEXT_DOCUMENT_DID_SAVE)
    def lsp_text_document__did_save(self, params: types.DidSaveTextDocumentParams) -> None:
        """Take in that a text is on the disk."""
        self.texts().saved(params)

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: types.DidCloseTextDocumentParams) -> None:
        """Let go of a text."""
        self.texts().closed(params.text_document.uri)

    @lsp_method(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def lsp_workspace__did_change_watched_files(self, _: types.DidChangeWatchedFilesParams) -> None:
        """Look at the files at once; we did not ask to be told, but some editors do so."""
        self.texts().files_changed()

    @lsp_method(types.TEXT_DOCUMENT_CODE_ACTION)
    def lsp_text_document__code_action(self, params: types.CodeActionParams) -> object:
        """Give what can be done at a place."""
        return self.texts().code_actions(params)

    @lsp_method(types.TEXT_DOCUMENT_DIAGNOSTIC)
    def lsp_text_document__diagnostic(self, params: types.DocumentDiagnosticParams) -> object:
        """Give the diagnostics of a file."""
        return self.texts().diagnostic(params)

    @lsp_method(types.WORKSPACE_DIAGNOSTIC)
    def lsp_workspace__diagnostic(self, params: types.WorkspaceDiagnosticParams) -> object:
        """Give the diagnostics of all files."""
        return self.texts().workspace_diagnostic(params)

    def heed_lost(self, message: dict[str, Any]) -> None:
        """Take in a change that cannot be read: from here on nothing is known of that text.

        It is taken as it is on the disk, until it is opened again.
        """
        match message:
            case {"method": types.TEXT_DOCUMENT_DID_CHANGE, "params": {"textDocument": {"uri": str(uri)}}}:
                self.texts().closed(uri)
            case _:
                return


def announce_texts(capabilities: types.ServerCapabilities, traits: Traits) -> None:
    """Say what we do with texts; an editor that is sent diagnostics is not told that it may ask for them."""
    capabilities.position_encoding = types.PositionEncodingKind.Utf16
    capabilities.text_document_sync = types.TextDocumentSyncOptions(
        open_close=True,
        change=types.TextDocumentSyncKind.Incremental,
        save=types.SaveOptions(include_text=False),
    )
    capabilities.code_action_provider = types.CodeActionOptions(
        code_action_kinds=[types.CodeActionKind.QuickFix, types.CodeActionKind.Refactor, SOURCE_KIND]
    )
    capabilities.diagnostic_provider = (
        types.DiagnosticOptions(
            inter_file_dependencies=False, workspace_diagnostics=True, identifier="beadwork"
        )
        if traits.pulls
        else None
    )
