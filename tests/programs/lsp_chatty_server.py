"""The real server, whose every glance prints, and starts a child that prints and reads."""

import os
import subprocess
import sys

from beadwork.lsp import serve
from beadwork.settings import Layer
from beadwork.state_folder import StateFolder
from beadwork.workflows import Application, build


def make(state: StateFolder, editor: Layer | None) -> Application:
    """Print, and let a child print and read, before the first command is answered."""
    print("a print of our own", flush=True)  # noqa: T201  (it must not reach the wire)
    os.write(1, b"Content-Length: 7\r\n\r\nnothing")
    subprocess.run(["sh", "-c", "echo from a child; cat"], check=True, timeout=60)
    return build(state, editor)


sys.exit(serve(make))
