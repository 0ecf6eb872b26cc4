"""One contract over both runners, and what each promises alone. Every program here is a real one."""

import asyncio
import os
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import attrs
import pytest

from beadwork.processes import start_child
from beadwork.runners import (
    EXECUTION_MARK,
    Box,
    BoxedProcess,
    PlainRunner,
    Runner,
    RunnerError,
    RunnerName,
    SandboxRunner,
    choose,
    of_name,
)
from beadwork.runners.view import COVERED, TOOLCHAIN_VARIABLES, view_of
from eventually import eventually
from left_behind import PROGRAMS, carrying, new_token

BAD = str(PROGRAMS / "bad_children.py")
PYTHON = (Path(sys.prefix), Path(sys.base_prefix))


@attrs.frozen
class Place:
    """A runner, a box, and a token for what runs in it."""

    runner: Runner
    box: Box
    token: str

    async def start(self, *argv: str, environment: dict[str, str] | None = None) -> BoxedProcess:
        """Start a program with a PATH, or with `environment`."""
        return await self.runner.start(
            self.box, argv, {"PATH": os.environ["PATH"]} if environment is None else environment
        )

    async def start_bad(self, what: str) -> BoxedProcess:
        """Start one of the bad children, and wait until it is ready."""
        process = await self.start(sys.executable, BAD, what, self.token)
        assert await process.stdout.readline() == b"ready\n"
        return process

    async def output_of(self, *argv: str, environment: dict[str, str] | None = None) -> tuple[int, str]:
        """Run a program to its end; give its exit code and all it printed."""
        process = await self.start(*argv, environment=environment)
        process.stdin.close()
        out, err = await asyncio.gather(process.stdout.read(), process.stderr.read())
        code = await process.wait()
        assert (await process.end(grace=0)).survivors == ()
        return code, (out + err).decode()


def place_of(runner: Runner, folder: Path) -> Place:
    """Give a box of `runner` in `folder`."""
    checkout = folder / "checkout"
    checkout.mkdir(parents=True, exist_ok=True)
    return Place(runner, Box("an-execution", checkout, folder / "home", (PROGRAMS, *PYTHON)), new_token())


@pytest.fixture
def hidden_state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A state folder of the test's own."""
    state = tmp_path / "state"
    monkeypatch.setenv("BEADWORK_STATE", str(state))
    return state


@pytest.fixture(params=[RunnerName.PLAIN, pytest.param(RunnerName.SANDBOX, marks=pytest.mark.bubblewrap)])
def place(request: pytest.FixtureRequest, hidden_state: Path) -> Iterator[Place]:
    """A box of each runner; nothing of what ran in it may be left."""
    if request.param is RunnerName.SANDBOX:
        request.getfixturevalue("bubblewrap")
    made = place_of(of_name(request.param), hidden_state)
    yield made
    assert carrying(made.token) == []


@pytest.fixture
def outside(request: pytest.FixtureRequest, bubblewrap: Path) -> Iterator[Path]:
    """A folder that is in none of those that the sandbox covers as a whole."""
    cache = request.config.rootpath / ".pytest_cache"
    cache.mkdir(exist_ok=True)
    covered = [Path("/tmp"), *map(Path, COVERED)]
    for below in (cache, Path("/srv"), Path("/opt")):
        if os.access(below, os.W_OK) and not any(below.resolve().is_relative_to(each) for each in covered):
            with tempfile.TemporaryDirectory(dir=below) as folder:
                yield Path(folder)
            return
    pytest.skip("this user can write nowhere that the sandbox does not cover; run it from another folder")


@pytest.fixture
async def sandbox(outside: Path) -> AsyncIterator[Place]:
    """A box of the sandbox in a home of the test's own, with Beadwork's state in a folder beside it."""
    for folder in ("user", "state", "elsewhere"):
        (outside / folder).mkdir()
    environment = {"DOCKER_HOST": f"unix://{outside}/elsewhere/docker.sock"}
    with socket.socket(socket.AF_UNIX) as docker:
        docker.bind(os.path.relpath(outside / "elsewhere" / "docker.sock"))
        runner = SandboxRunner(view_of([outside / "user"], outside / "state", environment))
        yield place_of(runner, outside / "state" / "homes" / "one")


# What goes in and comes out


async def test_five_megabytes_in_a_line(place: Place) -> None:
    """What is written to a program and what it prints arrive whole, whatever the length of a line."""
    line = b"y" * 5_000_000 + b"\n"
    process = await place.start("cat")

    async def write() -> None:
        for _ in range(3):
            process.stdin.write(line)
            await process.stdin.drain()
        process.stdin.close()

    _, out = await asyncio.gather(write(), process.stdout.read())
    assert out == line * 3
    assert await process.wait() == 0
    await process.end(grace=0)


async def test_two_hundred_megabytes_of_output(place: Place) -> None:
    """A flood is read at the reader's pace."""
    process = await place.start(sys.executable, BAD, "flood", place.token)
    length = 0
    while piece := await process.stdout.read(1 << 20):
        length += len(piece)
    assert length == 200_000_000
    assert await process.wait() == 0
    await process.end(grace=0)


async def test_a_flood_that_nobody_reads(place: Place) -> None:
    """A program that waits for its reader is ended all the same."""
    process = await place.start(sys.executable, BAD, "flood", place.token)
    await eventually("the program floods", lambda: carrying(place.token))
    assert (await process.end(grace=0.05)).survivors == ()


async def test_exit_codes(place: Place) -> None:
    """The exit code is the program's own."""
    for code in (0, 1, 3, 77, 255):
        assert (await place.output_of("sh", "-c", f"exit {code}"))[0] == code


async def test_silent_death(place: Place) -> None:
    """A program that a signal ends is told from one that exits well."""
    process = await place.start(sys.executable, BAD, "silent_death", place.token)
    assert await process.wait() in {-signal.SIGKILL, 128 + signal.SIGKILL}
    assert (await process.end(grace=0)).steps == ()


async def test_exactly_the_environment_given(place: Place) -> None:
    """Nothing of our own environment reaches a program, only what is given and five named variables."""
    given = {"PATH": "/usr/bin:/bin", "EMPTY": "", "LINES": "one\ntwo", "EQUALS": "a=b"}
    code, out = await place.output_of("env", "-0", environment=given)
    inside = dict(entry.split("=", 1) for entry in out.split("\0") if entry)
    assert code == 0
    assert set(inside) - set(TOOLCHAIN_VARIABLES) == {*given, EXECUTION_MARK, "HOME", "TMPDIR", "PWD"}
    assert {name: inside[name] for name in given} == given
    assert inside[EXECUTION_MARK] == "an-execution"
    assert inside["PWD"] == str(place.box.checkout)


async def test_toolchains_of_the_home_are_told_where_they_are(sandbox: Place, outside: Path) -> None:
    """HOME inside is a private one, so pyenv, rustup and the like are named; what is given wins."""
    (outside / "user" / ".pyenv").mkdir()
    (outside / "user" / ".rustup").mkdir()
    given = {"PATH": "/usr/bin:/bin", "RUSTUP_HOME": "/opt/rust"}
    _, out = await sandbox.output_of("sh", "-c", "echo $PYENV_ROOT $RUSTUP_HOME $NVM_DIR", environment=given)
    assert out.split() == [str(outside / "user" / ".pyenv"), "/opt/rust"]


async def test_the_environment_is_on_no_command_line(place: Place) -> None:
    """A secret given in the environment cannot be read in the list of processes."""
    secret = new_token()
    process = await place.start("cat", environment={"PATH": os.environ["PATH"], "API_KEY": secret})
    assert carrying(secret) == []
    await process.end(grace=1)


async def test_home_and_temporary_folder(place: Place) -> None:
    """A program can write into its temporary folder, and into its home where that is its own."""
    code, out = await place.output_of("sh", "-c", 'echo a > "$TMPDIR/b" && cat "$TMPDIR/b" && pwd')
    assert (code, out) == (0, f"a\n{place.box.checkout}\n")


async def test_a_missing_program(place: Place) -> None:
    """A program that is not there is an error in a sentence, at the start."""
    for program in ("no-such-program", "/no/such/program"):
        with pytest.raises(RunnerError, match=r"cannot be started"):
            await place.start(program)


async def test_a_script_without_its_interpreter(place: Place) -> None:
    """A program that is there and cannot be started is an error at the start, too."""
    script = place.box.checkout / "script"
    script.write_text("#!/no/such/interpreter\n")
    script.chmod(0o755)
    with pytest.raises(RunnerError, match=r"cannot be started"):
        await place.start(str(script))


async def test_a_missing_checkout(place: Place) -> None:
    """Without its checkout nothing is started."""
    place.box.checkout.rmdir()
    with pytest.raises(RunnerError, match=str(place.box.checkout)):
        await place.start("true")


async def test_names_with_blanks_and_letters_of_other_alphabets(place: Place) -> None:
    """Folders and arguments of any name are passed on as they are."""
    folder = place.box.checkout.parent / "Ein Ordner — «ß» 'x'"
    folder.mkdir()
    named = attrs.evolve(place, box=attrs.evolve(place.box, checkout=folder))
    code, out = await named.output_of("sh", "-c", 'pwd; echo "$1"', "sh", "--bind ü\n$HOME")
    assert (code, out) == (0, f"{folder}\n--bind ü\n$HOME\n")


# How it ends


async def test_a_polite_program(place: Place) -> None:
    """One interrupt is enough for a program that hears it; its exit code stays to be asked."""
    process = await place.start_bad("polite")
    assert (await process.end(grace=30)).steps == ("interrupt",)
    assert await process.wait() == 7


async def test_a_program_that_ended_by_itself(place: Place) -> None:
    """No step is needed for what has ended."""
    process = await place.start("true")
    assert await process.wait() == 0
    ending = await process.end(grace=30)
    assert (ending.steps, ending.survivors) == ((), ())


async def test_a_deaf_program(place: Place) -> None:
    """All three steps, in order, for a program that hears neither interrupt nor terminate."""
    process = await place.start_bad("deaf")
    ending = await process.end(grace=0.05)
    assert (ending.steps, ending.survivors) == (("interrupt", "terminate", "kill"), ())
    assert await process.wait() in {-signal.SIGKILL, 128 + signal.SIGKILL}


async def test_end_twice_and_at_once(place: Place) -> None:
    """Whoever asks for the end, however often, gets the same answer."""
    process = await place.start_bad("deaf")
    first, second = await asyncio.gather(process.end(grace=0.05), process.end(grace=30))
    assert first == second == await process.end(grace=0)


async def test_a_hidden_orphan(place: Place) -> None:
    """What a program left in a session of its own, without environment and files, is ended too."""
    process = await place.start_bad("orphan")
    assert await process.wait() == 0
    assert (await process.end(grace=0.05)).survivors == ()
    assert carrying(place.token) == []


async def test_a_child_that_holds_the_pipes(place: Place) -> None:
    """The exit of a program is told although what it left behind keeps its streams open."""
    process = await place.start(sys.executable, BAD, "holds_the_pipes", place.token)
    assert await process.wait() == 0
    assert (await process.end(grace=0.05)).survivors == ()
    assert await process.stdout.read() in {b"done\n", b"done\nready\n"}


@pytest.mark.parametrize("what", ["orphan_and_stay", "chain", "forks_when_told", "bomb", "zombies"])
async def test_programs_that_are_hard_to_end(place: Place, what: str) -> None:
    """Nothing is left of a program that hides, forks while it is ended, or multiplies."""
    process = await place.start_bad(what)
    assert (await process.end(grace=0.05)).survivors == ()
    assert carrying(place.token) == []


async def test_end_right_after_the_start(place: Place) -> None:
    """A box can be ended before its program has done anything."""
    for _ in range(5):
        process = await place.start(sys.executable, BAD, "deaf", place.token)
        assert (await process.end(grace=0.05)).survivors == ()
        assert carrying(place.token) == []


@pytest.mark.parametrize("what", ["orphan_and_stay", "bomb"])
async def test_a_worker_that_is_killed(place: Place, what: str, hidden_state: Path) -> None:
    """When a worker dies without a word, nothing of what it had started stays."""
    worker = await start_child(
        [
            sys.executable,
            str(PROGRAMS / "running_worker.py"),
            place.runner.name.value,
            str(hidden_state),
            sys.executable,
            BAD,
            what,
            place.token,
        ],
        cwd=hidden_state,
        environment={**os.environ, "BEADWORK_STATE": str(hidden_state)},
    )
    # A fork may print the line again: the first is enough.
    assert (await worker.stdout.readline()) == b"ready\n"
    os.kill(worker.pid, signal.SIGKILL)
    await worker.wait()
    await eventually("nothing is left of the killed worker", lambda: not carrying(place.token))


# The sandbox alone


@pytest.mark.bubblewrap
async def test_writing_outside_is_refused(sandbox: Place, outside: Path) -> None:
    """A program in the sandbox can write into its checkout, its home and /tmp, and nowhere else."""
    home = sandbox.box.home
    for folder in (sandbox.box.checkout, home, Path("/tmp")):
        assert (await sandbox.output_of("touch", str(folder / "file")))[0] == 0
    assert (sandbox.box.checkout / "file").exists()
    assert not Path("/tmp/file").exists()
    places = (
        "/usr",
        "/etc",
        "/run",
        "/home",
        "/var/tmp",
        outside / "user",
        outside / "state",
        outside,
        PROGRAMS,
    )
    for folder in (Path(name) for name in places):
        code, out = await sandbox.output_of("touch", str(folder / "planted"))
        # A test run from a checkout below /tmp has its own folders covered by a private, writable one.
        assert code != 0 or str(folder).startswith("/tmp/"), out
        assert not (folder / "planted").exists()


@pytest.mark.bubblewrap
async def test_secrets_cannot_be_read(sandbox: Place, outside: Path) -> None:
    """Keys, tokens, another bead's checkout, Beadwork's own state and sockets are not there."""
    secrets = [
        outside / "user/.ssh/id",
        outside / "user/.cargo/credentials.toml",
        outside / "user/.netrc",
        outside / "user/.config/gh/hosts.yml",
        outside / "state/beadwork.sqlite3",
        outside / "state/homes/two/checkout/secret",
        outside / "state/homes/one/secret",
    ]
    for secret in secrets:
        secret.parent.mkdir(parents=True, exist_ok=True)
        secret.write_text("secret")
        code, out = await sandbox.output_of("cat", str(secret))
        assert (code, "secret" in out.split("\n")) == (1, False), secret
    connect = "import socket, sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])"
    docker = os.path.relpath(outside / "elsewhere/docker.sock", "/")
    code, out = await sandbox.output_of("sh", "-c", f'cd / && "{sys.executable}" -c "{connect}" "{docker}"')
    assert code != 0
    assert "Error" in out


@pytest.mark.bubblewrap
async def test_nothing_of_the_run_time_folders(sandbox: Place) -> None:
    """No socket of docker, dbus or an ssh agent is in sight, nor any other process."""
    code, out = await sandbox.output_of("sh", "-c", "find -L /run /var/run -type s; ls /run/user; ls /proc")
    assert "/run/" not in out.replace("/run/user", "")
    pids = [line for line in out.split() if line.isdigit()]
    assert len(pids) <= 5, code


@pytest.mark.bubblewrap
async def test_toolchains_of_the_home_folder(sandbox: Place, outside: Path) -> None:
    """A toolchain installed for one user runs inside; it cannot be changed."""
    program = outside / "user/.cargo/bin/tool"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\necho works\n")
    program.chmod(0o755)
    linked = outside / "user/.local/bin/linked"
    linked.parent.mkdir(parents=True)
    linked.symlink_to(program)
    for name in (program, linked):
        assert await sandbox.output_of(str(name)) == (0, "works\n")
    code, _ = await sandbox.output_of("sh", "-c", f'echo x >> "{program}"')
    assert code != 0


@pytest.mark.bubblewrap
async def test_a_program_that_the_box_does_not_show(sandbox: Place, outside: Path) -> None:
    """A program in a covered place is an error that says so; named as readable, it runs, also by a link."""
    program = outside / "user/apps/agent-1.0/agent"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\necho agent\n")
    program.chmod(0o755)
    link = outside / "user/launch/agent"
    link.parent.mkdir()
    link.symlink_to(program)
    with pytest.raises(RunnerError, match="not visible in the sandbox"):
        await sandbox.start(str(program))
    for name in (program, link):
        readable = attrs.evolve(sandbox, box=attrs.evolve(sandbox.box, readable=(name,)))
        assert await readable.output_of(str(name)) == (0, "agent\n")


@pytest.mark.bubblewrap
async def test_a_box_that_would_open_the_home(sandbox: Place, outside: Path) -> None:
    """What is asked to be readable may not uncover a whole home."""
    for folder in (outside / "user", outside, Path("/")):
        with pytest.raises(RunnerError, match="would open"):
            await attrs.evolve(sandbox, box=attrs.evolve(sandbox.box, readable=(folder,))).start("true")


@pytest.mark.bubblewrap
async def test_a_home_that_is_a_link(sandbox: Place, outside: Path) -> None:
    """Secrets stay covered where the home folder is a symbolic link to another disk."""
    real = outside / "disk"
    (real / ".ssh").mkdir(parents=True)
    (real / ".ssh/id").write_text("secret")
    (outside / "linked-home").symlink_to(real)
    view = view_of([outside / "linked-home"], outside / "state", {})
    linked = attrs.evolve(sandbox, runner=SandboxRunner(view))
    for name in (real / ".ssh/id", outside / "linked-home/.ssh/id"):
        assert (await linked.output_of("cat", str(name)))[0] == 1


@pytest.mark.bubblewrap
async def test_no_way_back_through_capabilities(sandbox: Place, outside: Path) -> None:
    """Not even root can mount the system writable again, or take the covers away."""
    for command in ("mount -o remount,rw /", f"umount '{outside}/user'", "mount --bind /usr /opt"):
        code, _ = await sandbox.output_of("sh", "-c", command)
        assert code != 0, command
        below = command.replace("--bind /usr /opt", "-o remount,rw /usr")
        nested, _ = await sandbox.output_of("unshare", "-Urm", "sh", "-c", below)
        assert nested != 0, command


# Choosing


@pytest.mark.bubblewrap
async def test_auto_takes_the_sandbox(bubblewrap: Path, hidden_state: Path) -> None:
    """Where bubblewrap works, `auto` is the sandbox, and says so."""
    runner, why = await choose(RunnerName.AUTO)
    assert (runner.name, runner.isolates) == (RunnerName.SANDBOX, True)
    assert why.startswith("sandbox (bubblewrap ")


async def test_auto_without_bubblewrap(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, hidden_state: Path
) -> None:
    """Without bubblewrap `auto` is plain, and says why; the sandbox by name is refused."""
    monkeypatch.setenv("PATH", str(tmp_path))
    runner, why = await choose(RunnerName.AUTO)
    assert (runner.name, runner.isolates) == (RunnerName.PLAIN, False)
    assert why == (
        "no box: bubblewrap is not installed (apt install bubblewrap); the agent runs with an allow-list"
    )
    with pytest.raises(RunnerError, match="apt install bubblewrap"):
        await choose(RunnerName.SANDBOX)


async def test_bubblewrap_that_may_not_make_a_box(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, hidden_state: Path
) -> None:
    """Where user namespaces are forbidden the probe says so, and what bubblewrap said."""
    program = tmp_path / "bwrap"
    program.write_text(
        "#!/bin/sh\n[ $1 = --version ] && exec echo bubblewrap 9\n"
        "echo 'bwrap: setting up uid map: Permission denied' >&2; exit 1\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    probe = await SandboxRunner.of_user().probe()
    assert not probe.works
    assert "user namespaces" in probe.reason
    assert "uid map" in probe.reason


async def test_plain_by_name() -> None:
    """Plain is there for whoever names it, everywhere."""
    runner, why = await choose(RunnerName.PLAIN)
    assert isinstance(runner, PlainRunner)
    assert "no box" in why
