"""How long an editor waits for our server: from its start to its answer to `initialize`, beside a bare pygls.

Both are started in turns, so that a busy machine is busy for both. Prints medians in milliseconds, and their
ratio.
Also shows that `beadwork list` loads no pygls.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 15
MOST = 1.15
"""What the ratio is meant to stay under."""

BARE = """
from pygls.lsp.server import LanguageServer
LanguageServer("bare", "1").start_io()
"""
OURS = "import sys; from beadwork.__main__ import main; sys.argv[1:] = ['serve']; main()"
NO_PYGLS = """
import sys
from beadwork.__main__ import main
sys.argv[1:] = ["list", "--json"]
try:
    main()
finally:
    sys.stderr.write(" ".join(name for name in ("pygls", "lsprotocol", "cattrs") if name in sys.modules))
"""


def message(body: dict[str, object]) -> bytes:
    """Give a message as it goes over the wire."""
    data = json.dumps({"jsonrpc": "2.0", **body}).encode()
    return b"Content-Length: %d\r\n\r\n%s" % (len(data), data)


def seconds_to_answer(program: str, state: str) -> float:
    """Start a server and give the seconds until it has answered `initialize`."""
    folder = Path(state).as_uri()
    params = {
        "processId": os.getpid(),
        "rootUri": folder,
        "capabilities": {"window": {"workDoneProgress": True}},
        "workspaceFolders": [{"uri": folder, "name": "state"}],
    }
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "BEADWORK_STATE": state},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(message({"id": 1, "method": "initialize", "params": params}))
    process.stdin.flush()
    process.stdout.readline()
    took = time.perf_counter() - start
    process.kill()
    process.wait()
    return took


def main() -> int:
    """Measure, print, and fail when ours is slower than it is meant to be."""
    bare: list[float] = []
    ours: list[float] = []
    with tempfile.TemporaryDirectory() as state:
        for program in (BARE, OURS):
            seconds_to_answer(program, state)  # to warm the disk's cache
        for _ in range(ROUNDS):
            bare.append(seconds_to_answer(BARE, state))
            ours.append(seconds_to_answer(OURS, state))
        listing = subprocess.run(
            [sys.executable, "-c", NO_PYGLS],
            cwd=state,
            env={**os.environ, "BEADWORK_STATE": state},
            capture_output=True,
            check=False,
        )
    loaded = listing.stderr.decode().splitlines()[-1:] or [""]
    ratio = statistics.median(ours) / statistics.median(bare)
    print(f"bare pygls        {statistics.median(bare) * 1000:6.0f} ms to the answer to initialize")
    print(
        f"beadwork serve    {statistics.median(ours) * 1000:6.0f} ms, {ratio:.2f} times that (at most {MOST})"
    )
    imports_pygls = any(name in loaded[0].split() for name in ("pygls", "lsprotocol", "cattrs"))
    print(f"beadwork list     loads {'pygls' if imports_pygls else 'no pygls'}")
    return 1 if ratio > MOST or imports_pygls else 0


if __name__ == "__main__":
    sys.exit(main())
