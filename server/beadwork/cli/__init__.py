"""The command line. This is its door."""


def main() -> None:
    """Run the command line."""
    raise NotImplementedError
