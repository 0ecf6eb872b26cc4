"""Telling people away from the editor: each service for itself, in time, and without its secrets."""

import ast
import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from beadwork.notify import Sent, masked, secret_parts, send, service_of
from beadwork.processes import descendants
from eventually import eventually
from loopback_services import Service, serving

SERVER = Path(__file__).parents[2] / "server" / "beadwork"


async def test_a_service_takes_the_title_and_the_text_as_they_are() -> None:
    """Nothing in them is read as markup, template or escape."""
    service = Service()
    body = "Line <b>one</b>\\n {{ x }} ${HOME} %20\nLine two: é ✓"
    async with serving(service) as addresses:
        sent = await send(addresses, "demo-1 failed", body, timeout=20)
    assert [each.ok for each in sent] == [True], sent
    assert service.taken[0]["title"] == "demo-1 failed"
    assert service.taken[0]["message"] == body


async def test_none_holds_up_the_others() -> None:
    """One that hangs, refuses, is not there or floods, and bad addresses: each is a result of its own."""
    good, refusing, flood = Service(), Service("403 Forbidden"), Service(answer=50 * 1024 * 1024)
    hanging = Service(answers=False)
    async with serving(good, refusing, flood, hanging) as addresses:
        sent = await send(
            [*addresses, "json://127.0.0.1:1/", "nosuch://t0ken-t0ken", "slack://t0ken-t0ken", "words"],
            "title",
            "body",
            timeout=8,
        )
    assert [each.ok for each in sent] == [True, False, True, False, False, False, False, False], sent
    errors = [each.error for each in sent]
    assert "403" in errors[1]
    assert "did not answer within 8 s" in errors[3]
    assert "onnection" in errors[4]
    assert "no service `nosuch://`" in errors[5]
    assert "does not understand" in errors[6]
    assert "not an address" in errors[7]
    assert good.taken
    assert flood.taken
    assert "t0ken" not in str(sent)
    assert "s3cret" not in str(sent)


async def test_many_services_that_hang_hold_up_none() -> None:
    """There is no pool in which one waits for another."""
    hanging, good = [Service(answers=False) for _ in range(24)], Service()
    async with serving(*hanging, good) as addresses:
        sent = await send(addresses, "title", "body", timeout=6)
    assert [each.ok for each in sent] == [False] * 24 + [True]


async def test_a_slow_service_has_the_time_that_was_given() -> None:
    """Not the few seconds that Apprise would give it; but what its own address says holds."""
    slow = Service(after=5.0)
    async with serving(slow) as addresses:
        sent = await send([*addresses, f"{addresses[0]}?rto=1"], "title", "body", timeout=60)
    assert [each.ok for each in sent] == [True, False]


async def test_no_address_is_no_program() -> None:
    """Who wants to be told of nothing pays nothing."""
    assert await send([], "title", "body", timeout=1) == ()


async def test_a_program_that_is_killed_is_a_result() -> None:
    """Telling never raises: it is not what the run is about."""
    service = Service(answers=False)
    async with serving(service) as addresses:
        sending = asyncio.create_task(send(addresses, "t", "b", timeout=60))
        await eventually("a notification", lambda: service.taken)
        for process in descendants(os.getpid()):
            os.kill(process.pid, signal.SIGKILL)
        sent = await sending
    assert [each.ok for each in sent] == [False]
    assert "ended with -9" in sent[0].error


async def test_who_stops_waiting_leaves_nothing_behind() -> None:
    """A cancelled sender ends its program: the guard over all tests would find it."""
    service = Service(answers=False)
    async with serving(service) as addresses:
        sending = asyncio.create_task(send(addresses, "t", "b", timeout=60))
        await eventually("a notification", lambda: service.taken)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending


@pytest.mark.parametrize(
    ("address", "service"),
    [
        ("mailto://ada:pa55word@example.org?to=bob@example.net", "mailto example.org"),
        ("json://ada:pa55word@127.0.0.1:8080/path", "json 127.0.0.1:8080"),
        ("json://u:1234/5678@host", "json"),
        ("slack://TokenAAAA1/TokenBBBB2/TokenCCCC3/#general", "slack"),
        ("tgram://123456789:abcdefg_hijklmnop/12315544/", "tgram"),
        ("discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js", "discord"),
        ("ntfy://ada-beads-alerts", "ntfy"),
        ("SENDGRID://SG.aaaa.bbbb:me@example.org/you@example.org", "sendgrid"),
        ("no address at all", "an address without a service"),
    ],
)
def test_a_service_is_named_without_its_secrets(address: str, service: str) -> None:
    """Many services have their token where others have a host."""
    assert service_of(address) == service
    assert masked(service, secret_parts([address])) == service


@pytest.mark.parametrize(
    ("address", "secrets"),
    [
        ("json://ada:pa%2F55@host/hooks/AAbb00", ["pa%2F55", "pa/55"]),
        ("tgram://123456789:abcdefg_hijklmnop/12315544/", ["123456789", "abcdefg_hijklmnop", "12315544"]),
        ("ntfy://ada-beads-alerts", ["ada-beads-alerts"]),
        ("jsons://host.example/notifications?key=T0kenT0ken", ["T0kenT0ken"]),
    ],
)
def test_the_secrets_of_an_address_are_known(address: str, secrets: list[str]) -> None:
    """Also with their escapes resolved. Plain words are none: masking them would hide what logs say."""
    found = secret_parts([address])
    assert set(secrets) | {address} <= set(found)
    assert not {"notifications", "hooks", "host.example", "ada"} & set(found)


def test_services_of_one_kind_are_told_apart() -> None:
    """Two chats of one service have the same name, so each has its number."""
    words = "import asyncio, beadwork.notify.sending as s; print(s._names(['slack://a', 'slack://b', 'ntfy://c']))"
    done = subprocess.run([sys.executable, "-P", "-c", words], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['slack (1)', 'slack (2)', 'ntfy']"


def test_only_the_program_that_sends_imports_apprise() -> None:
    """What it costs (some 0.1 s, 30 MB) and whatever it brings stays out of servers, workers and commands."""
    importing = [
        path.relative_to(SERVER).as_posix()
        for path in sorted(SERVER.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if (isinstance(node, ast.ImportFrom) and (node.module or "").startswith("apprise"))
        or (isinstance(node, ast.Import) and any(name.name.startswith("apprise") for name in node.names))
    ]
    assert set(importing) == {"notify/delivering.py"}
    words = (
        "import sys, beadwork.cli.program, beadwork.lsp.server, beadwork.workflows.worker, beadwork.notify; "
        "print('apprise' in sys.modules, 'requests' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-P", "-c", words], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_a_result_is_data() -> None:
    """Whoever shows it needs nothing else."""
    assert Sent("slack", ok=True) == Sent(service="slack", ok=True, error="")
