"""The answers to commands that make and change beads, and that show one as a page.

What it leaves out: what a change means (`workflows/editing/`), what a page looks like (`workflows/pages/`).
"""

from beadwork.lsp import editing_arguments as arguments
from beadwork.lsp.session import Session
from beadwork.lsp.wire import Reply


class EditingAnswers:
    """What a session answers about the beads themselves. All of it may raise BeadworkError."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._application = session.application

    async def page(self, ask: arguments.ShowPage) -> Reply:
        """Answer `beadwork.page`."""
        return Reply(await self._application.page_html(await self._session.project(ask.folder), ask.id))

    async def create(self, ask: arguments.CreateBead) -> Reply:
        """Answer `beadwork.create`."""
        raise NotImplementedError

    async def change(self, ask: arguments.ChangeBead) -> Reply:
        """Answer `beadwork.change`."""
        raise NotImplementedError

    async def depend(self, ask: arguments.Depend) -> Reply:
        """Answer `beadwork.depend`."""
        raise NotImplementedError

    async def comment(self, ask: arguments.AddComment) -> Reply:
        """Answer `beadwork.comment`."""
        raise NotImplementedError

    async def choices(self, ask: arguments.ListChoices) -> Reply:
        """Answer `beadwork.choices`."""
        raise NotImplementedError

    async def begin(self, ask: arguments.BeginBeads) -> Reply:
        """Answer `beadwork.init`."""
        raise NotImplementedError
