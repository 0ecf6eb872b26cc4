"""Programs that are hard to end, one a name: `bad_children.py WHAT TOKEN`.

TOKEN stands on the command line of every process they make, so that a test can find what is left.
"""

# ruff: noqa: T201
import os
import signal
import subprocess
import sys
import time

WHAT, TOKEN = sys.argv[1], sys.argv[2]


def ready() -> None:
    """Tell the reader that all is in place."""
    print("ready", flush=True)


def stay() -> None:
    """Sleep, whatever comes."""
    while True:
        time.sleep(60)  # noqa: TID251  (this is a program that does nothing)


def again(what: str, **options: object) -> None:
    """Start this file once more, as another child."""
    subprocess.Popen([sys.executable, __file__, what, TOKEN], **options)  # type: ignore[call-overload]


def polite() -> None:
    """End at an interrupt, with a code of its own."""
    signal.signal(signal.SIGINT, lambda *_: sys.exit(7))
    ready()
    stay()


def deaf() -> None:
    """Ignore an interrupt and a request to terminate."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    ready()
    stay()


def hidden() -> None:
    """Stay in a session of its own, deaf, without environment and open files."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if "BEADWORK_EXECUTION" in os.environ:
        sys.exit("the environment was to be empty")
    with open(os.environ.get("NOTHING", "/dev/null")):  # noqa: PTH123
        stay()


def orphan() -> None:
    """Leave a hidden grandchild behind and end: twice forked, own session, empty environment, no files."""
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    if os.fork() == 0:
        os.setsid()
        again("hidden", env={}, start_new_session=True, **streams)
        os._exit(0)
    os.wait()
    ready()


def orphan_and_stay() -> None:
    """Leave a hidden grandchild behind, and stay deaf."""
    orphan()
    deaf()


def chain() -> None:
    """Fork and end, over and over: no process of the chain lives long."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    ready()
    while True:
        if os.fork():
            os._exit(0)
        time.sleep(0.001)  # noqa: TID251  (a chain as fast as a machine allows starves the others)


def forks_when_told() -> None:
    """Answer each request to terminate with another child that does the same."""

    def fork(*_: object) -> None:
        if os.fork() == 0:
            os.setsid()

    signal.signal(signal.SIGTERM, fork)
    signal.signal(signal.SIGINT, fork)
    ready()
    stay()


def bomb() -> None:
    """Make 200 deaf processes in sessions of their own."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for _ in range(200):
        if os.fork() == 0:
            os.setsid()
            stay()
    ready()
    stay()


def zombies() -> None:
    """Make children that end, and never take note."""
    for _ in range(20):
        if os.fork() == 0:
            os._exit(0)
    ready()
    stay()


def flood() -> None:
    """Print 200 MB."""
    piece = b"x" * 999_999 + b"\n"
    for _ in range(200):
        sys.stdout.buffer.write(piece)


def silent_death() -> None:
    """Die of a signal without a word."""
    os.kill(os.getpid(), signal.SIGKILL)


def holds_the_pipes() -> None:
    """End, and leave a child that keeps all streams open."""
    again("deaf")
    print("done", flush=True)


globals()[WHAT]()
