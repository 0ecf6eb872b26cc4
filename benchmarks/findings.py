"""What findings on their lines cost an editor: beside a bare pygls that keeps texts and pins nothing.

There are 10,000 findings in 500 files, 100 of them in the one that is edited. A keystroke is timed from the
change to the diagnostics that follow it, over the wire; the bare server sends back as many that are ready
made. A review is timed from its last byte in the store to the last file's diagnostics; the bare server is
asked by a command to send as many. Times are those of a processor in the server, which a busy machine does
not change, and for the review those of the clock beside them.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from beadwork.findings import Finding, FindingStore, Place, Reported, ReviewRecord, anchor_in, lines_of
from beadwork.state_folder import StateFolder
from benchmarks.startup import message

FILES, FINDINGS, IN_ONE = 500, 10_000, 100
LINES = 1000
KEYSTROKES = 400
MOST_MS, MOST_S = 5.0, 1.0
"""What a keystroke, and all of a review, is meant to stay under."""

BARE = """
import json
from lsprotocol import types
from pygls.lsp.server import LanguageServer

server = LanguageServer("bare", "1", text_document_sync_kind=types.TextDocumentSyncKind.Incremental)

def diagnostics(count):
    return [
        types.Diagnostic(
            types.Range(types.Position(line * 2, 4), types.Position(line * 2, 30)),
            "It is wrong in line\\nWhat is wrong, at some length, in the words of a reviewer.",
            severity=types.DiagnosticSeverity.Warning, code="f-12345678", source="bare",
            data={"finding": "f-12345678", "folder": "/somewhere/or/other"},
        )
        for line in range(count)
    ]

@server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
def changed(ls, params):
    document = params.text_document
    ls.text_document_publish_diagnostics(
        types.PublishDiagnosticsParams(document.uri, diagnostics(IN_ONE), document.version)
    )

@server.command("all")
def all_of_them():
    for number in range(FILES):
        count = IN_ONE if number == 0 else (FINDINGS - IN_ONE) // (FILES - 1)
        server.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(f"file:///file{number}.py", diagnostics(count))
        )

server.start_io()
"""


class Server:
    """A language server that is timed."""

    def __init__(self, argv: list[str], project: Path, state: Path) -> None:
        self._process = subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=project,
            env={**os.environ, "BEADWORK_STATE": str(state)},
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._in, self._out = self._process.stdin, self._process.stdout
        folder = {"uri": project.as_uri(), "name": "project"}
        known = {"publishDiagnostics": {"relatedInformation": True, "dataSupport": True}}
        params = {
            "processId": os.getpid(),
            "rootUri": project.as_uri(),
            "workspaceFolders": [folder],
            "capabilities": {"textDocument": known},
        }
        self.send({"id": 1, "method": "initialize", "params": params})
        self.receive()
        self.tell("initialized", {})

    def send(self, body: dict[str, object]) -> None:
        """Send a message."""
        self._in.write(message(body))
        self._in.flush()

    def tell(self, method: str, params: object) -> None:
        """Send a notification."""
        self.send({"method": method, "params": params})

    def receive(self) -> bytes:
        """Give the body of the next message."""
        length = 0
        while (line := self._out.readline()) not in {b"\r\n", b""}:
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        return self._out.read(length)

    def published(self, count: int) -> list[bytes]:
        """Wait for the diagnostics of `count` files, and give them."""
        found: list[bytes] = []
        while len(found) < count:
            body = self.receive()
            assert body, "the server has gone"
            if b"publishDiagnostics" in body:
                found.append(body)
        return found

    def busy(self) -> float:
        """Give the seconds of a processor that it has used."""
        times = psutil.Process(self._process.pid).cpu_times()
        return times.user + times.system

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()


def main() -> int:
    """Measure, print, and fail when something takes longer than it is meant to."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        project, state = root / "project", root / "state"
        _make(project)
        bare = Server([sys.executable, "-c", _bare()], project, state)
        ours = Server([sys.executable, "-P", "-m", "beadwork", "serve"], project, state)
        try:
            theirs = _measured(bare, lambda: _ask_for_all(bare))
            store = FindingStore(StateFolder(state).findings)
            store.record(_review(project), _found())
            ours_all = _measured(ours, lambda: _count(ours.published(FILES)))
            store.close()
            their_key, our_key = _keystrokes(project, bare), _keystrokes(project, ours, answers=True)
        finally:
            bare.close()
            ours.close()
    print(
        f"keystroke in a file with {IN_ONE} of {FINDINGS} findings: "
        f"bare pygls {their_key:.2f} ms, Beadwork {our_key:.2f} ms, ratio {our_key / their_key:.2f}"
    )
    print(
        f"{FINDINGS} findings in {FILES} files, from the store into the editor: bare pygls without a store "
        f"{theirs[0]:.2f} s, Beadwork {ours_all[0]:.2f} s, ratio {ours_all[0] / theirs[0]:.2f} "
        f"(by the clock {theirs[1]:.2f} s, {ours_all[1]:.2f} s)"
    )
    return 0 if our_key < MOST_MS and ours_all[0] < MOST_S else 1


def _bare() -> str:
    return f"FILES, FINDINGS, IN_ONE = {FILES}, {FINDINGS}, {IN_ONE}\n{BARE}"


def _measured(server: Server, call: Callable[[], None]) -> tuple[float, float]:
    """Give the seconds of a processor, and those of the clock."""
    before, start = server.busy(), time.perf_counter()
    call()
    took = time.perf_counter() - start
    return server.busy() - before, took


def _count(bodies: list[bytes]) -> None:
    found = sum(len(json.loads(body)["params"]["diagnostics"]) for body in bodies)
    assert found == FINDINGS, f"{found} diagnostics"


def _ask_for_all(server: Server) -> None:
    server.send({"id": 2, "method": "workspace/executeCommand", "params": {"command": "all"}})
    server.published(FILES)


def _keystrokes(project: Path, server: Server, *, answers: bool = False) -> float:
    """Add and remove a line at the top of the file; give the milliseconds of one keystroke.

    A server that `answers` sends diagnostics with the version when the file is opened.
    """
    file = project / _name(0)
    item = {"uri": file.as_uri(), "languageId": "python", "version": 1, "text": file.read_text("utf-8")}
    server.tell("textDocument/didOpen", {"textDocument": item})
    server.published(int(answers))
    before = server.busy()
    for version in range(2, KEYSTROKES + 2):
        added = version % 2 == 0
        end = {"line": 0 if added else 1, "character": 0}
        change = {
            "range": {"start": {"line": 0, "character": 0}, "end": end},
            "text": "\n" if added else "",
        }
        document = {"uri": item["uri"], "version": version}
        server.tell("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})
        server.published(1)
    return 1000 * (server.busy() - before) / KEYSTROKES


def _make(project: Path) -> None:
    (project / ".beads").mkdir(parents=True)
    moment = "2026-01-01T00:00:00Z"
    bead = {"id": "demo-1", "title": "A bead", "status": "open", "priority": 2, "issue_type": "task"}
    line = json.dumps(bead | {"created_at": moment, "updated_at": moment})
    (project / ".beads" / "issues.jsonl").write_text(f"{line}\n", "utf-8")
    subprocess.run(["git", "init", "-q", "."], cwd=project, check=True)
    for number in range(FILES):
        (project / _name(number)).write_text(_text(number), "utf-8")


def _name(number: int) -> str:
    return f"file{number}.py"


def _text(number: int) -> str:
    return "".join(f"    value_{line} = work({number}, {line})\n" for line in range(LINES))


def _review(project: Path) -> ReviewRecord:
    return ReviewRecord("run", str(project), "demo-1", "bead/demo-1", "a" * 40, "b" * 40, "", pr_ready=False)


def _found() -> list[Reported]:
    found = []
    for number in range(FILES):
        lines = lines_of(_text(number))
        rest = FINDINGS - IN_ONE
        count = IN_ONE if number == 0 else rest // (FILES - 1) + (number <= rest % (FILES - 1))
        for line in range(1, count + 1):
            place = Place(_name(number), line * 5, line * 5)
            words = "What is wrong, at some length, in the words of a reviewer."
            finding = Finding(f"It is wrong in line {line * 5}", words, place=place)
            found.append(Reported(finding, anchor_in(lines, place.path, line * 5, line * 5)))
    return found


if __name__ == "__main__":
    raise SystemExit(main())
