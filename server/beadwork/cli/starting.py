"""`serve`, `demo` and `worker`: doors to what is not the command line, each loaded when it is used."""

import importlib

import click


@click.command("serve")
@click.option(
    "--stdio", is_flag=True, help="Speak on stdin and stdout; always so, taken because editors say it."
)
def serve(*, stdio: bool) -> None:  # noqa: ARG001  (see its help)
    """Be the language server of an editor, on stdin and stdout."""
    room = importlib.import_module("beadwork.lsp")  # by name: the two front ends do not know each other
    code: int = room.serve()
    click.get_current_context().exit(code)


@click.command("demo")
def demo() -> None:
    """See it work, on a sample project of its own.

    Needs no bd, Docker, model or key. The project is removed at the end; with DEMO_DIR set to a folder it is
    made there and stays.
    """
    from beadwork.cli.demo import run_demo  # noqa: PLC0415  (nobody else may pay for it)

    click.get_current_context().exit(run_demo())


@click.command("worker")
def worker() -> None:
    """Carry out one run; started by Beadwork itself, never by a person."""
    from beadwork.workflows import worker_main  # noqa: PLC0415  (nobody else may pay for it)

    worker_main()
