"""Writes a log until its disk is full, makes room, and prints what the log says then."""

# ruff: noqa: T201
import sys
from pathlib import Path

from beadwork.executions import EventKind, EventLog, LogError, read_events

root = Path(sys.argv[1])
log = EventLog.create(root / "x.jsonl")
filler = root / "filler"
filler.write_bytes(bytes(512 * 1024))
raised = 0
while not raised:
    try:
        log.write(EventKind.TEXT, text="x" * 50_000)
    except LogError as error:
        raised += "disk is full" in str(error)
for _ in range(3):
    assert log.write(EventKind.TEXT, text="x" * 300_000).seq == 0
print("raised once")
filler.unlink()
log.write(EventKind.TEXT, text="after")
events = read_events(root / "x.jsonl")
assert [event.seq for event in events] == list(range(1, len(events) + 1))
print(*(event.data["text"] for event in events[-2:]), sep="\n")
