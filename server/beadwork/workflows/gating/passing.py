"""Pass the gates of a commit, as its steps: find them, take what is known, run the others, say how it stands.

It runs in a worker. What it leaves out: which commands are gates (`finding.py`), running one (`gates/`), and
what follows from the report.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs

from beadwork.checkouts import Checkout, gates_name
from beadwork.executions import Assignment, EventKind, Phase
from beadwork.gates import (
    Gate,
    GateReport,
    GateResult,
    KnownGates,
    gate_environment,
    report_data,
    run_gate,
)
from beadwork.runners import Box, Runner, RunnerName, choose
from beadwork.workflows.gating.finding import Found, gates_for
from beadwork.workflows.gating.hearing import Hearing, log_result
from beadwork.workflows.gating.telling import sentence_of
from beadwork.workflows.working.telling_agent import Desk

_OF_THE_MACHINE = frozenset({126, 127, 137})
"""Exit codes that tell of the machine, not of the commit: no program to start, or killed, as for memory."""


async def pass_gates(
    assignment: Assignment,
    desk: Desk,
    bead: str,
    commit: str,
    *,
    environment: Mapping[str, str],
    runner: str = "",
    checkout: Checkout | None = None,
    anew: bool = False,
) -> GateReport:
    """Run the gates of `commit`, where what became of them is not known already; the run then has the report.

    Without `checkout` they run in the bead's own checkout for gates, which is made when something has to run.
    With one they run there, and it has to be at `commit`; an empty commit stands for the user's working tree
    as it is: nothing is known of it, nothing is kept, and it is not set up. `runner` names a box; empty for
    that of the order and the settings. `anew` runs what is known again.

    Raises BeadworkError and OSError, but not for what a gate does.
    """
    assignment.enter(Phase.GATES)
    at = checkout or await desk.checkouts.imagine_gates(desk.workspace, bead, commit)
    found = await gates_for(desk, at)
    for note in found.notes:
        _say(assignment, note)
    known = KnownGates(desk.state.gates_of(desk.workspace))
    there = {} if anew or not commit else _known_of(known, commit, found.gates)
    results: Sequence[GateResult] = [there[gate] for gate in found.gates if gate in there]
    for each in results:
        log_result(assignment.log, each)
    if len(results) < len(found.gates):
        at = checkout or await desk.checkouts.prepare_gates(desk.workspace, bead, commit)
        for note in at.notes:
            _say(assignment, note)
        place = await _place(assignment, desk, bead, at, runner=runner, environment=environment)
        if commit and found.own_python:
            place = place.with_own_python()
        results = await _run(place, found, there, known, commit)
    report = GateReport(commit, tuple(results), found.notes)
    give_report(assignment, report)
    return report


def give_report(assignment: Assignment, report: GateReport) -> None:
    """Let the run have a report of its gates, and say how it stands. Raises StoreError, LogError."""
    assignment.give(gates=report_data(report))
    _say(assignment, sentence_of(report))


@attrs.frozen
class _Place:
    """Where gates run, and with what."""

    assignment: Assignment
    runner: Runner
    box: Box
    environment: Mapping[str, str]
    limit: float

    def with_own_python(self) -> "_Place":
        """Give the same with a Python that pip may install into; a setup makes it, see `finding.py`."""
        folder = self.box.home / "venv"
        path = os.pathsep.join(filter(None, [str(folder / "bin"), self.environment.get("PATH", "")]))
        own = {"VIRTUAL_ENV": str(folder), "PATH": path, "PIP_REQUIRE_VIRTUALENV": "1"}
        return attrs.evolve(self, environment={**self.environment, **own})


async def _place(
    assignment: Assignment,
    desk: Desk,
    bead: str,
    checkout: Checkout,
    *,
    runner: str,
    environment: Mapping[str, str],
) -> _Place:
    named = runner or assignment.run.order.runner or desk.settings.runner
    chosen, _ = await choose(RunnerName(named))
    freely = "no box: gates run as you, with what you may do"
    label = f"{chosen.name}: gates may change only their checkout" if chosen.isolates else freely
    if not assignment.run.runner_label:
        assignment.note(runner_label=label)
    _say(assignment, f"The gates run in {checkout.path}; {label}.")
    box = Box(
        execution=assignment.run.id,
        checkout=checkout.path,
        # Not that of the agent: its login is nothing for a project's tests.
        home=desk.state.agent_home_of(desk.workspace, gates_name(bead)),
    )
    return _Place(assignment, chosen, box, gate_environment(environment), desk.settings.gates_limit)


async def _run(
    place: _Place, found: Found, there: Mapping[Gate, GateResult], known: KnownGates, commit: str
) -> list[GateResult]:
    """Make the checkout ready and run the gates that are not known; one that fails keeps no other back."""
    results: list[GateResult] = []
    for gate in found.setup if commit else ():
        results.append(await _run_one(place, gate, _output(place, known, commit, gate)))
        if not results[-1].passed:
            return results
    for gate in found.gates:
        if gate in there:
            results.append(there[gate])
            continue
        results.append(await _run_one(place, gate, _output(place, known, commit, gate)))
        if commit and results[-1].code not in _OF_THE_MACHINE:
            known.keep(commit, results[-1])
    return results


async def _run_one(place: _Place, gate: Gate, output: Path) -> GateResult:
    log = place.assignment.log
    hearing = Hearing(log, gate, output)
    hearing.begin()
    result = await run_gate(
        gate,
        place.runner,
        place.box,
        place.environment,
        limit=place.limit,
        output=output,
        heard=hearing.hear,
    )
    # It goes where others read it: to the bead, and to pull requests.
    result = attrs.evolve(result, tail=log.masked(result.tail))
    log_result(log, result)
    return result


def _known_of(known: KnownGates, commit: str, gates: Sequence[Gate]) -> dict[Gate, GateResult]:
    results = {gate: known.get(commit, gate) for gate in gates}
    return {gate: result for gate, result in results.items() if result is not None}


def _output(place: _Place, known: KnownGates, commit: str, gate: Gate) -> Path:
    """Give the file for all that a gate says; without a commit, one of the run."""
    return known.output_path(commit or place.assignment.run.id, gate)


def _say(assignment: Assignment, text: str) -> None:
    assignment.log.write(EventKind.NOTE, text=text)
