"""The answers to commands that make and change beads, and that show one as a page.

What it leaves out: what a change means (`workflows/editing/`), what a page looks like (`workflows/pages/`),
and that every window hears of it, which follows by itself (`watching.py`).
"""

from pathlib import Path

from beadwork.beads import Change
from beadwork.lsp import editing_arguments as arguments
from beadwork.lsp.editor import Level
from beadwork.lsp.errors import InvalidArguments
from beadwork.lsp.folders import path_of
from beadwork.lsp.session import Session
from beadwork.lsp.wire import Reply
from beadwork.workflows import CreateRequest, Place, Wanted


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
        folder = self._session.folders.named(ask.folder)
        project = await self._session.project(ask.folder)
        request = CreateRequest(
            ask.title,
            ask.description,
            ask.type or "task",
            ask.priority,
            ask.labels,
            ask.parent,
            ask.depends_on,
            _place(ask, folder),
            within=folder,
        )
        made = await self._application.editing.create(project, request)
        page = await self._application.page(project, made)
        words = f"Made {made}: {page.bead.title}"
        return Reply({"page": page}, lambda: self._session.tell(Level.INFO, words))

    async def change(self, ask: arguments.ChangeBead) -> Reply:
        """Answer `beadwork.change`."""
        project = await self._session.project(ask.folder)
        wanted = Change(
            title=ask.title,
            description=ask.description,
            design=ask.design,
            acceptance=ask.acceptance,
            notes=ask.notes,
            status=ask.status,
            priority=ask.priority,
            type=ask.type,
            assignee=ask.assignee,
            add_labels=ask.add_labels,
            remove_labels=ask.remove_labels,
        )
        await self._application.editing.change(project, ask.id, wanted)
        return await self._page(project, ask.id)

    async def depend(self, ask: arguments.Depend) -> Reply:
        """Answer `beadwork.depend`."""
        project = await self._session.project(ask.folder)
        editing = self._application.editing
        step = editing.undepend if ask.remove else editing.depend
        await step(project, ask.id, ask.on, ask.kind)
        return await self._page(project, ask.id)

    async def comment(self, ask: arguments.AddComment) -> Reply:
        """Answer `beadwork.comment`."""
        project = await self._session.project(ask.folder)
        await self._application.editing.comment(project, ask.id, ask.text)
        return await self._page(project, ask.id)

    async def choices(self, ask: arguments.ListChoices) -> Reply:
        """Answer `beadwork.choices`."""
        project = await self._session.project(ask.folder)
        return Reply({"choices": await self._application.editing.choices(project)})

    async def begin(self, ask: arguments.BeginBeads) -> Reply:
        """Answer `beadwork.init`."""
        folder = self._session.folders.named(ask.folder)
        await self._application.editing.begin(folder, ask.tracker or "embedded", ask.prefix)
        project = await self._session.listing(folder, Wanted())
        words = f"Begun in {project.folder}: {project.tracker}"
        return Reply({"project": project}, lambda: self._session.tell(Level.INFO, words))

    async def _page(self, project: Path, bead: str) -> Reply:
        return Reply({"page": await self._application.page(project, bead)})


def _place(ask: arguments.CreateBead, folder: Path) -> Place | None:
    if not ask.file:
        return Place(None, text=ask.text) if ask.text else None
    path = folder / ask.file if ":" not in ask.file.partition("/")[0] else path_of(ask.file)
    if path is None:
        raise InvalidArguments(
            f"`file` of `beadwork.create` is {ask.file!r}, but must be a path or a file: URI."
        )
    return Place(path, ask.line, ask.text)
