"""The command line over a double of the application, as a program of its own: `rehearsed_cli.py WORDS…`.

Its run of `demo-1` has begun and never ends; `REHEARSED_TITLE` is the title of its one bead,
`REHEARSED_LOG` the path of its log.
"""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from application_double import RUN_ID, Rehearsal, a_bead, a_running, an_event
from beadwork.cli import program

EVENTS = [
    an_event(1, "state", state="running", phase="preparing", reason=None, summary=""),
    an_event(2, "state", state="running", phase="agent", reason=None, summary=""),
    an_event(3, "text", text="Reading the code. " * 20),
    an_event(4, "tool", call="1", tool="Bash", title="pytest -q", data={}),
    an_event(5, "tool_result", call="1", ok=True, text="3 passed\nin 0.1 s"),
]

held = Rehearsal(
    beads=[a_bead(title=os.environ.get("REHEARSED_TITLE", "A title"))],
    runs_there=[a_running(readable_log=os.environ.get("REHEARSED_LOG", ""))],
    log_of={RUN_ID: EVENTS},
)
program.main(sys.argv[1:], prog_name="beadwork", obj=held.application)
