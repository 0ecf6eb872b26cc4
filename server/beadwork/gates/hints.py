"""What is likely wrong with a gate that failed, told from how it ended and from the end of what it said.

It is a guess, and worded so. What it leaves out: whether it failed (`running.py`).
"""

import re
import signal

_TERMINAL = re.compile(
    r"not (?:from |to )?a (?:tty|terminal)|inappropriate ioctl|/dev/tty|stdin is not|"
    r"(?:must|needs to) be (?:a|run in a) (?:tty|terminal)|EOFError|EOF when reading|unexpected EOF on stdin|"
    r"requires? an? (?:interactive|tty|terminal)|opening terminal|TERM environment variable|"
    r"\[y/n\]|\(y/n\)|\(yes/no\)",
    re.IGNORECASE,
)
_MISSING = (
    re.compile(r"^[^\n]*?sh: (?:line \d+: |\d+: )?(?P<name>[^:\n]+): (?:command )?not found$", re.MULTILINE),
    re.compile(r"^[^:\n]+: (?:line )?\d+: (?P<name>[^:\n]+): (?:command )?not found$", re.MULTILINE),
    re.compile(r"^(?:\S*/)?env: \W?(?P<name>[^:\n]+?)\W?: No such file", re.MULTILINE),
    re.compile(r"^g?make(?:\[\d+\])?: (?P<name>[^:*\n]+): No such file", re.MULTILINE),
)
"""How shells, `env` and make name the program that is not there."""
_MISSING_BELOW = re.compile(r"\bError 127\b|\bexit (?:code|status) 127\b|command not found$", re.MULTILINE)
"""How a program that starts others says that one of them was not there."""
_NOT_FOUND, _NOT_EXECUTABLE, _SIGNALS = 127, 126, 128
_NEITHER = "Gates get neither input nor a terminal"
_WANTS = (
    f"It seems to want input or a terminal. {_NEITHER}: give it the options that make it run without, "
    "such as `--ci`, `--yes` or `--no-interaction`."
)


def hint_for(code: int, tail: str) -> str:
    """Give a sentence for a gate that ended with `code`, as a shell counts; or nothing."""
    if code == 0:
        return ""
    if code == _NOT_FOUND or _MISSING_BELOW.search(tail):
        return _missing(tail)
    if code == _NOT_EXECUTABLE:
        return (
            "It seems that what it starts is not executable: `git update-index --chmod=+x FILE` keeps that."
        )
    if code - _SIGNALS in {each.value for each in signal.Signals}:
        return _killed(signal.Signals(code - _SIGNALS))
    if _TERMINAL.search(tail):
        return _WANTS
    if not tail.strip():
        return f"It said nothing. {_NEITHER}; a command that asks for either often ends like this."
    return ""


def timeout_hint(limit: float, tail: str) -> str:
    """Give what to say of a gate that did not end within `limit` seconds."""
    late = f"It did not end within {limit:.12g} s, and was ended"
    if _TERMINAL.search(tail):
        return f"{late}. {_WANTS}"
    return f"{late}; the setting `gates.limit` gives it more."


def _missing(tail: str) -> str:
    found = next((each for pattern in _MISSING if (each := pattern.search(tail))), None)
    name = f"the program `{found['name'].strip()}`" if found else "a program"
    return (
        f"It seems that {name} is not to be found where gates run: name what installs it in the setting "
        "`gates.setup`, or another command in `gates.commands`."
    )


def _killed(number: signal.Signals) -> str:
    memory = ", which often is for want of memory" if number is signal.SIGKILL else ""
    return f"It seems to have been ended by {number.name}{memory}."
