"""Opening a session: all of Beadwork is loaded with this module, once the editor has its first answer."""

from collections.abc import Callable

from beadwork.lsp.answering import Answers
from beadwork.lsp.editor import Editor
from beadwork.lsp.folders import Folders
from beadwork.lsp.joining import Client
from beadwork.lsp.output import Spawn
from beadwork.lsp.session import Session
from beadwork.lsp.texts import Texts
from beadwork.settings import Layer
from beadwork.state_folder import StateFolder
from beadwork.workflows import Application, build

Make = Callable[[StateFolder, Layer | None], Application]


def open_session(  # noqa: PLR0917  (each is a thing of its own)
    client: Client, editor: Editor, folders: Folders, texts: Texts, spawn: Spawn, make: Make | None
) -> Answers:
    """Make the Application, by `workflows.build` unless by `make`, and begin a session with it.

    Raises BeadworkError.
    """
    layer = Layer("editor settings", client.settings, trusted=True) if client.settings else None
    application = (make or build)(StateFolder.of_user(), layer)
    session = Session(application, client, editor, folders, texts.documents, spawn)
    session.begin()
    texts.attend(session.findings, client.traits, application.has_bead)
    return Answers(session)
