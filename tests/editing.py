"""What an editor does with a file and what it shows of it, for tests of findings."""

from collections.abc import Sequence
from typing import Any

from lsprotocol import types

from lsp_window import Window

Change = tuple[tuple[int, int], tuple[int, int], str]
"""From, to, and what takes its place."""


def opens(window: Window, uri: str, text: str) -> None:
    """Open a file."""
    window.client.text_document_did_open(
        types.DidOpenTextDocumentParams(types.TextDocumentItem(uri, "python", 1, text))
    )


def edits(window: Window, uri: str, version: int, *changes: Change) -> None:
    """Edit an open file."""
    window.client.text_document_did_change(
        types.DidChangeTextDocumentParams(
            types.VersionedTextDocumentIdentifier(version, uri),
            [
                types.TextDocumentContentChangePartial(
                    types.Range(types.Position(*start), types.Position(*end)), text
                )
                for start, end, text in changes
            ],
        )
    )


def shown(window: Window, uri: str) -> list[types.Diagnostic]:
    """Give what is shown of a file."""
    return list(window.client.diagnostics.get(uri, ()))


def lines_shown(window: Window, uri: str) -> list[tuple[int, int, str]]:
    """Give the first and last line of each diagnostic of a file, and its title."""
    return [
        (each.range.start.line, each.range.end.line, each.message.split("\n")[0])
        for each in shown(window, uri)
    ]


async def actions(
    window: Window, uri: str, line: int, *only: str
) -> Sequence[types.CodeAction | types.Command]:
    """Ask for code actions on a line, with the diagnostics that the editor has there."""
    here = [each for each in shown(window, uri) if each.range.start.line == line]
    found = await window.client.text_document_code_action_async(
        types.CodeActionParams(
            types.TextDocumentIdentifier(uri),
            types.Range(types.Position(line, 0), types.Position(line, 0)),
            types.CodeActionContext(here, list(only) or None),
        )
    )
    return found or ()


async def choose(window: Window, found: Sequence[types.CodeAction | types.Command], title: str) -> Any:
    """Do what a person does who picks an action."""
    action = next(each for each in found if each.title.startswith(title))
    command = action.command if isinstance(action, types.CodeAction) else action
    assert isinstance(command, types.Command)
    assert command.arguments is not None
    return await window.ask(command.command.removeprefix("beadwork."), *command.arguments)
