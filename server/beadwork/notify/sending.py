"""Sends a notification by a program of its own, so that no service can hold up, crash or bloat who sends it.

Addresses go to that program over its standard input: a command line can be read by every user of a machine.
What it leaves out: Apprise, which only that program imports (`delivering.py`); what is worth being told of.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import attrs

from beadwork.errors import BeadworkError
from beadwork.notify.addresses import masked, secret_parts, service_of
from beadwork.own_programs import own_program
from beadwork.processes import run

_PROGRAM = own_program("beadwork.notify")
_INHERITED = (
    *("PATH", "HOME", "LANG", "LC_ALL"),
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy"),
    *("no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
    *("DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "XDG_RUNTIME_DIR"),
)
"""What that program needs of the user's environment: no login of an agent's among it."""
_ALLOWANCE = 5.0
"""Seconds beyond the timeout for the program to begin, and to say whom it could not reach."""
_LONGEST_ANSWER = 1024 * 1024
_LONGEST_ERROR = 300


@attrs.frozen
class Sent:
    """Whether one service took a notification."""

    service: str
    """Its kind and, where that is no secret, its host."""
    ok: bool
    error: str = ""
    """Why not, in a sentence without secrets; empty when it did."""


async def send(
    addresses: Sequence[str],
    title: str,
    body: str,
    *,
    timeout: float,  # noqa: ASYNC109  (the program ends itself in time, and says what it knows)
    environment: Mapping[str, str] | None = None,
) -> Sequence[Sent]:
    """Send plain text to all `addresses` at once; give how it went, in their order.

    Each has `timeout` seconds; a slow or broken one does not hold up the others. After a few more seconds the
    program that sends is ended with all it started. `environment` is the user's own. Never raises.
    """
    if not addresses:
        return ()
    asked = {"addresses": list(addresses), "title": title, "body": body, "seconds": timeout}
    try:
        finished = await run(
            _PROGRAM,
            cwd=Path(os.sep),
            environment=_environment(os.environ if environment is None else environment),
            stdin=json.dumps(asked).encode("ascii"),
            timeout=timeout + _ALLOWANCE,
            limit=_LONGEST_ANSWER,
        )
    except (BeadworkError, OSError) as error:
        answers, why = {}, f"The program that sends notifications failed: {error}"
    else:
        answers, why = dict(_answers(finished.stdout)), _silence(finished.code, finished.stderr)
    secrets = secret_parts(addresses)
    return tuple(
        Sent(name, ok=not error, error=_sentence(error, secrets))
        for name, error in zip(
            _names(addresses), [answers.get(each, why) for each in range(len(addresses))], strict=True
        )
    )


def _environment(users: Mapping[str, str]) -> dict[str, str]:
    # Each thread of the program would else reserve much of the memory that it is allowed.
    return {name: users[name] for name in _INHERITED if name in users} | {"MALLOC_ARENA_MAX": "2"}


def _answers(output: bytes) -> Iterator[tuple[int, str]]:
    """Give the number of each address that was answered for, and its error or nothing."""
    for line in output.splitlines():
        try:
            answer = json.loads(line)
            yield int(answer["number"]), str(answer["error"])
        except (ValueError, KeyError, TypeError):
            continue  # not ours: a library that prints


def _silence(code: int, complaints: bytes) -> str:
    """Say why there is no answer for an address although the program has ended."""
    last = complaints.decode("utf-8", "replace").strip().splitlines()[-1:]
    return " ".join([f"The program that sends notifications ended with {code}.", *last])


def _names(addresses: Sequence[str]) -> Sequence[str]:
    """Name the services; of several that would have the same name, each with its number."""
    names = [service_of(address) for address in addresses]
    return [
        f"{name} ({names[: at + 1].count(name)})" if names.count(name) > 1 else name
        for at, name in enumerate(names)
    ]


def _sentence(error: str, secrets: Sequence[str]) -> str:
    words = " ".join(masked(error, secrets).split())
    return words if len(words) <= _LONGEST_ERROR else words[:_LONGEST_ERROR] + " …"
