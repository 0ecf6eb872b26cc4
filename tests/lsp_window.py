"""An editor window for tests: the real server over stdio, spoken to by pytest-lsp as by a certain editor.

Its workers play scripts (`tests/programs/lsp_worker.py`); the store, the logs and the processes are real.
"""

import asyncio
import contextlib
import json
import subprocess
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities, make_test_lsp_client

from bead_places import bare_environment, record, write_jsonl
from eventually import eventually

Opener = Callable[..., Awaitable["Window"]]
"""Opens a window of a test; see `open_window` for how."""

SERVER = Path(__file__).parent / "programs" / "lsp_server.py"
WHOLE = ("-P", "-m", "beadwork", "serve")
"""The server as a person has it: its workers are the real ones, with agents and checkouts."""
JOINED = {"beadwork": {"notifications": True, "asks": True}}
BEADS = (
    record("demo-1"),
    record("demo-2", dependencies=[{"issue_id": "demo-2", "depends_on_id": "demo-1", "type": "blocks"}]),
    record("demo-3"),
)


@attrs.frozen
class Place:
    """A machine of one person: a repository with beads, a state folder, scripts for agents."""

    root: Path

    @property
    def workspace(self) -> Path:
        """The repository."""
        return self.root / "a project, größer"

    @property
    def environment(self) -> dict[str, str]:
        """What servers are started with; nothing of the user's."""
        home = self.root / "home"
        home.mkdir(exist_ok=True)
        return {**bare_environment(home), "BEADWORK_STATE": str(self.root / "state")}

    def make_workspace(self, name: str = "", beads: Sequence[Mapping[str, object]] = BEADS) -> Path:
        """Make a repository with beads, and give its folder."""
        folder = self.root / name if name else self.workspace
        folder.mkdir(parents=True, exist_ok=True)
        for words in (["init", "-q", "."], ["commit", "-q", "--allow-empty", "-m", "First"]):
            subprocess.run(["git", *words], cwd=folder, env=self.environment, check=True, timeout=60)
        write_jsonl(folder, beads)
        return folder

    def settings(self, **values: object) -> None:
        """Write the person's settings file."""
        file = Path(self.environment["HOME"]) / ".config" / "beadwork" / "config.toml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items()), "utf-8")

    def script(self, *steps: Mapping[str, object]) -> str:
        """Write a script for the scripted agent, and give its path."""
        path = self.root / f"script-{len(list(self.root.glob('script-*')))}.json"
        path.write_text(json.dumps({"steps": steps}), "utf-8")
        return str(path)

    def processes(self) -> list[int]:
        """Give the processes, other than ours, that keep their state here: servers and workers."""
        mark = f"BEADWORK_STATE={self.root / 'state'}".encode()
        found = []
        for entry in Path("/proc").glob("[0-9]*/environ"):
            with contextlib.suppress(OSError):
                if mark in entry.read_bytes().split(b"\0"):
                    found.append(int(entry.parent.name))
        return found

    def held(self, *, then: Mapping[str, object] | None = None) -> tuple[str, Path]:
        """Give a script that waits until a file is there, and that file."""
        go = self.root / f"go-{len(list(self.root.glob('script-*')))}"
        steps = ({"say": "I begin."}, {"stall": True, "until": str(go)}, {"say": "I go on."})
        return self.script(*steps, then or {"done": "It is done."}), go


class Window:
    """One editor window with its own server."""

    def __init__(self, client: LanguageClient) -> None:
        self.client = client
        self.joined: types.InitializeResult
        """What the server said that it can do."""
        self.heard: list[tuple[str, Any]] = []
        """Each `beadwork/*` notification, as it came."""
        self.asked: list[types.ShowMessageRequestParams] = []
        self.answers: asyncio.Queue[str] = asyncio.Queue()
        """What the person chooses when asked."""

    @property
    def pid(self) -> int:
        """The server's process."""
        server = self.client._server
        assert server is not None
        return server.pid

    @property
    def messages(self) -> list[tuple[types.MessageType, str]]:
        """What was shown to the person."""
        return [(types.MessageType(message.type), message.message) for message in self.client.messages]

    @property
    def opened(self) -> list[str]:
        """The files that were opened for the person."""
        return [shown.uri for shown in self.client.shown_documents]

    @property
    def progress(self) -> list[list[Any]]:
        """The values of each progress."""
        return list(self.client.progress_reports.values())

    async def ask(self, command: str, *arguments: object) -> Any:
        """Run a command, and give its answer as JSON."""
        params = types.ExecuteCommandParams(f"beadwork.{command}", arguments=list(arguments))
        return plain(await self.client.workspace_execute_command_async(params))

    async def work(self, bead: str, script: str, **more: object) -> Any:
        """Work on a bead with a script, and give the run."""
        answer = await self.ask("work", {"id": bead, "agent": "scripted", "script": script, **more})
        return answer["run"]

    def titles(self, question: int = -1) -> list[str]:
        """Give what the person could choose in a question, the last one unless told otherwise."""
        return [action.title for action in self.asked[question].actions or []]

    async def run(self, run: str) -> Any:
        """Give a run as it is now."""
        return next(found for found in (await self.ask("runs"))["runs"] if found["id"] == run)

    def events(self, run: str) -> list[Any]:
        """Give the events of a run that were sent so far."""
        return [
            event
            for method, params in self.heard
            if method == "beadwork/output" and params["run"] == run
            for event in params["events"]
        ]

    def ended(self, run: str) -> bool:
        """Whether the end of a run's output was sent."""
        return any(m == "beadwork/output" and p["run"] == run and p["ended"] for m, p in self.heard)

    def states(self, run: str) -> list[str]:
        """Give the states of a run that were announced."""
        return [
            params["run"]["state"]
            for method, params in self.heard
            if method == "beadwork/executionChanged" and params["run"]["id"] == run
        ]

    async def until(self, what: str, holds: Callable[[], object]) -> None:
        """Wait until something was heard."""
        await eventually(what, holds)


def plain(value: Any) -> Any:
    """Give what the client made of JSON as plain JSON again."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if hasattr(value, "_asdict"):
        return plain(value._asdict())
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if hasattr(value, "__dict__"):
        return plain(vars(value))
    return value


async def open_window(
    place: Place,
    *,
    editor: str = "",
    options: Mapping[str, object] | None = None,
    folders: Sequence[Path] | None = None,
    root: Path | None = None,
    whole: bool = False,
) -> Window:
    """Start a server as an editor would and join it; no `editor` is one without any optional capability.

    Without `folders` the workspace is the only one; with `root` there are none but that. Workers only play
    their scripts, unless `whole`.
    """
    config = ClientServerConfig(
        server_command=[sys.executable, *(WHOLE if whole else (str(SERVER),))],
        client_factory=make_test_lsp_client,
        server_env=place.environment,
    )
    client = await config.start()
    assert isinstance(client, LanguageClient)
    window = Window(client)
    _tell_actions_from_commands(client)
    _listen(window)
    capabilities = client_capabilities(editor) if editor else types.ClientCapabilities()
    opened = None if root else [place.workspace] if folders is None else folders
    window.joined = await client.initialize_session(
        types.InitializeParams(
            capabilities=capabilities,
            root_uri=root.as_uri() if root else None,
            workspace_folders=None
            if opened is None
            else [types.WorkspaceFolder(folder.as_uri(), folder.name) for folder in opened],
            initialization_options=options,
        ),
    )
    return window


async def close_window(window: Window) -> None:
    """Leave as a well-behaved editor does: what is still asked is closed."""
    for _ in window.asked:
        window.answers.put_nowait("")
    async with asyncio.timeout(20):
        await window.client.shutdown_session()
        await window.client.stop()  # type: ignore[no-untyped-call]


def _tell_actions_from_commands(client: LanguageClient) -> None:
    """Read code actions as they are: lsprotocol takes each that has a command for a bare command."""

    def read(value: Any, _: type) -> types.CodeAction | types.Command:
        if isinstance(value.get("command"), str):
            return converter.structure(value, types.Command)
        return converter.structure(value, types.CodeAction)

    converter = client.protocol._converter
    converter.register_structure_hook(types.Command | types.CodeAction, read)


def _listen(window: Window) -> None:
    def hear(method: str) -> None:
        @window.client.feature(method)  # type: ignore[untyped-decorator]
        def heard(params: Any) -> None:
            window.heard.append((method, plain(params)))

    for method in (
        "beadwork/beadsChanged",
        "beadwork/findingsChanged",
        "beadwork/executionChanged",
        "beadwork/output",
    ):
        hear(method)

    @window.client.feature(types.WINDOW_SHOW_MESSAGE_REQUEST)  # type: ignore[untyped-decorator]
    async def ask(params: types.ShowMessageRequestParams) -> types.MessageActionItem | None:
        window.asked.append(params)
        title = await window.answers.get()
        return types.MessageActionItem(title) if title else None
