"""Chooses the runner: the one that is named, or, for `auto`, the safest that works here.

What it leaves out: what each can do; see their own modules. A named one that does not work is an error, never
a quiet step down.
"""

from beadwork.runners.plain import PlainRunner
from beadwork.runners.port import Runner, RunnerError, RunnerName
from beadwork.runners.sandbox import SandboxRunner


def of_name(name: RunnerName) -> Runner:
    """Give the runner of that name, untried. Raises RunnerError for `auto`, which names none."""
    match name:
        case RunnerName.SANDBOX:
            return SandboxRunner.of_user()
        case RunnerName.PLAIN:
            return PlainRunner()
        case RunnerName.AUTO:
            raise RunnerError("`auto` is not a runner: choose one by trying them.")


async def choose(name: RunnerName) -> tuple[Runner, str]:
    """Give the runner to use, and a sentence for a person: which it is, and why.

    Raises RunnerError when the one that is named does not work here.
    """
    if name is not RunnerName.AUTO:
        runner = of_name(name)
        probe = await runner.probe()
        if not probe.works:
            raise RunnerError(f"The runner `{name.value}` does not work here: {probe.reason}.")
        return runner, probe.reason
    sandbox = SandboxRunner.of_user()
    probe = await sandbox.probe()
    if probe.works:
        return sandbox, probe.reason
    return PlainRunner(), f"no box: {probe.reason}; the agent runs with an allow-list"
