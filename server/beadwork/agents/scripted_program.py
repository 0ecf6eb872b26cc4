"""The scripted agent's own process: plays the steps of a script, with the standard library alone.

It is started inside a box as `python -I scripted_program.py`. The first line of its input is `{"prompt": …,
"steps": […], "session": …, "resume": …, "budget_usd": …, "home": …}`, where `home` is that of the box,
which a program without one does not have as HOME; each further one is a message `{"tell": …}` or the answer
to a request, `{"request": …, "answer": […]}` or `{"request": …, "permit": …}`. It prints our small format
of events, a JSON object a line: `said`, `called`, `returned`, `asked`, `withdrawn`, `denied`, `spent`,
`result`. What the steps are is said in `script.py`, which has checked them; nothing of the package is
imported here.
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


KEPT = ".scripted-agent.json"
"""The file in the home that holds `{"sessions": {ID: …}, "attempts": {STEP: …}}`."""


class Memory:
    """What is kept in the home: of a session its next step, whether one was open, and its last result."""

    def __init__(self, session: str, home: Path) -> None:
        self._file = home / KEPT
        try:
            kept = json.loads(self._file.read_text("utf-8"))
        except (OSError, ValueError):
            kept = {}
        self._kept: dict[str, Any] = {"sessions": {}, "attempts": {}, **kept}
        self._session = session

    def known(self) -> dict[str, Any] | None:
        """Give what is kept of the session."""
        state: dict[str, Any] | None = self._kept["sessions"].get(self._session)
        return state

    def keep(self, **fields: object) -> None:
        """Keep `fields` of the session."""
        if not self._session:
            return
        self._kept["sessions"].setdefault(self._session, {}).update(fields)
        part = self._file.with_suffix(".part")
        try:
            part.write_text(json.dumps(self._kept), "utf-8")
            part.replace(self._file)
        except OSError as error:
            sys.stderr.write(f"The session cannot be kept in {self._file}: {error}\n")

    def attempt(self, number: int) -> int:
        """Count one more attempt at step `number` in this home, from 1."""
        attempts = self._kept["attempts"]
        attempts[str(number)] = attempts.get(str(number), 0) + 1
        self.keep()
        return int(attempts[str(number)])


class Player:
    """Plays one script. `heard` are the messages that came in, `replies` the answers, None at their end."""

    def __init__(
        self, order: dict[str, Any], heard: "queue.Queue[str | None]", replies: "queue.Queue[Step | None]"
    ) -> None:
        self._prompt: str = order["prompt"]
        self._steps: list[Step] = order["steps"]
        self._resumes = bool(order.get("resume"))
        self._budget: float = order.get("budget_usd", 0)
        self._memory = Memory(order.get("resume") or order.get("session", ""), Path(order["home"]))
        self._heard = heard
        self._replies = replies
        self._number = 0
        self._calls = 0
        self._usd = 0.0

    def play_all(self) -> None:
        """Play from the first step on, or from where the session was left."""
        first = self._resume() if self._resumes else 0
        if not self._resumes:
            self._memory.keep(next=0, open=False, result=None)
        for number in range(first, len(self._steps)):
            self._number = number
            self._memory.keep(next=number + 1, open=False)
            self.play(self._steps[number])

    def _resume(self) -> int:
        state = self._memory.known()
        if state is None:
            self._end("failed", "There is no such session to go on with.")
            os._exit(1)
        first = int(state["next"])
        _emit("said", text=f"Resumed with: {self._prompt}")
        if state["open"]:
            self._take_up(self._steps[first - 1])
        if first >= len(self._steps) and state["result"]:
            _emit("result", **state["result"])
        return first

    def _take_up(self, step: Step) -> None:
        if "question" in step:
            _emit("said", text=f"The answer was: {self._prompt}")
            return
        words = self._prompt.lower()
        refused = any(word in words for word in ("deny", "denied", "never", "refuse", "not allow"))
        self._permitted(step, allowed=not refused, why=self._prompt)

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
            "question": self._question,
            "permission": self._permission,
            "silent": self._silent,
            "spend": self._spend,
            "fail_until": self._fail_until,
            "pause": lambda s: _pause(s["pause"]),
            "stall": _stall,
            "hear": self._hear,
            "ignore_signals": lambda _: _ignore_signals(),
            "grandchild": _grandchild,
            "garbage": _garbage,
            "long_line": _long_line,
            "flood": _flood,
            "done": lambda s: self._end("done", s["done"]),
            "answer": lambda s: self._end("done", "It gave its answer.", answer=s["answer"]),
            "answer_text": lambda s: self._end("done", s["answer_text"]),
            "fail": lambda s: self._end("failed", s["fail"], passing=s.get("passing", False)),
            "refuse": lambda s: self._end("refused", s["refuse"]),
            "blocked": lambda s: self._end("blocked", s["blocked"], blocker=s["blocked"]),
            "ask": lambda s: self._end("needs_input", s["ask"], question=s["ask"]),
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

    def _question(self, step: Step) -> None:
        choices, several = step.get("choices", []), step.get("several", False)
        question = {"text": step["question"], "choices": choices, "several": several}
        reply = self._wait_for_reply(step, questions=[question], permission=False, tool="", title="")
        if reply is not None:
            _emit("said", text=f"The answer was: {', '.join(reply['answer'])}")

    def _permission(self, step: Step) -> None:
        tool, title = step["permission"], step["title"]
        question = {"text": f"May I use {tool}: {title}?", "choices": [], "several": False}
        reply = self._wait_for_reply(step, questions=[question], permission=True, tool=tool, title=title)
        if reply is not None:
            self._permitted(step, allowed=reply["permit"], why=reply["message"])

    def _permitted(self, step: Step, *, allowed: bool, why: str) -> None:
        if not allowed:
            _emit(
                "denied", tool=step["permission"], title=step["title"], reason=why or "It was not permitted."
            )
        _emit("said", text=f"{'Allowed' if allowed else 'Denied'}: {step['title']}")

    def _wait_for_reply(self, step: Step, **fields: object) -> Step | None:
        request = f"ask-{self._number + 1}"
        until = Path(step["until"]) if "until" in step else None
        self._memory.keep(open=True)
        _emit("asked", request=request, **fields)
        while until is None or not until.exists():
            try:
                reply = self._replies.get(timeout=_LOOK_EVERY if until else None)
            except queue.Empty:
                continue
            if reply is None:
                os._exit(0)  # nobody is there to answer any more; the question stays open in its session
            if reply["request"] == request:
                self._memory.keep(open=False)
                return reply
        self._memory.keep(open=False)
        _emit("withdrawn", request=request)
        return None

    def _silent(self, step: Step) -> None:
        def act() -> tuple[bool, str]:
            _pause(step["silent"])
            return True, ""

        self._tool("Wait", f"silent for {step['silent']} s", act, limit=step.get("limit"))

    def _spend(self, step: Step) -> None:
        self._usd += step["spend"]
        _emit(
            "spent", usd=self._usd, input_tokens=round(self._usd * 1000), output_tokens=round(self._usd * 100)
        )
        if 0 < self._budget < self._usd:
            words = f"It reached its limit of cost, {self._budget} USD, before the work was done."
            self._end("failed", words, over_budget=True)
            os._exit(0)

    def _fail_until(self, step: Step) -> None:
        attempt = self._memory.attempt(self._number)
        if attempt < step["fail_until"]:
            self._memory.keep(next=self._number)
            self._end("failed", step["fail"], passing=step.get("passing", False))
            os._exit(0)

    def _end(self, kind: str, summary: str, *, blocker: str = "", question: str = "", **more: object) -> None:
        result = {"kind": kind, "summary": summary, "blocker": blocker, "question": question, **more}
        if self._memory.known() is not None:
            self._memory.keep(result=result)
        _emit("result", **result)

    def _tool(
        self,
        tool: str,
        title: str,
        act: Callable[[], tuple[bool, str]],
        *,
        limit: float | None = None,
        **data: str,
    ) -> None:
        self._calls += 1
        call = f"call-{self._calls}"
        _emit("called", call=call, tool=tool, title=title, data=data, limit=limit)
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


def _listen(heard: "queue.Queue[str | None]", replies: "queue.Queue[Step | None]") -> None:
    for line in sys.stdin.buffer:
        message = json.loads(line)
        if "tell" in message:
            heard.put(message["tell"])
        else:
            replies.put(message)
    heard.put(None)
    replies.put(None)


def main() -> None:
    """Play the script that comes in."""
    order = json.loads(sys.stdin.buffer.readline())
    heard: queue.Queue[str | None] = queue.Queue()
    replies: queue.Queue[Step | None] = queue.Queue()
    threading.Thread(target=_listen, args=(heard, replies), daemon=True).start()
    Player(order, heard, replies).play_all()
    sys.stdout.flush()
    os._exit(0)  # the listening thread holds the input's lock, at which an ordinary end may wait


if __name__ == "__main__":
    main()
