"""The real server, whose workers are `lsp_worker.py`."""

import sys
from pathlib import Path

import attrs

from beadwork.lsp import serve
from beadwork.settings import Layer
from beadwork.state_folder import StateFolder
from beadwork.workflows.application import Application
from beadwork.workflows.house import furnish

WORKER = Path(__file__).with_name("lsp_worker.py")


def make(state: StateFolder, editor: Layer | None) -> Application:
    """Make the Application with another worker program."""
    return Application(attrs.evolve(furnish(state, editor), worker_argv=[sys.executable, str(WORKER)]))


sys.exit(serve(make))
