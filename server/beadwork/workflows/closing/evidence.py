"""What a closing rests on, gathered and in words: for the comment on the bead, the reason and the summary.

What it leaves out: whether it is enough (`obstacles.py`).
"""

import re
from collections.abc import Mapping, Sequence

import attrs

from beadwork.executions import Execution, Order, Verb
from beadwork.findings import ReviewRecord
from beadwork.gates import GateReport, Standing
from beadwork.workflows.closing.facts import newest_review, newest_run
from beadwork.workflows.closing.obstacles import Facts, Kept
from beadwork.workflows.gating.telling import lines_of
from beadwork.workflows.gating.telling import sentence_of as sentence_of_gates
from beadwork.workflows.house import House
from beadwork.workflows.landing.landed import landed_commit

_LONGEST_REASON = 300


@attrs.frozen
class Evidence:
    """What was there when a bead was closed."""

    facts: Facts
    report: GateReport | None
    """None where the gates were not asked."""
    skipped: bool
    """Whether a person said that they are not to be asked."""
    overruled: tuple[str, ...]
    """Sentences: what stood in the way, and was gone over."""
    work: Execution | None
    """The newest run that completed work on it."""
    landed: str
    """The commit that its base became when it was landed; empty where it was not, or in another way."""
    review: ReviewRecord | None
    pull_request: str
    """Its address; empty where none is known."""

    @property
    def sentences(self) -> Sequence[str]:
        """What a person must know at once of how it was closed."""
        said = []
        if self.report is not None and self.report.standing is not Standing.FAILED:
            said.append(sentence_of_gates(self.report))
        if self.skipped and self.facts.branch is not None:
            said.append("Its gates were skipped.")
        if self.overruled:
            said.append(f"Overruled: {' '.join(self.overruled)}")
        return said


def evidence_of(
    house: House, order: Order, facts: Facts, report: GateReport | None, overruled: Sequence[str]
) -> Evidence:
    """Gather what a closing rests on. Raises StoreError."""
    project, bead = order.workspace, order.bead
    merged = newest_run(house, project, bead, Verb.LAND)
    published = newest_run(house, project, bead, Verb.PUBLISH)
    return Evidence(
        facts=facts,
        report=report,
        skipped=order.skip_gates,
        overruled=tuple(overruled),
        work=newest_run(house, project, bead, Verb.WORK),
        landed=landed_commit(house, order.project, bead) if facts.kept is Kept.BASE else "",
        review=newest_review(house, project, bead),
        pull_request=_pull_request(merged) or _pull_request(published),
    )


def reason_of(seen: Evidence) -> str:
    """Give the reason of who gave none: what was done, in the words of who did it."""
    if seen.work is not None and (words := _first_sentence(seen.work.summary)):
        return words
    match seen.facts.kept:
        case _ if seen.facts.branch is None:
            return "Closed by hand."
        case Kept.BASE:
            return f"{seen.facts.branch.name} has landed on {seen.facts.branch.base_name}."
        case _:
            return f"The work is on {seen.facts.branch.name}."


def comment_of(run: str, actor: str, why: str, seen: Evidence) -> str:
    """Give the comment on a bead that was closed: what was seen of it, and what was gone over."""
    lines = [_branch(seen), *_gates(seen), _review(seen), _pull(seen)]
    parts = [f"Closed by {actor or 'a person'} (run {run[:8]}): {why}"]
    parts.append("\n".join(f"- {line}" for line in lines if line))
    if seen.overruled:
        gone_over = "\n".join(f"- {sentence}" for sentence in seen.overruled)
        parts.append(f"Closed all the same, by force, over:\n{gone_over}")
    return "\n\n".join(part for part in parts if part)


def _branch(seen: Evidence) -> str:
    branch = seen.facts.branch
    if branch is None:
        return "It has no branch, so no commits were looked at."
    return f"{branch.name} at {branch.head[:10]}: {_place(seen)}"


def _place(seen: Evidence) -> str:
    branch, remote = seen.facts.branch, seen.facts.remote
    base = branch.base_name if branch else ""
    match seen.facts.kept:
        case Kept.BASE if seen.landed:
            return f"landed on {base} as {seen.landed[:10]}"
        case Kept.BASE:
            return f"{base} has it"
        case Kept.REMOTE:
            return f"{remote} has it"
        case Kept.NO_REMOTE:
            return f"{base} does not have it, and there is no remote"
        case Kept.NOWHERE:
            return f"neither {base} nor {remote} has it"
        case Kept.UNKNOWN:
            return f"whether {remote} has it is not known"


def _gates(seen: Evidence) -> Sequence[str]:
    if seen.report is not None:
        return [f"Gate {line}" if seen.report.results else line for line in lines_of(seen.report)]
    return ["The gates were skipped."] if seen.skipped and seen.facts.branch is not None else []


def _review(seen: Evidence) -> str:
    if seen.review is None:
        return "It has no review." if seen.facts.branch is not None else ""
    number = len(seen.facts.findings)
    found = "no finding is open" if not number else f"{number} finding{'' if number == 1 else 's'} open"
    ready = "ready" if seen.review.pr_ready else "not ready"
    return f"Reviewed at {seen.review.head[:10]} (run {seen.review.run[:8]}): {ready}, {found}"


def _pull(seen: Evidence) -> str:
    return f"Pull request: {seen.pull_request}" if seen.pull_request else ""


def _pull_request(run: Execution | None) -> str:
    """Give the address that a run of `publish` or `land` told; empty where it told none."""
    told = run.results.get(run.order.verb.value) if run else None
    match told.get("pullRequest") if isinstance(told, Mapping) else None:
        case str(address) | {"url": str(address)}:
            return address
        case _:
            return ""


def _first_sentence(text: str) -> str:
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    sentence = re.split(r"(?<=[.!?])\s", line, maxsplit=1)[0]
    return sentence if len(sentence) <= _LONGEST_REASON else sentence[: _LONGEST_REASON - 1] + "…"
