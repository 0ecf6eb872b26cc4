"""Claims once when told to by a line, says what it got, and stays. Arguments: store, slots."""

# ruff: noqa: T201
import sys
from pathlib import Path

from beadwork.executions import Store, this_worker

store = Store(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
claimed = store.claim(this_worker(), int(sys.argv[2]))
print(claimed.id if claimed else "nothing", flush=True)
sys.stdin.read()
