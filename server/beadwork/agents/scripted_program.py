"""The scripted agent's own process: plays the steps of a script, with the standard library alone.

It is started inside a box as `python -I scripted_program.py`. The first line of its input is
`{"prompt": …, "steps": […]}`; each further one is a message `{"tell": …}`. It prints our small format of
events, a JSON object a line: `said`, `called`, `returned`, `result`. What the steps are is said in
`script.py`, which has checked them; nothing of the package is imported here.
"""

import base64
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

Step = dict[str, Any]

_LOOK_EVERY = 0.02
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_GRANDCHILD = """
import os, signal, sys, threading
if sys.argv[2] == "deaf":
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
os.write(int(sys.argv[3]), b"ready")
os.close(int(sys.argv[3]))
threading.Event().wait(float(sys.argv[1]))
"""
GARBAGE = {
    "nul": b"\0\0\0\n",
    "utf-8": b"\xff\xfe broken \xc3\n",
    "half": b'{"event": "said", "text": "hal\n',
    "array": b"[1, 2, 3]\n",
    "unknown": b'{"event": "from the future", "text": {}}\n',
}


class Player:
    """Plays one script. `heard` are the messages that came in, None at their end."""

    def __init__(self, prompt: str, heard: "queue.Queue[str | None]") -> None:
        self._prompt = prompt
        self._heard = heard
        self._calls = 0

    def play(self, step: Step) -> None:
        """Play one step."""
        known: dict[str, Callable[[Step], None]] = {
            "say": lambda s: _emit("said", text=s["say"]),
            "think": lambda s: _emit("said", text=s["think"], thinking=True),
            "write": self._write,
            "append": self._append,
            "replace": self._replace,
            "run": self._run,
            "commit": self._commit,
            "keep_prompt": self._keep_prompt,
            "pause": lambda s: _pause(s["pause"]),
            "stall": _stall,
            "hear": self._hear,
            "ignore_signals": lambda _: _ignore_signals(),
            "grandchild": _grandchild,
            "garbage": _garbage,
            "long_line": _long_line,
            "flood": _flood,
            "done": lambda s: _result("done", s["done"]),
            "fail": lambda s: _result("failed", s["fail"]),
            "refuse": lambda s: _result("refused", s["refuse"]),
            "blocked": lambda s: _result("blocked", s["blocked"], blocker=s["blocked"]),
            "ask": lambda s: _result("needs_input", s["ask"], question=s["ask"]),
            "exit": lambda s: os._exit(s["exit"]),
        }
        next(act for name, act in known.items() if name in step)(step)

    def _keep_prompt(self, step: Step) -> None:
        _put(Path(step["keep_prompt"]), self._prompt, "w")

    def _write(self, step: Step) -> None:
        text = step.get("text", "")
        self._tool("Write", step["write"], lambda: _put(Path(step["write"]), text, "w"), text=text)

    def _append(self, step: Step) -> None:
        text = step.get("text", "")
        self._tool("Edit", step["append"], lambda: _put(Path(step["append"]), text, "a"), text=text)

    def _replace(self, step: Step) -> None:
        def act() -> tuple[bool, str]:
            path = Path(step["replace"])
            before = path.read_text("utf-8")
            if step["old"] not in before:
                return False, f"{path} has no such text"
            return _put(path, before.replace(step["old"], step["new"]), "w")

        self._tool("Edit", step["replace"], act, old=step["old"], new=step["new"])

    def _run(self, step: Step) -> None:
        command = step["run"]
        self._tool("Bash", command, lambda: _shell(command), command=command)

    def _commit(self, step: Step) -> None:
        def act() -> tuple[bool, str]:
            added, words = _command(["git", "add", "--all"])
            return _command(["git", "commit", "-m", step["commit"]]) if added else (False, words)

        self._tool("Commit", step["commit"], act, message=step["commit"])

    def _hear(self, _step: Step) -> None:
        message = self._heard.get()
        _emit("said", text="Nobody said anything." if message is None else f"I was told: {message}")

    def _tool(self, tool: str, title: str, act: Callable[[], tuple[bool, str]], **data: str) -> None:
        self._calls += 1
        call = f"call-{self._calls}"
        _emit("called", call=call, tool=tool, title=title, data=data)
        try:
            ok, text = act()
        except OSError as error:
            ok, text = False, str(error)
        _emit("returned", call=call, ok=ok, text=text)


def _emit(event: str, **fields: object) -> None:
    _print(json.dumps({"event": event, **fields}).encode() + b"\n")


def _print(content: bytes) -> None:
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def _result(kind: str, summary: str, *, blocker: str = "", question: str = "") -> None:
    _emit("result", kind=kind, summary=summary, blocker=blocker, question=question)


def _put(path: Path, text: str, mode: str) -> tuple[bool, str]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open(mode, encoding="utf-8") as file:
        file.write(text)
    return True, f"{path}: {len(text)} characters"


def _shell(command: str) -> tuple[bool, str]:
    return _command(["/bin/sh", "-c", command])


def _command(argv: list[str]) -> tuple[bool, str]:
    # Python's own folder comes last on the PATH, so that `python3` is always there.
    path = os.pathsep.join((os.environ.get("PATH", os.defpath), str(Path(sys.executable).parent)))
    done = subprocess.run(
        argv,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "PATH": path},
        check=False,
    )
    return done.returncode == 0, done.stdout.decode("utf-8", "replace")


def _pause(seconds: float) -> None:
    threading.Event().wait(seconds)


def _stall(step: Step) -> None:
    until = Path(step["until"]) if step.get("until") else None
    while until is None or not until.exists():
        _pause(_LOOK_EVERY if until else 3600)


def _ignore_signals() -> None:
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def _grandchild(step: Step) -> None:
    deaf = "deaf" if step.get("deaf") else "mortal"
    output = None if step.get("holds_output") else subprocess.DEVNULL
    hearing, telling = os.pipe()
    child = subprocess.Popen(
        [sys.executable, "-I", "-c", _GRANDCHILD, str(step["grandchild"]), deaf, str(telling)],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        env={},
        pass_fds=(telling,),
        start_new_session=True,
    )
    os.close(telling)
    os.read(hearing, len(b"ready"))
    os.close(hearing)
    _emit("said", text=f"I left process {child.pid} behind.")


def _garbage(step: Step) -> None:
    named = step["garbage"]
    _print(GARBAGE[named] if named in GARBAGE else base64.b64decode(named))


def _long_line(step: Step) -> None:
    _emit("said", text="x" * step["long_line"])


def _flood(step: Step) -> None:
    line = b"flood " * 100 + b"\n"
    for _ in range(step["flood"] // len(line) + 1):
        _print(line)


def _listen(heard: "queue.Queue[str | None]") -> None:
    for line in sys.stdin.buffer:
        heard.put(json.loads(line)["tell"])
    heard.put(None)


def main() -> None:
    """Play the script that comes in."""
    script = json.loads(sys.stdin.buffer.readline())
    heard: queue.Queue[str | None] = queue.Queue()
    threading.Thread(target=_listen, args=(heard,), daemon=True).start()
    player = Player(script["prompt"], heard)
    for step in script["steps"]:
        player.play(step)
    sys.stdout.flush()
    os._exit(0)  # the listening thread holds the input's lock, at which an ordinary end may wait


if __name__ == "__main__":
    main()
