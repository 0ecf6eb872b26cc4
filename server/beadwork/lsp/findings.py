"""The findings of one window: pinned to its files, whoever changes those, and shown where their text is.

Files that are open are as the editor has them, others as they are on the disk; a finding whose text the
user's file never had is shown in the reviewed checkout. One task loads and looks; edits are taken in at once.

What it leaves out: what is sent (`diagnostics.py`, `publishing.py`) and what can be done (`code_actions.py`).
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from beadwork.errors import BeadworkError
from beadwork.findings import Edit, KeptFinding
from beadwork.lsp.diagnostics import Json, Shown, diagnostic_of
from beadwork.lsp.documents import Change, Document, Documents
from beadwork.lsp.ground import Ground, Way, look, ways_of
from beadwork.lsp.publishing import Publisher, Sheet, Window
from beadwork.lsp.watching import Glances, project_or_none
from beadwork.workflows import Application

logger = logging.getLogger(__name__)

PACE = 0.2
"""Seconds between two looks at the signal of the findings."""
DISK_PACE = 1.0
"""Seconds between two looks at the files that have findings and are not open."""
TROUBLE_PACE = 3.0
"""Seconds until a project is tried again that could not be read."""
_SLICE = 8
"""Files in which findings are looked for before anything else has its turn."""


class Findings:
    """See the module. To be used from one event loop."""

    def __init__(
        self,
        application: Application,
        window: Window,
        glances: Glances,
        documents: Documents,
        folders: Callable[[], Iterable[Path]],
    ) -> None:
        self._application = application
        self._window = window
        self._glances = glances
        self._documents = documents
        self._folders = folders
        self._ways: tuple[Way, ...] = ()
        self._trees: dict[tuple[Path, str], Ground] = {}
        """The user's files, by project and root."""
        self._checkouts: dict[tuple[Path, str], Ground] = {}
        """Reviewed commits, by project and subject."""
        self._found: dict[Path, Sequence[KeptFinding]] = {}
        self._signal: str | None = None
        self._settled: tuple[Path, ...] | None = None
        self._due: set[Path] = set()
        self._unhoused: set[Path] = set()
        """Projects whose findings without their text are others than before."""
        self._looked = 0.0
        self._wake = asyncio.Event()
        refresh = window.refresh if window.traits.pulls else None
        self._publisher = Publisher(window.notify, self.sheet, refresh)

    async def watch(self) -> None:
        """Keep everything as it is; never returns."""
        while True:
            self._wake.clear()
            try:
                await self._round()
            except (BeadworkError, OSError) as error:
                logger.warning("Findings cannot be watched at the moment: %s", error)
                await asyncio.sleep(TROUBLE_PACE)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PACE):
                    await self._wake.wait()

    def moved(self, folder: Path) -> None:
        """Take in that the beads of a folder changed, or that it has some now."""
        self._due.add(folder)
        self._settled = None
        self._wake.set()

    def look_now(self) -> None:
        """Look at the files and the findings at once."""
        self._looked = 0.0
        self._wake.set()

    def opened(self, document: Document) -> None:
        """Take in a file that was opened."""
        self._read(document)

    def edited(self, document: Document, changes: Sequence[Change]) -> None:
        """Take in changes to an open file; `document` has them already."""
        if not all(isinstance(change, Edit) for change in changes):
            self._read(document)
            return
        edits = [change for change in changes if isinstance(change, Edit)]
        for ground, path in self._places(self._key(document.path)):
            if ground.board.edit(path, edits):
                self._publisher.mark(ground.key(path), edited=True)

    def saved(self, document: Document) -> None:
        """Look for all findings of an open file anew."""
        self._read(document)

    def closed(self, document: Document) -> None:
        """Take in that a file is as it is on the disk from now on."""
        for ground, path in self._places(self._key(document.path)):
            ground.forget(path)
            self._publisher.mark(ground.key(path))
        self.look_now()

    def sheet_of(self, path: str) -> Sheet:
        """Give what is to be shown of a file that the editor names."""
        return self.sheet(self._key(path))

    def sheet(self, key: str) -> Sheet:
        """Give what is to be shown of a file, by its real path."""
        document = self._open().get(key)
        diagnostics = [self._diagnostic(ground, shown) for ground, shown in self._shown(key)]
        uri = document.uri if document else self._uri(key)
        return Sheet(uri, document.version if document else None, diagnostics)

    def sheets(self) -> Sequence[Sheet]:
        """Give what is to be shown of all files with findings."""
        found = {ground.key(path) for ground in self._grounds() for path in ground.paths}
        return [self.sheet(key) for key in sorted(found)]

    def shown(self, path: str) -> Sequence[Shown]:
        """Give the findings in a file that the editor names, in the order of their lines."""
        return [shown for _, shown in self._shown(self._key(path))]

    def of_project(self, project: str) -> Sequence[KeptFinding]:
        """Give all findings of a project that count."""
        return self._found.get(Path(project), ())

    def project_at(self, path: str) -> Path | None:
        """Give the project whose beads serve a file that the editor names; None where there is none."""
        key = self._key(path)
        homes = [(len(top), project) for project, top in self._trees if key.startswith(f"{top}/")]
        return max(homes, key=lambda home: (key.startswith(f"{home[1]}/"), *home))[1] if homes else None

    async def _round(self) -> None:
        signal = self._application.reviews.signal()
        if (folders := tuple(dict.fromkeys(self._folders()))) != self._settled:
            await self._settle(folders)
        projects = {project for project, _ in self._trees}
        due = projects if signal != self._signal else projects & self._due
        self._due.clear()
        self._signal = signal
        for project in sorted(due):
            await self._load(project)
        now = asyncio.get_running_loop().time()
        if due or now - self._looked >= DISK_PACE or not self._looked:
            self._looked = now
            for ground in tuple(self._trees.values()):
                await self._look(ground)
            for ground in tuple(self._checkouts.values()):
                await self._look(ground)
        while self._unhoused:
            await self._house(self._unhoused.pop())

    async def _settle(self, folders: tuple[Path, ...]) -> None:
        """Take in which folders there are, and which projects they belong to."""
        self._settled = folders
        self._ways = await self._glances.at(lambda: ways_of(folders))
        wanted: dict[tuple[Path, str], None] = {}
        for folder, way in zip(folders, self._ways, strict=True):
            project = await project_or_none(self._application, folder)
            if project is not None:
                wanted[project, way.top] = None
        for gone in self._trees.keys() - wanted.keys():
            self._drop(self._trees.pop(gone))
        for project, top in wanted.keys() - self._trees.keys():
            self._trees[project, top] = Ground(project, top)
            self._due.add(project)
        remaining = {project for project, _ in self._trees}
        for gone in [each for each in self._checkouts if each[0] not in remaining]:
            self._drop(self._checkouts.pop(gone))

    async def _load(self, project: Path) -> None:
        try:
            found = tuple(await self._application.reviews.open(project))
        except BeadworkError as error:
            logger.warning("The findings of %s cannot be read at the moment: %s", project, error)
            asyncio.get_running_loop().call_later(TROUBLE_PACE, self.moved, project)
            return
        if found == self._found.get(project, ()):
            self._found.setdefault(project, found)
        else:
            self._found[project] = found
            self._window.changed(project)
        for ground in self._trees_of(project):
            self._fill(ground, found)
        self._unhoused.add(project)

    def _fill(self, ground: Ground, found: Sequence[KeptFinding]) -> None:
        open_now = self._open()
        for path in ground.replace(found):
            document = open_now.get(ground.key(path))
            if document is not None:
                self._take(ground, path, document.text.whole)
            else:
                self._publisher.mark(ground.key(path))

    async def _look(self, ground: Ground) -> None:
        """Take in what changed on the disk."""
        known = ground.known(self._open())
        if not known:
            return
        seen = await self._glances.at(lambda: look(ground.root, known))
        for count, (path, each) in enumerate(seen.items(), 1):
            if ground.key(path) in self._open():
                continue
            if ground.saw(path, each) and not ground.checkout:
                self._unhoused.add(ground.project)
            self._publisher.mark(ground.key(path))
            if count % _SLICE == 0:
                await asyncio.sleep(0)

    async def _house(self, project: Path) -> None:
        """Show in the checkouts of a project what has no place in the user's files."""
        trees = self._trees_of(project)
        counts: dict[str, int] = {}
        homeless: dict[str, KeptFinding] = {}
        for tree in trees:
            for kept in (kept for found in tree.homeless.values() for kept in found):
                homeless[kept.id] = kept
                counts[kept.id] = counts.get(kept.id, 0) + 1
        by_subject: dict[str, list[KeptFinding]] = {}
        for name, kept in homeless.items():
            if counts[name] == len(trees):
                by_subject.setdefault(kept.subject, []).append(kept)
        for subject in {*by_subject, *(name for each, name in self._checkouts if each == project)}:
            ground = self._checkouts.get((project, subject))
            if ground is None:
                folder = self._application.reviews.checkout_of(project, subject)
                ground = self._checkouts[project, subject] = Ground(project, str(folder), checkout=True)
            self._fill(ground, by_subject.get(subject, ()))
            await self._look(ground)

    def _read(self, document: Document) -> None:
        for ground, path in self._places(self._key(document.path)):
            self._take(ground, path, document.text.whole)

    def _take(self, ground: Ground, path: str, text: str) -> None:
        ground.forget(path)
        if ground.read(path, text) and not ground.checkout:
            self._unhoused.add(ground.project)
            self._wake.set()
        self._publisher.mark(ground.key(path))

    def _drop(self, ground: Ground) -> None:
        paths, ground.paths = ground.paths, frozenset()
        for path in paths:
            self._publisher.mark(ground.key(path))

    def _grounds(self) -> Iterator[Ground]:
        yield from self._trees.values()
        yield from self._checkouts.values()

    def _trees_of(self, project: Path) -> list[Ground]:
        return [ground for (each, _), ground in self._trees.items() if each == project]

    def _places(self, key: str) -> Iterator[tuple[Ground, str]]:
        for ground in self._grounds():
            path = ground.path_in(key)
            if path is not None:
                yield ground, path

    def _shown(self, key: str) -> Iterator[tuple[Ground, Shown]]:
        for ground, path in self._places(key):
            lines = ground.board.lines(path) or ()
            for pinned in ground.board.shown(path):
                yield ground, Shown(str(ground.project), pinned, lines)

    def _diagnostic(self, ground: Ground, shown: Shown) -> Json:
        return diagnostic_of(shown, self._window.traits, lambda path: self._uri(ground.key(path)))

    def _open(self) -> dict[str, Document]:
        return {self._key(document.path): document for document in self._documents}

    def _key(self, path: str) -> str:
        """Give the real path of what the editor names, as far as its folders are symbolic links."""
        for way in self._ways:
            if path.startswith(f"{way.named}/"):
                return way.real + path[len(way.named) :]
        return path

    def _uri(self, key: str) -> str:
        for way in self._ways:
            if key.startswith(f"{way.real}/"):
                return Path(way.named + key[len(way.real) :]).as_uri()
        return Path(key).as_uri()
