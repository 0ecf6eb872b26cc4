"""The room of the command line: what a person types, and a script reads. This is its door."""

from beadwork.cli.program import program


def main() -> None:
    """Run the command line and leave the process with its exit code."""
    program.main(prog_name="beadwork")


__all__ = ["main", "program"]
