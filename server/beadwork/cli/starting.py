"""`serve`, `demo` and `worker`: doors to what is not the command line, each loaded when it is used."""

import importlib
from collections.abc import Callable
from typing import Any, cast

import click


@click.command("serve")
@click.option(
    "--stdio", is_flag=True, help="Speak on stdin and stdout; always so, taken because editors say it."
)
def serve(*, stdio: bool) -> None:  # noqa: ARG001  (see its help)
    """Be the language server of an editor, on stdin and stdout."""
    _leave(_door("beadwork.lsp", "serve")())


@click.command("demo")
def demo() -> None:
    """See it work, on a sample project of its own.

    Needs no bd, Docker, model or key. The project is removed at the end; with DEMO_DIR set to a folder it is
    made there and stays.
    """
    _leave(_door("beadwork.cli.demo", "run_demo")())


@click.command("worker")
def worker() -> None:
    """Carry out one run; started by Beadwork itself, never by a person."""
    _leave(_door("beadwork.workflows", "worker_main")())


def _door(module: str, name: str) -> Callable[..., object]:
    """Load a room only now: the language server's costs 0.3 s, and nobody else may pay for it."""
    return cast("Callable[..., Any]", getattr(importlib.import_module(module), name))


def _leave(code: object) -> None:
    click.get_current_context().exit(code if isinstance(code, int) else 0)
