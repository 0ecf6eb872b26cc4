"""Running one gate in a box, from its start until nothing of it is left.

It gets no input and no terminal. Whatever it leaves running is ended with it. What it leaves out: whether it
has to run (`known.py`), and what a person is told of it (`workflows/gating/`).
"""

import asyncio
import codecs
import contextlib
import re
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from beadwork.gates.hints import hint_for, timeout_hint
from beadwork.gates.model import Gate, GateResult, GateState
from beadwork.gates.output import MOST, Output
from beadwork.runners import Box, BoxedProcess, Runner, RunnerError

_GRACE = 2.0
"""Seconds that a gate which is ended has to end by itself."""
_QUIET = 0.5
"""Seconds without output after which what still holds the pipe of a gate that has ended is no part of it."""
_LISTENS = 2.0
"""Seconds that what is left of such a gate may go on talking: a `tee` that has not written all."""
_DRAIN = 5.0
"""Seconds that the rest of its output may take to arrive when all of it has ended."""
_CHUNK = 64 * 1024
_SIGNALS = 128
_SCRIPT = 'exec 2>&1; cd "./$1" || exit 125; exec "$0" -c "$2"'
"""Both streams are one, as on a terminal: what failed stands after what led there."""
_TAKEN = (
    *("PATH", "LANG", "LANGUAGE", "TZ", "USER", "LOGNAME", "JAVA_HOME", "GOROOT", "RUSTUP_HOME"),
    *("PYENV_ROOT", "NVM_DIR", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"),
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
    *("http_proxy", "https_proxy", "all_proxy", "no_proxy"),
    *("GOPROXY", "GOSUMDB", "PIP_INDEX_URL", "UV_INDEX_URL", "NPM_CONFIG_REGISTRY", "npm_config_registry"),
)
_WITH_LOGIN = re.compile(r"//[^/@\s]+@")
"""An address with a name or a password in it."""
_GIVEN = {
    "CI": "true",
    "TERM": "dumb",
    "NO_COLOR": "1",
    "PAGER": "cat",
    "GIT_PAGER": "cat",
    "GIT_TERMINAL_PROMPT": "0",
    "PIP_NO_INPUT": "1",
}


def gate_environment(environment: Mapping[str, str]) -> Mapping[str, str]:
    """Give all that a gate sees of `environment`, and what tells it that nobody is there to answer.

    It is nothing secret: the address of a proxy or a registry is left out when it has a login in it.
    """
    taken = {
        name: value
        for name, value in environment.items()
        if (name in _TAKEN or name.startswith("LC_")) and not _WITH_LOGIN.search(value)
    }
    return {**taken, **_GIVEN}


async def run_gate(
    gate: Gate,
    runner: Runner,
    box: Box,
    environment: Mapping[str, str],
    *,
    limit: float,
    output: Path,
    heard: Callable[[str], None],
    most: int = MOST,
) -> GateResult:
    """Run a gate within `limit` seconds; all it says goes into the file `output`, and to `heard` as it comes.

    Of more than `most` bytes the file has the beginning and the end. When the caller is cancelled, everything
    of the gate is ended before this returns. Raises GateError when the output cannot be kept, and what
    `heard` raises.
    """
    began = time.monotonic()

    def ended(state: GateState, code: int | None, said: str = "", hint: str = "") -> GateResult:
        return GateResult(
            gate=gate,
            state=state,
            code=code,
            seconds=time.monotonic() - began,
            tail=said,
            output=str(output),
            hint=hint,
            at=time.time(),
            runner=runner.name.value,
        )

    shell = "bash" if shutil.which("bash", path=environment.get("PATH")) else "sh"
    argv = (shell, "-c", _SCRIPT, shell, gate.folder, gate.line)
    with Output(output, most=most) as said:
        try:
            process = await _started(runner, box, argv, environment)
        except RunnerError as error:
            return ended(GateState.BROKEN, None, hint=error.message)
        code = await _through(process, said, heard, limit)
        tail = said.tail
    if code is None:
        return ended(GateState.TIMEOUT, None, tail, timeout_hint(limit, tail))
    return ended(GateState.FAILED if code else GateState.PASSED, code, tail, hint_for(code, tail))


async def _started(
    runner: Runner, box: Box, argv: Sequence[str], environment: Mapping[str, str]
) -> BoxedProcess:
    """Start a gate; when the caller is cancelled meanwhile, end it before that is said."""
    if any("\0" in word for word in argv):
        raise RunnerError("No command can hold a zero byte; take it out of the setting `gates.commands`.")
    starting = asyncio.ensure_future(runner.start(box, argv, environment))
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        await asyncio.wait({starting})
        if not starting.cancelled() and starting.exception() is None:
            process = starting.result()
            process.stdin.close()
            await _ended(process, grace=0.0)
        raise


async def _through(
    process: BoxedProcess, said: Output, heard: Callable[[str], None], limit: float
) -> int | None:
    """See a gate through to where nothing of it is left; give its exit code, None when it was late."""
    process.stdin.close()
    reading = asyncio.create_task(_read_all(process, said, heard))
    waiting = asyncio.create_task(process.wait())
    grace = _GRACE
    try:
        deadline = asyncio.get_running_loop().time() + limit
        both: set[asyncio.Task[Any]] = {reading, waiting}
        await asyncio.wait(both, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
        if reading.done():
            reading.result()  # raises what went wrong: it cannot be kept, or nobody hears it
            await asyncio.wait({waiting}, timeout=max(0.0, deadline - asyncio.get_running_loop().time()))
        if not waiting.done():
            return None
        grace = 0.0
        await _quiet(reading, said)
        return _as_in_a_shell(waiting.result())
    finally:
        async with contextlib.AsyncExitStack() as stack:  # each is seen through, whatever another raises
            stack.push_async_callback(_settled, waiting)
            stack.push_async_callback(_settled, reading)
            await _ended(process, grace)


async def _quiet(reading: asyncio.Task[None], said: Output) -> None:
    """Wait until all that a gate said before it ended has come, which is so when its pipe is closed."""
    now = asyncio.get_running_loop().time
    until, before = now() + _LISTENS, -1
    while not reading.done() and said.size != before and now() < until:
        before = said.size
        await asyncio.wait({reading}, timeout=_QUIET)


def _as_in_a_shell(code: int) -> int:
    """Give 128 and the number for a signal, whatever the box calls it."""
    return _SIGNALS - code if code < 0 else code


async def _ended(process: BoxedProcess, grace: float) -> None:
    """End all of a gate, also when the caller is cancelled meanwhile."""
    ending = asyncio.ensure_future(process.end(grace=grace))
    try:
        await asyncio.shield(ending)
    except asyncio.CancelledError:
        await asyncio.wait({ending})
        raise


async def _settled(task: "asyncio.Task[int] | asyncio.Task[None]") -> None:
    if not task.done():
        await asyncio.wait({task}, timeout=_DRAIN)
    if not task.done():
        task.cancel()
        await asyncio.wait({task})
    if not task.cancelled() and (error := task.exception()) is not None:
        raise error


async def _read_all(process: BoxedProcess, said: Output, heard: Callable[[str], None]) -> None:
    complaints = asyncio.create_task(_read(process.stderr, said, heard))  # of the box, before the gate begins
    try:
        await _read(process.stdout, said, heard)
        await complaints
    finally:
        complaints.cancel()


async def _read(stream: asyncio.StreamReader, said: Output, heard: Callable[[str], None]) -> None:
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    while chunk := await stream.read(_CHUNK):
        said.write(chunk)
        if text := decoder.decode(chunk):
            heard(text)
    if text := decoder.decode(b"", final=True):
        heard(text)
