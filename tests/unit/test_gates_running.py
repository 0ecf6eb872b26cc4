"""One gate in its box: how it ends, what is kept of what it says, and that nothing of it is left."""

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import attrs
import psutil
import pytest

from beadwork.gates import Gate, GateError, GateResult, GateState, KnownGates, gate_environment, run_gate
from beadwork.gates.hints import hint_for
from beadwork.gates.output import MOST
from beadwork.runners import EXECUTION_MARK, Box, PlainRunner, Runner, SandboxRunner
from eventually import eventually

RUNNERS = ("plain", pytest.param("sandbox", marks=pytest.mark.bubblewrap))
LONG = 600.0


@attrs.frozen
class Place:
    """A box for gates."""

    folder: Path
    runner: Runner

    @property
    def checkout(self) -> Path:
        """Where gates run."""
        return self.folder / "checkout"

    @property
    def output(self) -> Path:
        """The file with all that a gate said."""
        return self.folder / "said" / "gate.log"

    async def run(
        self,
        line: str,
        *,
        limit: float = LONG,
        folder: str = "",
        most: int = MOST,
        heard: list[str] | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> GateResult:
        """Run a gate; `variables` are among the user's."""
        box = Box(execution=self.mark, checkout=self.checkout, home=self.folder / "home")
        environment = gate_environment({**os.environ, **(variables or {})})
        gate = Gate("test", line, folder)
        hear = (lambda _: None) if heard is None else heard.append
        return await run_gate(
            gate, self.runner, box, environment, limit=limit, output=self.output, heard=hear, most=most
        )

    @property
    def mark(self) -> str:
        """What every process of a gate here carries."""
        return f"gate-{self.folder}"

    def left(self) -> list[int]:
        """Give the processes that carry the mark."""
        return [process.pid for process in psutil.process_iter() if _mark_of(process) == self.mark]


def _mark_of(process: psutil.Process) -> str:
    try:
        return str(process.environ().get(EXECUTION_MARK, ""))
    except (psutil.Error, OSError):
        return ""


@pytest.fixture(params=RUNNERS)
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Give a box of each kind that works here."""
    runner: Runner = SandboxRunner.of_user() if request.param == "sandbox" else PlainRunner()
    probe = await runner.probe()
    if not probe.works:
        pytest.skip(probe.reason)
    (tmp_path / "checkout" / "web").mkdir(parents=True)
    return Place(tmp_path, runner)


@pytest.fixture
def plain(tmp_path: Path) -> Place:
    """Give a place without a box."""
    (tmp_path / "checkout").mkdir()
    return Place(tmp_path, PlainRunner())


async def test_it_passes_in_its_folder(place: Place) -> None:
    """All it says comes as it is said, on both streams in one order, and is in the file."""
    heard: list[str] = []
    result = await place.run("pwd; echo warned >&2; echo päst", folder="web", heard=heard)
    assert (result.state, result.code, result.hint) == (GateState.PASSED, 0, "")
    said = f"{place.checkout}/web\nwarned\npäst\n"
    assert "".join(heard) == said == place.output.read_text("utf-8")
    assert result.tail == said.strip()
    assert place.output.stat().st_mode & 0o777 == 0o600


async def test_it_sees_nothing_secret(plain: Place) -> None:
    """Of the user's environment only what is named, no login in an address; and that nobody can answer."""
    secret = {"MY_TOKEN": "s3cret", "PIP_INDEX_URL": "https://me:s3cret@127.0.0.1/simple"}
    result = await plain.run("env", variables={"HTTPS_PROXY": "http://127.0.0.1:3128", **secret})
    assert "s3cret" not in result.tail
    assert {"CI=true", "TERM=dumb", "HTTPS_PROXY=http://127.0.0.1:3128"} <= set(result.tail.split("\n"))


TERMINAL = "It seems to want input or a terminal. Gates get neither input nor a terminal"


@pytest.mark.parametrize(
    ("line", "code", "hint"),
    [
        ("read answer", 1, "It said nothing. Gates get neither input nor a terminal"),
        ("exit 4", 4, "It said nothing."),
        ("read answer </dev/tty", 1, TERMINAL),
        ("tty", 1, TERMINAL),
        ("stty size", 1, TERMINAL),
        ("python3 -c 'input()'", 1, TERMINAL),
        ("echo 'the input device is not a TTY'; exit 1", 1, TERMINAL),
        ("printf 'Really? [y/N] '; read answer", 1, TERMINAL),
        ("no-such-program --check", 127, "It seems that the program `no-such-program` is not to be found"),
        ("env no-such-program", 127, "It seems that the program `no-such-program` is not to be found"),
        ("./plain-file", 126, "It seems that what it starts is not executable"),
        ("kill -9 $$", 137, "It seems to have been ended by SIGKILL, which often is for want of memory."),
        ("kill -15 $$", 143, "It seems to have been ended by SIGTERM."),
        ("echo wrong; exit 3", 3, ""),
    ],
)
async def test_it_ends_at_once_and_says_why(place: Place, line: str, code: int, hint: str) -> None:
    """Nothing waits for a person who is not there; the likely cause is said where it can be told."""
    (place.checkout / "plain-file").write_text("no program")
    result = await place.run(line)
    assert (result.state, result.code) == (GateState.FAILED, code)
    assert result.hint.startswith(hint)
    assert bool(result.hint) == bool(hint)


async def test_there_is_no_bash(plain: Place) -> None:
    """Then it is `sh` that runs the line, and its words are understood as well."""
    programs = plain.folder / "bin"
    programs.mkdir()
    (programs / "sh").symlink_to("/bin/sh")
    result = await plain.run("no-such-program", variables={"PATH": str(programs)})
    assert result.code == 127
    assert "`no-such-program`" in result.hint


@pytest.mark.parametrize(
    "said",
    [
        "/bin/sh: 1: jest: not found",
        "bash: line 3: jest: command not found",
        "./run-tests: line 3: jest: command not found\nsomething else",
        "make: jest: No such file or directory\nmake: *** [Makefile:2: test] Error 127",
        "/bin/sh: line 1: jest: command not found\nmake: *** [Makefile:2: test] Error 127",
        "/usr/bin/env: \u2018jest\u2019: No such file or directory",
    ],
)
def test_the_program_that_is_missing_is_named(said: str) -> None:
    """Whoever says so; what make starts is missing though make ends with 2."""
    assert "`jest`" in hint_for(2 if "make" in said else 127, said)


async def test_its_time_is_over(place: Place) -> None:
    """Nothing of it is left then, however deaf, and the message names the setting."""
    result = await place.run("trap '' INT TERM; setsid sleep 1000 & echo begun; sleep 1000", limit=0.5)
    assert (result.state, result.code, result.tail) == (GateState.TIMEOUT, None, "begun")
    assert "0.5 s" in result.hint
    assert "`gates.limit`" in result.hint
    assert place.left() == []


async def test_it_can_be_cancelled_at_any_moment(place: Place) -> None:
    """A gate of ten minutes, with a child in a session of its own that is deaf to signals."""
    heard: list[str] = []
    line = "setsid sh -c \"trap '' INT TERM HUP; echo deaf; sleep 600\" & sleep 600"
    running = asyncio.create_task(place.run(line, heard=heard))
    await eventually("the child", lambda: "deaf" in "".join(heard))
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert place.left() == []
    assert place.output.read_text() == "deaf\n"


@pytest.mark.parametrize("turns", [0, 1, 3, 10, 40, 160])
async def test_it_is_cancelled_while_it_begins(place: Place, turns: int) -> None:
    """However far its box has come."""
    running = asyncio.create_task(place.run("sleep 600"))
    for _ in range(turns):
        await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert place.left() == []


async def test_what_it_pipes_through_a_program_of_its_own_is_kept_to_its_end(plain: Place) -> None:
    """The shell waits for no `tee` that its output goes through; it is waited for all the same."""
    result = await plain.run("exec > >(cat); seq 1 200000")
    assert (result.state, result.tail[-6:]) == (GateState.PASSED, "200000")


async def test_it_waits_for_a_terminal(plain: Place) -> None:
    """Some programs go on without one, and hear nobody: that is told beside that its time was over."""
    result = await plain.run("echo 'Vim: Warning: Output is not to a terminal'; sleep 600", limit=1)
    assert result.state is GateState.TIMEOUT
    assert result.hint.startswith(f"It did not end within 1 s, and was ended. {TERMINAL}")


async def test_it_leaves_a_server_behind(place: Place) -> None:
    """The gate ends when its command does, though the server holds the pipe; the server is ended."""
    result = await place.run("(setsid sleep 600 &); echo started; exit 0")
    assert (result.state, result.tail) == (GateState.PASSED, "started")
    assert place.left() == []


async def test_it_prints_100_megabytes(place: Place) -> None:
    """It is kept to its end, and to the last byte."""
    size = 100 * 1024 * 1024
    before = psutil.Process().memory_info().rss
    result = await place.run(f"head -c {size} /dev/zero | tr '\\0' x; echo; echo the end; exit 1")
    assert psutil.Process().memory_info().rss - before < size / 2
    assert result.state is GateState.FAILED
    assert result.tail.endswith("the end")
    assert place.output.stat().st_size == size + len("\nthe end\n")


async def test_it_prints_more_than_is_kept(plain: Place) -> None:
    """The beginning and the end are, and between them how much is left out."""
    result = await plain.run("seq 1 100000", most=40_000)
    kept = plain.output.read_text()
    assert kept.startswith("1\n2\n3\n")
    assert kept.endswith("99999\n100000\n")
    assert "bytes are left out here]\n" in kept
    assert len(kept) < 45_000
    assert result.tail.endswith("100000")
    assert sorted(path.name for path in plain.output.parent.iterdir()) == [plain.output.name]


async def test_what_it_prints_is_no_text(plain: Place) -> None:
    """Colours, progress bars, bells and broken bytes: the end is what a person would have read."""
    coloured, progress = r"\033]0;title\a\033[31mred\033[0m\r\n", r" 1%%\r50%%\r99%%\n|\b/\b"
    line = rf"printf '{coloured}{progress}\a\377\000x\tdone\033]8;;open'; exit 1"
    result = await plain.run(line)
    assert result.tail == "red\n99%\n\N{REPLACEMENT CHARACTER}x    done8;;open"


async def test_a_line_that_is_no_command(plain: Place) -> None:
    """The shell's own words are the end of its output."""
    result = await plain.run("if then (")
    assert result.state is GateState.FAILED
    assert "yntax error" in result.tail


async def test_its_folder_is_not_there(plain: Place) -> None:
    """It fails, and says which."""
    result = await plain.run("true", folder="-gone")
    assert (result.state, result.code) == (GateState.FAILED, 125)
    assert "-gone" in result.tail


async def test_nobody_can_write_down_what_it_says(plain: Place) -> None:
    """The error comes up as it is, and nothing of the gate is left."""

    def full(_text: str) -> None:
        raise OSError(28, "No space left on device")

    box = Box(execution=plain.mark, checkout=plain.checkout, home=plain.folder / "home")
    gate = Gate("test", "echo some; sleep 600")
    with pytest.raises(OSError, match="No space"):
        await run_gate(gate, plain.runner, box, {}, limit=LONG, output=plain.output, heard=full)
    assert plain.left() == []


async def test_a_box_that_cannot_be_made(plain: Place) -> None:
    """It is broken, not failed, and says why."""
    plain.checkout.rmdir()
    result = await plain.run("true")
    assert (result.state, result.code) == (GateState.BROKEN, None)
    assert "there is no folder" in result.hint


async def test_a_line_that_nobody_can_start(plain: Place) -> None:
    """It is broken, and says why."""
    result = await plain.run("true \0")
    assert (result.state, result.code) == (GateState.BROKEN, None)
    assert "zero byte" in result.hint


def result_of(line: str, state: GateState = GateState.PASSED, output: str = "") -> GateResult:
    """Give a result as a run has it."""
    return GateResult(Gate("test", line), state, 0, 1.5, "said", output, at=1.0, runner="plain")


def test_what_is_known_of_a_commit(tmp_path: Path) -> None:
    """How a gate ended by itself is known again by commit, command and folder, whatever it is called."""
    known = KnownGates(tmp_path / "gates")
    output = known.output_path("a" * 40, Gate("test", "make test"))
    output.parent.mkdir(parents=True)
    output.write_text("said")
    known.keep("a" * 40, result_of("make test", output=str(output)))
    found = known.get("a" * 40, Gate("gate", "make test"))
    assert found == attrs.evolve(
        result_of("make test", output=str(output)), gate=Gate("gate", "make test"), known=True
    )
    for commit, gate in (("b" * 40, Gate("test", "make test")), ("a" * 40, Gate("test", "make test", "web"))):
        assert known.get(commit, gate) is None
    output.unlink()
    assert known.get("a" * 40, Gate("test", "make test")) is not None


@pytest.mark.parametrize("state", [GateState.TIMEOUT, GateState.BROKEN])
def test_what_says_nothing_of_a_commit_is_not_kept(tmp_path: Path, state: GateState) -> None:
    """A gate that was ended, or could not begin, is run again the next time."""
    known = KnownGates(tmp_path)
    known.keep("a" * 40, result_of("make test", state))
    assert known.get("a" * 40, Gate("test", "make test")) is None


@pytest.mark.parametrize("damage", ["", "{", "[]", "null", '{"purpose": 1}', "\0"])
def test_a_damaged_file_is_as_if_absent(tmp_path: Path, damage: str) -> None:
    """The gate is run again, and known again after that."""
    known = KnownGates(tmp_path)
    known.keep("a" * 40, result_of("make test"))
    (file,) = tmp_path.rglob("*.json")
    whole = json.loads(file.read_text())
    for text in (damage, json.dumps({**whole, "seconds": "long"}), json.dumps({**whole, "state": "odd"})):
        file.write_text(text)
        assert known.get("a" * 40, Gate("test", "make test")) is None
    known.keep("a" * 40, result_of("make test"))
    assert known.get("a" * 40, Gate("test", "make test")) is not None


KEEPING = """
import sys
from pathlib import Path
from beadwork.gates import Gate, GateResult, GateState, KnownGates

known, gate = KnownGates(Path(sys.argv[1])), Gate("test", "make test")
for turn in range(200):
    said = sys.argv[2] * 4000
    known.keep("a" * 40, GateResult(gate, GateState.FAILED, 1, turn, said, "", at=1.0))
    found = known.get("a" * 40, gate)
    assert found is not None and len(found.tail) == 4000 and len(set(found.tail)) == 1, found
"""


async def test_two_processes_keep_what_they_know_at_once(tmp_path: Path) -> None:
    """What is read is always what one of them kept, whole; and no other file is left."""
    started = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", KEEPING, str(tmp_path), letter)
        for letter in "xy"
    ]
    assert [await process.wait() for process in started] == [0, 0]
    assert len(list((tmp_path / ("a" * 40)).iterdir())) == 1


async def test_what_is_known_cannot_be_kept(tmp_path: Path) -> None:
    """That is said, with what to do, and is no quiet success."""
    (tmp_path / "gates").write_text("in the way")
    with pytest.raises(GateError, match="cannot be kept in"):
        KnownGates(tmp_path / "gates").keep("a" * 40, result_of("make test"))


def test_old_commits_are_forgotten(tmp_path: Path) -> None:
    """Those on which nothing was run for so long, with all that was said."""
    known = KnownGates(tmp_path)
    known.keep("a" * 40, result_of("make test"))
    now = (tmp_path / ("a" * 40)).stat().st_mtime
    assert known.tidy(100, now=now + 50) == 0
    assert known.tidy(100, now=now + 200) == 1
    assert known.get("a" * 40, Gate("test", "make test")) is None
