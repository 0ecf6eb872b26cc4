"""Stands between a worker and an agent without a box, so that nothing of the agent outlives the worker.

Started as a program of its own, `python -I -S warden.py FD FOLDER ARGV…`, with the standard library alone. It
is a child subreaper, so whatever the agent leaves behind becomes its child, in whatever group or session and
with whatever environment. On FD, a socket, it tells `started PID`, or `failed ERRNO`, and later `exit CODE`.
When nothing can come from the other end any more, because the worker wants it so or is no more, it kills all
below it and ends.

What it leaves out: interrupting and terminating; the worker does that, as long as there is one.
"""

import contextlib
import ctypes
import os
import select
import signal
import sys

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_LINUX = sys.platform.startswith("linux")


def main(control: int, folder: str, argv: list[str]) -> int:
    """Run `argv` in `folder` until the other end of `control` is closed."""
    os.set_inheritable(control, False)  # noqa: FBT003  (its signature)
    _become_subreaper()
    wakeup = _wake_up_on_a_child()
    environment = _environment()
    agent = _start(control, folder, argv, environment)
    _let_go_of_streams()
    if agent is not None:
        _watch(control, wakeup, agent)
    _kill_all(control, agent)
    return 0


def _become_subreaper() -> None:
    if _LINUX:
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _wake_up_on_a_child() -> int:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    os.set_blocking(reading, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    # Only the worker's end of the socket ends the warden in good order; a stray signal must not.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, lambda *_: None)
    return reading


def _environment() -> dict[bytes, bytes]:
    """Give the environment as it was handed over: Python adds to its own in the C locale."""
    if not _LINUX:
        return dict(os.environb)
    with open("/proc/self/environ", "rb") as file:  # noqa: PTH123  (pathlib costs the start of every run)
        pairs = (entry.partition(b"=") for entry in file.read().split(b"\0") if entry)
        return {name: value for name, _, value in pairs}


def _start(control: int, folder: str, argv: list[str], environment: dict[bytes, bytes]) -> int | None:
    """Start the agent and say so, or say why not."""
    reading, writing = os.pipe()
    libc = ctypes.CDLL(None) if _LINUX else None
    warden = os.getpid()
    child = os.fork()
    if child == 0:
        _become(folder, argv, environment, warden=warden, writing=writing, libc=libc)
    os.close(writing)
    failure = b""
    while piece := os.read(reading, 64):
        failure += piece
    os.close(reading)
    if failure:
        os.waitpid(child, 0)
        _tell(control, f"failed {failure.decode()}")
        return None
    _tell(control, f"started {child}")
    return child


def _become(
    folder: str,
    argv: list[str],
    environment: dict[bytes, bytes],
    *,
    warden: int,
    writing: int,
    libc: ctypes.CDLL | None,
) -> None:
    """Turn into the agent; runs in the forked child and never returns."""
    try:
        os.setsid()
        if libc is not None:
            libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
            if os.getppid() != warden:
                os._exit(1)
        for number in range(1, signal.NSIG):
            if number not in (signal.SIGKILL, signal.SIGSTOP):
                with contextlib.suppress(OSError, ValueError):
                    signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        os.chdir(folder)
        os.execvpe(argv[0], argv, environment)  # noqa: S606  (this is the point)
    except OSError as error:
        os.write(writing, str(error.errno).encode())
    finally:
        os._exit(127)


def _let_go_of_streams() -> None:
    """Keep no end of the agent's pipes: its reader must see the end when the agent has closed them."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    os.close(nothing)


def _watch(control: int, wakeup: int, agent: int) -> None:
    """Reap, and tell the agent's exit, until the other end of `control` is closed."""
    poll = select.poll()
    poll.register(control, select.POLLIN)
    poll.register(wakeup, select.POLLIN)
    while True:
        for descriptor, _ in poll.poll():
            if descriptor == control and not _hear(control):
                return
            if descriptor == wakeup:
                with contextlib.suppress(BlockingIOError):
                    os.read(wakeup, 4096)
        _tell_exit(control, agent, _reap())


def _hear(control: int) -> bytes:
    try:
        return os.read(control, 64)
    except ConnectionResetError:
        return b""


def _tell(control: int, line: str) -> None:
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        os.write(control, line.encode() + b"\n")


def _tell_exit(control: int, agent: int | None, exits: list[tuple[int, int]]) -> None:
    for pid, code in exits:
        if pid == agent:
            _tell(control, f"exit {code}")


def _reap() -> list[tuple[int, int]]:
    """Take note of all exits so far; give pid and exit code of each."""
    exits: list[tuple[int, int]] = []
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return exits
        if pid == 0:
            return exits
        exits.append((pid, os.waitstatus_to_exitcode(status)))


def _kill_all(control: int, agent: int | None) -> None:
    """Kill children until there are none. Theirs become ours, so in the end it is everything."""
    while True:
        for pid in _children(agent):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        try:
            pid, status = os.waitpid(-1, 0)
        except ChildProcessError:
            return
        _tell_exit(control, agent, [(pid, os.waitstatus_to_exitcode(status)), *_reap()])


def _children(agent: int | None) -> list[int]:
    """Give the pids of all children. None of them can be reused before we reap it."""
    if not _LINUX:
        return [] if agent is None else [agent]
    own = str(os.getpid()).encode()
    found = []
    for name in os.listdir("/proc"):  # noqa: PTH208  (see above)
        if name.isdigit():
            with contextlib.suppress(OSError), open(f"/proc/{name}/stat", "rb") as file:  # noqa: PTH123
                text = file.read()
                if text[text.rindex(b")") + 2 :].split()[1] == own:
                    found.append(int(name))
    return found


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2], sys.argv[3:]))
