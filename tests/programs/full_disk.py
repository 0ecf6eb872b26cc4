"""Runs a worker whose job fills the disk; prints state, reason and summary, and the log's last state."""

# ruff: noqa: T201
import os
import subprocess
import sys
from pathlib import Path

from beadwork.executions import Order, Store, read_events

root = Path(sys.argv[1])
store = Store(root / "beadwork.sqlite3")
run = store.add(Order("/project", "demo-1", "Title", script="fill"))
worker = Path(__file__).with_name("tiny_worker.py")
subprocess.run([sys.executable, worker, os.fspath(root), "1", "3600"], check=True)
done = store.get(run.id)
print(done.state, done.reason, " ".join(done.summary.splitlines()), sep="\n")
print(read_events(Path(done.log))[-1].data["state"])
