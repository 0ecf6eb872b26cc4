"""What became of gates, in words: for summaries, comments, pull requests, refusals and agents.

What it leaves out: where they are said.
"""

from collections.abc import Sequence

from beadwork.context import Failing, words_of_failing
from beadwork.executions import Execution
from beadwork.gates import GateReport, GateResult, GateState, Standing, report_of
from beadwork.workflows.views import Obstacle, RefusalCode


def sentence_of(report: GateReport) -> str:
    """Say in a sentence or two how it stands with the gates."""
    match report.standing:
        case Standing.NONE:
            return "No gate was found, so none was passed."
        case Standing.PASSED:
            passed = [each for each in report.results if each.gate.purpose != "setup"]
            known = sum(each.known for each in passed)
            return f"{_all(len(passed))} passed{_of_before(known, len(passed))}."
        case Standing.FAILED:
            first, *others = report.failed
            more = f" {len(others)} more did not pass." if others else ""
            before = " (known from before)" if first.known else ""
            return " ".join(filter(None, [f"{first.gate.name} {_how(first)}{before}.{more}", first.hint]))


def report_in(run: Execution) -> GateReport | None:
    """Give the report that a run has in its results; None where there is none that is understood."""
    try:
        return report_of(run.results["gates"])
    except (KeyError, ValueError):
        return None


def lines_of(report: GateReport) -> Sequence[str]:
    """Give a line for each result; of no gates, one that says so."""
    if not report.results:
        return (sentence_of(report),)
    return tuple(line_of(each) for each in report.results)


def line_of(result: GateResult) -> str:
    """Say what became of one gate, in a line."""
    seconds = f", {result.seconds:.0f} s" if result.seconds >= 1 and not result.known else ""
    known = ", known from before" if result.known else ""
    return f"{result.gate.name}: {_how(result)}{seconds}{known}"


def words_for_agent(report: GateReport) -> str:
    """Tell an agent which gates fail on its work, and the end of what they said, fenced."""
    return words_of_failing(
        report.commit, [Failing(f"{line_of(each)}. {each.hint}".strip(), each.tail) for each in report.failed]
    )


def obstacle_of(report: GateReport) -> Obstacle:
    """Give what stands in the way, with the end of what the first of those that failed said."""
    failed = report.failed
    return Obstacle(
        RefusalCode.GATES_FAILED,
        sentence_of(report),
        output=failed[0].tail if failed else "",
        file=failed[0].output if failed else "",
    )


def _all(number: int) -> str:
    return {1: "The gate", 2: "Both gates"}.get(number, f"All {number} gates")


def _of_before(known: int, number: int) -> str:
    if not known:
        return ""
    return " (known from before)" if known == number else f" ({known} known from before)"


def _how(result: GateResult) -> str:
    match result.state:
        case GateState.PASSED:
            return "passed"
        case GateState.FAILED:
            return "failed" if result.code is None else f"failed (exit code {result.code})"
        case GateState.TIMEOUT:
            return "did not end in time"
        case GateState.BROKEN:
            return "could not be run"
