"""What is likely wrong with a gate that failed, told from how it ended and from the end of what it said.

It is a guess, and worded so. What it leaves out: whether it failed (`running.py`).
"""

import re
import signal

_TERMINAL = re.compile(
    r"not a (?:tty|terminal)|inappropriate ioctl|no such device or address.*tty|/dev/tty|stdin is not|"
    r"(?:must|needs to) be (?:a|run in a) (?:tty|terminal)|EOFError|EOF when reading|unexpected EOF on stdin|"
    r"requires? an? (?:interactive|tty|terminal)|could not open a terminal|TERM environment variable",
    re.IGNORECASE,
)
_MISSING = (
    re.compile(r"^.*?sh: (?:line \d+: |\d+: )?(?P<name>[^:\n]+): (?:command )?not found$", re.MULTILINE),
    re.compile(r"^env: \W?(?P<name>[^:\n]+?)\W?: No such file", re.MULTILINE),
)
_NOT_FOUND, _NOT_EXECUTABLE, _KILLED = 127, 126, 128
_NEITHER = "Gates get neither input nor a terminal"


def hint_for(code: int, tail: str) -> str:
    """Give a sentence for a gate that ended with `code`, or nothing; below 0 it is a signal's number."""
    if code == 0:
        return ""
    if _TERMINAL.search(tail):
        return (
            f"It seems to want input or a terminal. {_NEITHER}: give it the options that make it run "
            "without, such as `--ci`, `--yes` or `--no-interaction`."
        )
    if code == _NOT_FOUND:
        return _missing(tail)
    if code == _NOT_EXECUTABLE:
        return (
            "It seems that what it starts is not executable: `git update-index --chmod=+x FILE` keeps that."
        )
    number = -code if code < 0 else code - _KILLED
    if number in {each.value for each in signal.Signals}:
        return _killed(signal.Signals(number))
    if not tail.strip():
        return f"It said nothing. {_NEITHER}; a command that asks for either often ends like this."
    return ""


def timeout_hint(limit: float) -> str:
    """Give the sentence for a gate that did not end within `limit` seconds."""
    return f"It did not end within {limit:g} s, and was ended; the setting `gates.limit` gives it more."


def _missing(tail: str) -> str:
    found = next((each for pattern in _MISSING if (each := pattern.search(tail))), None)
    name = f"`{found['name'].strip()}`" if found else "A program"
    return (
        f"{name} was not found in the box: name what installs it in the setting `gates.setup`, or another "
        "command in `gates.commands`."
    )


def _killed(number: signal.Signals) -> str:
    memory = ": often for want of memory" if number is signal.SIGKILL else ""
    return f"It was ended by {number.name}{memory}."
