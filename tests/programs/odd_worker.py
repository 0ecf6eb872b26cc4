"""The real worker with something odd about its process: `odd_worker.py HOW FOLDER`.

`clock-back`: its clock stands an hour earlier as soon as there is a file `clock-back` in FOLDER.
`impatient`: it waits for a locked store no longer than a fifth of a second.
"""

import sys
import time
from pathlib import Path

from beadwork.storage import database
from beadwork.workflows.worker import worker_main

how, folder = sys.argv[1], Path(sys.argv[2])
real = time.time

match how:
    case "clock-back":
        time.time = lambda: real() - (3600 if (folder / "clock-back").exists() else 0)
    case "impatient":
        database.BUSY_SECONDS = 0.2
    case other:
        sys.exit(f"nothing odd is known as {other}")

worker_main()
