"""Runs a module of the bundled Beadwork: `python -I -S run.py MODULE [ARGUMENT ...]`.

Without a module it says whether this Python is fit for that: with its version, or by failing with the reason.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036  (any Python is asked)
    sys.exit("it is Python {}.{}".format(*sys.version_info))

from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "libs"))


def fitness() -> str:
    """Give the version. Ends the process with the reason when something that is needed does not load."""
    try:
        import sqlite3  # noqa: F401, PLC0415  (a Python can be built without it)
        import ssl  # noqa: F401, PLC0415  (likewise)

        import psutil  # noqa: F401, PLC0415  (the one library that is compiled)
    except ImportError as error:
        sys.exit(f"it cannot load what is needed: {error}")
    return "{}.{}.{}".format(*sys.version_info)


def run() -> None:
    """Run the module that is asked for, as `python -m` does."""
    import runpy  # noqa: PLC0415

    from beadwork.own_programs import started_by  # noqa: PLC0415

    started_by(HERE / "run.py")
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    if sys.argv[1:]:
        run()
    else:
        sys.stdout.write(f"{fitness()}\n")
