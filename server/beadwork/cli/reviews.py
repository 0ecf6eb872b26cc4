"""`review` and `fix`: let an agent say what is wrong with work, and let one mend it.

What it leaves out: what else is done with findings (`findings.py`).
"""

from pathlib import Path

import click

from beadwork.checkouts import Subject
from beadwork.cli import failing, printing, wording, writing
from beadwork.cli.by_whom import by_whom, by_whom_options
from beadwork.cli.invocation import Invocation, json_option
from beadwork.cli.replying import reply
from beadwork.cli.showing_findings import outcome_blocks
from beadwork.executions import BRANCH, CHANGES
from beadwork.workflows import Application, ReviewRequest, RunView, WorkRequest, as_json

_STAND_INS = {BRANCH: Subject.BRANCH, CHANGES: Subject.CHANGES}


@click.command("review")
@click.argument("bead", metavar="[ID]", required=False)
@click.option("--branch", is_flag=True, help="The branch that is checked out, against the default branch.")
@click.option("--changes", is_flag=True, help="What is not committed.")
@click.option("--create-beads", is_flag=True, help="Make a bead of each finding.")
@click.option(
    "-f", "--follow", is_flag=True, help="Show what happens until the run has ended, and its findings."
)
@by_whom_options
@json_option
@click.pass_obj
def review(
    invocation: Invocation,
    *,
    bead: str | None,
    branch: bool,
    changes: bool,
    create_beads: bool,
    follow: bool,
    agent: str | None,
    runner: str | None,
    script: Path | None,
    json: bool,
) -> None:
    """Let an agent review a bead's branch, or what you have at hand.

    That is the branch that is checked out, or what is not committed. The agent reads a checkout of its own
    and changes nothing. `beadwork findings` lists what it found.
    """
    subject, name = _subject(bead, branch=branch, changes=changes)
    who = by_whom(agent, runner, script)
    request = ReviewRequest(subject, name, create_beads, who.agent, who.runner, who.script)

    async def order(application: Application) -> int:
        project = await application.project_of(invocation.folder)
        answer = await application.review(project, request)
        words = f"{_begun(answer)} the review of"
        code = await reply(application, answer, words=words, json=json, follow=follow)
        if follow and code == failing.SUCCESS and isinstance(answer, RunView):
            await _tell_outcome(application, project, answer, json=json)
        return code

    click.get_current_context().exit(invocation.run(order))


@click.command("fix")
@click.argument("findings", metavar="FINDING...", nargs=-1, required=True)
@click.option("--force", is_flag=True, help="Also on a bead that is blocked, or claimed by somebody else.")
@click.option("-f", "--follow", is_flag=True, help="Show what happens until the run has ended.")
@by_whom_options
@json_option
@click.pass_obj
def fix(
    invocation: Invocation,
    *,
    findings: tuple[str, ...],
    force: bool,
    follow: bool,
    agent: str | None,
    runner: str | None,
    script: Path | None,
    json: bool,
) -> None:
    """Let an agent mend findings of one bead.

    It is work on that bead, on its branch, with the findings in the prompt. FINDING is a finding's id, or its
    beginning.
    """
    who = by_whom(agent, runner, script)
    request = WorkRequest("", force=force, agent=who.agent, runner=who.runner, script=who.script)

    async def order(application: Application) -> int:
        project = await application.project_of(invocation.folder)
        answer = await application.fix(project, findings, request)
        return await reply(application, answer, words=f"{_begun(answer)} work on", json=json, follow=follow)

    click.get_current_context().exit(invocation.run(order))


def _subject(bead: str | None, *, branch: bool, changes: bool) -> tuple[Subject, str]:
    """Give what is to be reviewed, and the bead if it is one."""
    named = [Subject.BRANCH] * branch + [Subject.CHANGES] * changes
    if bead is not None:
        named.append(_STAND_INS.get(bead, Subject.BEAD))
    match named:
        case [subject]:
            return subject, bead or "" if subject is Subject.BEAD else ""
        case []:
            raise click.UsageError("Name a bead, or say --branch or --changes.")
        case _:
            raise click.UsageError("A bead, --branch and --changes are three reviews; choose one.")


def _begun(answer: object) -> str:
    return "Started" if isinstance(answer, RunView) and answer.state == "running" else "Queued"


async def _tell_outcome(application: Application, project: Path, run: RunView, *, json: bool) -> None:
    """Tell what a review found that has completed, if no later one has taken its place."""
    view = await application.reviews.findings(project, run.bead)
    reviews = [review for review in view.reviews if review.run == run.id]
    if json:
        writing.write_json(as_json(view), line=True)
    elif reviews:
        printing.show(outcome_blocks(reviews[0], view.findings))
    else:
        failing.warn(f"A later review of {wording.subject(run.bead)} has taken the place of this one.")
