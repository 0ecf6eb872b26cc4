"""Addresses of services, such as `json://host/path` or `tgram://token/chat`: what of them is secret.

Most carry a token somewhere, many where others have a host. So a host is only shown of services that are
known to have one. What it leaves out: what a service does with its address, which Apprise knows.
"""

import re
from collections.abc import Iterable, Sequence
from urllib.parse import unquote

MASKED = "[secret]"

_WITH_HOST = frozenset(
    {
        *("json", "jsons", "xml", "xmls", "form", "forms", "mailto", "mailtos", "gotify", "gotifys"),
        *("mmost", "mmosts", "nctalk", "nctalks", "ncloud", "nclouds", "apprise", "apprises"),
        *("mqtt", "mqtts", "rsyslog", "hassio", "hassios", "kodi", "kodis", "synology", "synologys"),
        *("signal", "signals"),
    }
)
"""The services whose address has a host, and no token, where a URL has its host."""

_ADDRESS = re.compile(r"^(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<rest>.*)$", re.DOTALL)
_HOST = re.compile(r"^[A-Za-z0-9._-]+(?::\d{1,5})?$|^\[[0-9A-Fa-f:.]+\](?::\d{1,5})?$")
_PLAIN_WORD = re.compile(r"^[a-z]*$")
_SHORTEST_SECRET = 4
_SHORTEST_TOKEN = 8


def service_of(address: str) -> str:
    """Give the kind of service and, where that is no secret, its host: `mailto example.org`, `slack`."""
    scheme, rest = _split(address)
    if not scheme:
        return "an address without a service"
    host = _host(scheme, rest)
    return f"{scheme} {host}" if host else scheme


def secret_parts(addresses: Iterable[str]) -> tuple[str, ...]:
    """Give what no log may hold of `addresses`: each as a whole, passwords, and whatever may be a token."""
    found: dict[str, None] = {}
    for address in addresses:
        scheme, rest = _split(address)
        host = _host(scheme, rest)
        everything = [address, *_passwords(rest)]
        everything += [part for part in re.split(r"[/?&#=:@,;]+", rest) if _may_be_token(part, host)]
        for part in everything:
            found.update(dict.fromkeys([part, unquote(part)]))
    return tuple(part for part in found if len(part) >= _SHORTEST_SECRET)


def masked(text: str, secrets: Sequence[str]) -> str:
    """Give `text` without `secrets`, the longest first."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, MASKED)
    return text


def _split(address: str) -> tuple[str, str]:
    found = _ADDRESS.match(address)
    return (found["scheme"].lower(), found["rest"]) if found else ("", address)


def _host(scheme: str, rest: str) -> str:
    if scheme not in _WITH_HOST:
        return ""
    place = re.split(r"[/?#]", rest, maxsplit=1)[0]
    if "@" in rest and "@" not in place:  # a password with a `/` in it, perhaps
        return ""
    host = place.rpartition("@")[2]
    return host if _HOST.match(host) else ""


def _passwords(rest: str) -> tuple[str, ...]:
    """Give what stands between the first `:` and the `@`, if any."""
    user, at, _ = re.split(r"[/?#]", rest, maxsplit=1)[0].rpartition("@")
    _, colon, password = user.partition(":")
    return (password,) if at and colon else ()


def _may_be_token(part: str, host: str) -> bool:
    if len(part) < _SHORTEST_TOKEN or part == host.partition(":")[0]:
        return False
    return not _PLAIN_WORD.match(part)
