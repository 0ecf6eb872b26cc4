"""The room of the language server: the only one that knows pygls. This is its door."""

import asyncio
import gc
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from beadwork.settings import Layer
    from beadwork.state_folder import StateFolder
    from beadwork.workflows import Application


def serve(make: "Callable[[StateFolder, Layer | None], Application] | None" = None) -> int:
    """Serve one editor on standard input and output; gives the exit code.

    0 when the editor asked for `shutdown`, else 1. `make` makes the Application: `workflows.build` when it
    is not given. Nothing may have been printed before.
    """
    gc.disable()  # start-up makes much and drops nothing; the server enables it when it has started
    from beadwork.lsp.stdio import Stdio  # noqa: PLC0415

    try:
        stdio = Stdio.take()
    except OSError as error:
        sys.stderr.write(f"beadwork serve speaks on standard input and output, but one is closed: {error}\n")
        return 1
    from beadwork.lsp import server  # noqa: PLC0415  (it imports pygls)

    server.set_up_logging()
    return asyncio.run(server.converse(stdio, make))
