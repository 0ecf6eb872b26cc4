"""`python -m beadwork` and the `beadwork` program: the command line."""

from beadwork.cli import main

if __name__ == "__main__":
    main()
