"""`pause`, `resume`, `retry` and `cancel`: what a person does about a run.

What it leaves out: words for the agent (`talking.py`).
"""

import click

from beadwork.cli import printing, refusing, wording, writing
from beadwork.cli.following import end_of_log
from beadwork.cli.invocation import Invocation, json_option
from beadwork.cli.naming import run_called
from beadwork.cli.printing import Line
from beadwork.cli.replying import reply
from beadwork.workflows import Application, Refused, RunView, as_json


@click.command("pause")
@click.argument("run", metavar="RUN")
@json_option
@click.pass_obj
def pause(invocation: Invocation, *, run: str, json: bool) -> None:
    """Let a run rest; its agent's session is kept, and `resume` goes on with it.

    Returns when nothing of the run is left running, and gives its slot to the next.
    """

    async def rest(application: Application) -> RunView | Refused:
        view = await run_called(application, invocation.folder, run)
        answer = await application.pause(view.id)
        if isinstance(answer, Refused):
            return answer
        with printing.waiting(
            f"pausing run {wording.short(answer)} of {wording.subject(answer.bead)}", shown=not json
        ):
            return await application.wait_for_end(answer.id)

    answer = invocation.run(rest)
    if isinstance(answer, Refused):
        click.get_current_context().exit(refusing.refuse(answer, json=json))
    if json:
        writing.write_json(as_json({"run": answer}))
        return
    name = f"Run {wording.short(answer)} of {wording.subject(answer.bead)}"
    if answer.state != "paused":
        printing.show([Line.of(f"{name} had already ended: {wording.state(answer)}.")])
        return
    printing.show([Line.of(f"{name} is paused. Go on with: {wording.wanted(answer)}", whole=True)])


@click.command("resume")
@click.argument("run", metavar="RUN")
@click.option("-f", "--follow", is_flag=True, help="Then show what happens until the run has ended.")
@json_option
@click.pass_obj
def resume(invocation: Invocation, *, run: str, follow: bool, json: bool) -> None:
    """Go on with a paused run, in the same session of its agent, before all that is queued."""

    async def go_on(application: Application) -> int:
        view = await run_called(application, invocation.folder, run)
        after = await end_of_log(application, view) if follow else 0
        answer = await application.resume(view.id)
        return await reply(
            application, answer, words="Resumed work on", json=json, follow=follow, after=after
        )

    click.get_current_context().exit(invocation.run(go_on))


@click.command("retry")
@click.argument("run", metavar="RUN")
@click.option("--force", is_flag=True, help="Also on a bead that is blocked, or claimed by somebody else.")
@click.option("-f", "--follow", is_flag=True, help="Then show what happens until the run has ended.")
@json_option
@click.pass_obj
def retry(invocation: Invocation, *, run: str, force: bool, follow: bool, json: bool) -> None:
    """Try a run again that ended otherwise than completed.

    The new run goes on with the agent's session where one was kept, else it is told of the last attempt.
    """

    async def again(application: Application) -> int:
        view = await run_called(application, invocation.folder, run)
        answer = await application.retry(view.id, force=force)
        return await reply(application, answer, words="Trying again on", json=json, follow=follow)

    click.get_current_context().exit(invocation.run(again))


@click.command("cancel")
@click.argument("run", metavar="RUN")
@click.option("--no-wait", is_flag=True, help="Do not wait until everything of the run has ended.")
@json_option
@click.pass_obj
def cancel(invocation: Invocation, *, run: str, no_wait: bool, json: bool) -> None:
    """End a run, and everything it started; one that is paused or waits for an answer, too.

    RUN is the beginning of a run's id, or a bead's id, which means its newest run.
    """

    async def end(application: Application) -> RunView | Refused:
        view = await run_called(application, invocation.folder, run)
        answer = await application.cancel(view.id)
        if isinstance(answer, Refused) or no_wait:
            return answer
        with printing.waiting(
            f"ending run {wording.short(answer)} of {wording.subject(answer.bead)}", shown=not json
        ):
            return await application.wait_for_end(answer.id)

    answer = invocation.run(end)
    if isinstance(answer, Refused):
        click.get_current_context().exit(refusing.refuse(answer, json=json))
    if json:
        writing.write_json(as_json({"run": answer}))
        return
    printing.show([Line.of(_ending_words(answer))])


def _ending_words(run: RunView) -> str:
    name = f"Run {wording.short(run)} of {wording.subject(run.bead)}"
    if run.ended_at is None:
        return f"{name} is being cancelled."
    if run.state == "cancelled":
        return f"{name} was cancelled; nothing of it is left running."
    return f"{name} had already ended: {wording.state(run)}."
