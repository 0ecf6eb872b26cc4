"""`answer` and `tell`: what a person says to an agent.

What it leaves out: the answer that is typed while a run is followed (`following.py`).
"""

import sys
from collections.abc import Awaitable, Callable

import click

from beadwork.cli import failing, printing, wording, writing
from beadwork.cli.following import end_of_log
from beadwork.cli.invocation import Invocation, json_option
from beadwork.cli.naming import run_called
from beadwork.cli.questions import ask_blocks, given, hint
from beadwork.cli.replying import reply
from beadwork.executions import Ask
from beadwork.workflows import Application, RefusalCode, Refused, RunView, as_json

_STANDARD_INPUT = "-"


@click.command("answer")
@click.argument("run", metavar="RUN")
@click.argument("answers", metavar="[ANSWER]...", nargs=-1)
@click.option("-f", "--follow", is_flag=True, help="Then show what happens until the run has ended.")
@json_option
@click.pass_obj
def answer(invocation: Invocation, *, run: str, answers: tuple[str, ...], follow: bool, json: bool) -> None:
    """Answer what an agent asks.

    An ANSWER is the number of a choice, its label, or your own words; one for each question. Without any you
    see the question and are asked for it; where nobody can type, it is printed and the exit code is 2.
    """

    found = invocation.run(lambda application: run_called(application, invocation.folder, run))
    if answers or found.ask is None:
        words = given(found.ask.questions, answers) if found.ask else answers
        code, _ = invocation.run(_sending(found, words, follow=follow, json=json))
    elif json or not sys.stdin.isatty():
        code = _only_ask(found, found.ask, json=json)
    else:
        code = _ask_until_it_fits(invocation, found, found.ask, follow=follow)
    click.get_current_context().exit(code)


@click.command("tell")
@click.argument("run", metavar="RUN")
@click.argument("text", metavar="TEXT")
@click.option("-f", "--follow", is_flag=True, help="Then show what happens until the run has ended.")
@json_option
@click.pass_obj
def tell(invocation: Invocation, *, run: str, text: str, follow: bool, json: bool) -> None:
    """Tell an agent something.

    One at work reads it in its present turn. One that rests or has ended goes on with it in the same session.
    TEXT may be -, which reads it from standard input.
    """
    said = sys.stdin.buffer.read().decode("utf-8", "replace") if text == _STANDARD_INPUT else text
    if not said.strip():
        raise click.UsageError("There is nothing to tell: TEXT is empty.")

    async def send(application: Application) -> int:
        found = await run_called(application, invocation.folder, run)
        after = await end_of_log(application, found) if follow else 0
        told = await application.tell(found.id, said)
        if isinstance(told, RunView) and told.id != found.id:
            return await reply(application, told, words="Told in a new run on", json=json, follow=follow)
        return await reply(
            application, told, words="Told the agent at", json=json, follow=follow, after=after
        )

    click.get_current_context().exit(invocation.run(send))


def _sending(
    run: RunView, texts: tuple[str, ...], *, follow: bool, json: bool
) -> Callable[[Application], Awaitable[tuple[int, bool]]]:
    """Make the deed that answers; it gives the exit code, and whether the answer was none of the choices."""

    async def send(application: Application) -> tuple[int, bool]:
        after = await end_of_log(application, run) if follow else 0
        answered = await application.answer(run.id, texts, ask=run.ask.id if run.ask else "")
        words = "Answered the agent at"
        code = await reply(application, answered, words=words, json=json, follow=follow, after=after)
        return code, isinstance(answered, Refused) and answered.code is RefusalCode.NO_CHOICE

    return send


def _ask_until_it_fits(invocation: Invocation, run: RunView, ask: Ask, *, follow: bool) -> int:
    """Ask the person at the keyboard; outside of any event loop, so that Ctrl+C is heard."""
    while True:
        texts = _from_keyboard(ask)
        code, again = invocation.run(_sending(run, texts, follow=follow, json=False))
        if not again:
            return code


def _only_ask(run: RunView, ask: Ask, *, json: bool) -> int:
    """Print what is asked where nobody can type the answer."""
    if json:
        writing.write_json(as_json({"run": run}))
    else:
        printing.show(ask_blocks(ask))
    click.echo(f"Say the answer: {wording.wanted(run)} ANSWER", err=True)
    return failing.WRONG_USAGE


def _from_keyboard(ask: Ask) -> tuple[str, ...]:
    printing.show(ask_blocks(ask))
    click.echo()
    several = len(ask.questions) > 1
    texts = []
    for number, question in enumerate(ask.questions, 1):
        which = f" to {number}" if several else ""
        texts.append(click.prompt(f"Your answer{which} ({hint(ask.kind, question)})", type=str).strip())
    return tuple(texts)
