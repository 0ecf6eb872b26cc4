"""What a list of 10,000 beads costs over the wire: beside a bare pygls that has the same answer ready made.

Half of the beads are closed, 500 are epics with children, 200 have a run. The bare server knows nothing of
beads: it sends what ours answered, as pygls sends any answer. Times are those of a processor in the server,
which a busy machine does not change.
"""

import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from beadwork.executions import Order, Queue, Reason, State, Store, this_worker
from beadwork.state_folder import StateFolder
from benchmarks.findings import Server

BEADS, CLOSED_FROM, EPIC_EVERY, RUNS = 10_000, 5_000, 20, 200
ROUNDS = 7
NOT_CLOSED = ("running", "needs_you", "ready", "blocked", "in_progress", "done_to_review", "open")
MOMENT = "2026-01-01T00:00:00Z"

BARE = """
import json, sys
from pygls.lsp.server import LanguageServer

server = LanguageServer("bare", "1")
answer = json.load(open(sys.argv[1]))

@server.command("beadwork.list")
def listed(*_):
    return answer

server.start_io()
"""


def main() -> int:
    """Measure, and print medians in milliseconds and their ratio."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        project, state = root / "project", root / "state"
        _make(project, state)
        ours = Server([sys.executable, "-P", "-m", "beadwork", "serve"], project, state)
        try:
            answer = _answer(ours, {})
            whole, part = _milliseconds(ours, {}), _milliseconds(ours, {"only": NOT_CLOSED})
            changed = _changed(ours, project)
        finally:
            ours.close()
        (root / "answer.json").write_text(json.dumps(answer), "utf-8")
        bare = Server([sys.executable, "-c", BARE, str(root / "answer.json")], project, state)
        try:
            theirs = _milliseconds(bare, {})
        finally:
            bare.close()
    print(
        f"list of {BEADS} beads over the wire: bare pygls with the answer at hand {theirs:.0f} ms, "
        f"Beadwork {whole:.0f} ms, ratio {whole / theirs:.2f}; without closed ones {part:.0f} ms, "
        f"after a change of one bead {changed:.0f} ms"
    )
    return 0


def _answer(server: Server, argument: Mapping[str, object]) -> Mapping[str, object]:
    params = {"command": "beadwork.list", "arguments": [argument]}
    server.send({"id": 2, "method": "workspace/executeCommand", "params": params})
    while "id" not in (body := json.loads(server.receive())):
        pass
    assert "error" not in body, body
    answer: Mapping[str, object] = body["result"]
    return answer


def _milliseconds(server: Server, argument: Mapping[str, object]) -> float:
    return statistics.median(_once(server, argument) for _ in range(ROUNDS))


def _once(server: Server, argument: Mapping[str, object]) -> float:
    before = server.busy()
    _answer(server, argument)
    return 1000 * (server.busy() - before)


def _changed(server: Server, project: Path) -> float:
    """Give what it takes to read the beads again and list those that are open."""
    times = []
    for number in range(ROUNDS):
        _write(project, f"Changed {number}")
        before = server.busy()
        assert f"Changed {number}" in json.dumps(_answer(server, {"only": NOT_CLOSED}))
        times.append(1000 * (server.busy() - before))
    return statistics.median(times)


def _make(project: Path, state: Path) -> None:
    (project / ".beads").mkdir(parents=True)
    subprocess.run(["git", "init", "-q", "."], cwd=project, check=True)
    _write(project, "Bead 0")
    state.mkdir()
    store = Store(StateFolder(state).database)
    for number in range(RUNS):
        store.add(Order(str(project), f"demo-{number}", f"Bead {number}"))
        run = store.claim(this_worker(), Queue(slots=1))
        assert run is not None
        store.finish(run.id, State.COMPLETED, reason=Reason.VERIFIED, summary="Done.", told=True)
    store.close()


def _write(project: Path, title: str) -> None:
    lines = [_bead(number, title if number == 0 else f"Bead {number}") for number in range(BEADS)]
    beside = project / ".beads" / "beside"
    beside.write_text("".join(f"{json.dumps(line)}\n" for line in lines), "utf-8")
    beside.replace(project / ".beads" / "issues.jsonl")


def _bead(number: int, title: str) -> Mapping[str, object]:
    name, epic = f"demo-{number}", f"demo-{number - number % EPIC_EVERY}"
    edge = {"issue_id": name, "depends_on_id": epic, "type": "parent-child"}
    return {
        "id": name,
        "title": title,
        "description": "What is to be done, and why. " * 8,
        "status": "closed" if number >= CLOSED_FROM else "open",
        "priority": number % 5,
        "issue_type": "epic" if name == epic else "task",
        "labels": ["ui"],
        "dependencies": [] if name == epic else [edge],
        "created_at": MOMENT,
        "updated_at": MOMENT,
    }


if __name__ == "__main__":
    raise SystemExit(main())
