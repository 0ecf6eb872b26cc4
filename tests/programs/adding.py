"""Queues the same bead when told to, and says what came of it. Argument: store."""

# ruff: noqa: T201
import sys
from pathlib import Path

from beadwork.executions import AlreadyActive, Order, Store

print("ready", flush=True)
sys.stdin.readline()
store = Store(Path(sys.argv[1]))
try:
    print(store.add(Order("/project", "demo-1", "Title")).id, flush=True)
except AlreadyActive:
    print("already active", flush=True)
