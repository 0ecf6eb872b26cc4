"""What runs in the program that sends one notification: Apprise, a thread for each address, and a clock.

It reads `{"addresses", "title", "body", "seconds"}` from its standard input and prints a line of JSON for
each address as soon as it is known how it went. What it leaves out: who asks for it (`sending.py`).
"""

import contextlib
import json
import os
import queue
import resource
import signal
import sys
import threading
import time
from collections.abc import Sequence

import attrs

from beadwork.processes import become_subreaper, descendants, send

_MOST_MEMORY = 2 * 1024**3
"""Bytes of address space: a service that answers without end is an error of its own, not of the machine."""
_STACK = 1024 * 1024


@attrs.frozen
class _Told:
    number: int
    error: str


def main() -> None:
    """Send what standard input asks for, and end the process within the seconds it names."""
    begun = time.monotonic()
    become_subreaper()
    with contextlib.suppress(ValueError, OSError):  # a lower limit is in force already
        resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    threading.stack_size(_STACK)
    answers = _own_output()
    asked = json.load(sys.stdin)
    addresses = [str(address) for address in asked["addresses"]]
    told = _start(addresses, str(asked["title"]), str(asked["body"]), float(asked["seconds"]))
    deadline = begun + float(asked["seconds"])
    missing = dict.fromkeys(range(len(addresses)))
    while missing:
        try:
            one = told.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            break
        missing.pop(one.number)
        _say(answers, one)
    for number in missing:
        _say(answers, _Told(number, f"It did not answer within {asked['seconds']:g} s, and was given up."))
    for process in descendants(os.getpid()):
        send(process, signal.SIGKILL)
    os._exit(0)  # without waiting for threads that hang


def _own_output() -> int:
    """Give a descriptor for our answers, and send what libraries print to standard error."""
    answers = os.dup(1)
    os.dup2(2, 1)
    return answers


def _say(answers: int, told: _Told) -> None:
    os.write(answers, json.dumps(attrs.asdict(told)).encode("ascii") + b"\n")


def _start(addresses: Sequence[str], title: str, body: str, seconds: float) -> "queue.Queue[_Told]":
    told: queue.Queue[_Told] = queue.Queue()

    def one(number: int) -> None:
        error = "It ended without saying how it went."
        try:
            error = _deliver(addresses[number], title, body, seconds)
        except Exception as raised:  # noqa: BLE001  (whatever a service does, the others are not its business)
            error = f"It failed: {type(raised).__name__}: {raised}"
        finally:
            told.put(_Told(number, error))

    for number in range(len(addresses)):
        threading.Thread(target=one, args=(number,), daemon=True).start()
    return told


def _deliver(address: str, title: str, body: str, seconds: float) -> str:
    """Send to one address; give why it did not work, or nothing."""
    from apprise import Apprise, AppriseAsset, NotifyFormat  # noqa: PLC0415  (its failure is an answer)

    # Without a time limit of its own it works in this thread, not in a pool where others wait for it.
    asset = AppriseAsset(app_id="Beadwork", app_desc="Beadwork", async_mode=False, service_timeout=0)
    services = Apprise(asset=asset)
    if not services.add(address):
        return _not_understood(address)
    for service in services:  # whose own limit is 4 s where its address names none
        if "rto=" not in address:
            service.socket_read_timeout = seconds
        if "cto=" not in address:
            service.socket_connect_timeout = seconds
    result = services.notify(
        body, title, body_format=NotifyFormat.TEXT.value, match_always=True, interpret_escapes=False
    )
    if result:
        return ""
    return (
        " ".join(entry.message for entry in result.logs()) or "The service refused it, and did not say why."
    )


def _not_understood(address: str) -> str:
    from apprise.manager_plugins import NotificationManager  # noqa: PLC0415

    scheme, separator, _ = address.partition("://")
    if not separator:
        return "It is not an address: one looks like `service://…`, see docs/settings.md."
    known = NotificationManager()  # type: ignore[no-untyped-call]
    if scheme.lower() not in known:
        return f"Apprise knows no service `{scheme}://`."
    if not known[scheme.lower()].enabled:
        return f"`{scheme}://` does not work on this machine: it needs a library that is not installed."
    return f"Apprise does not understand this `{scheme}://` address: something in it is missing or malformed."
