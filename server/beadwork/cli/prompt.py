"""`prompt`: what an agent would be told of a bead, and what each part of it takes."""

import click

from beadwork.cli import failing, writing
from beadwork.cli.invocation import Invocation, json_option
from beadwork.context import PartSize, Prompt, PromptKind
from beadwork.workflows import Application, as_json


@click.command("prompt")
@click.argument("bead", metavar="ID")
@click.option("--review", is_flag=True, help="What a reviewer of its branch would be told.")
@json_option
@click.pass_obj
def prompt(invocation: Invocation, *, bead: str, review: bool, json: bool) -> None:
    """Print exactly what an agent would be sent for a bead now.

    Nothing is claimed, cloned or started. The sizes of its parts, in estimated tokens, and where its template
    came from are said on standard error.
    """
    kind = PromptKind.REVIEW if review else PromptKind.WORK

    async def prompt_of(application: Application) -> Prompt:
        return await application.prompt(await application.project_of(invocation.folder), bead, kind)

    made = invocation.run(prompt_of)
    for warning in made.warnings:
        failing.warn(warning)
    if json:
        writing.write_json(as_json({"prompt": made}))
        return
    click.echo(made.text.encode("utf-8"), nl=False)
    for line in account_lines(made):
        click.echo(failing.styled(line, dim=True), err=True)


def account_lines(made: Prompt) -> list[str]:
    """Set out what the parts of a prompt take."""
    lines = [f"{'tokens':>8}  part"]
    lines += [f"{part.tokens:>8,}  {_words(part)}" for part in made.parts]
    lines.append(f"{made.tokens:>8,}  in all, of {made.budget:,}; the template is {made.template}")
    return [writing.one_line_spaced(line) for line in lines]


def _words(part: PartSize) -> str:
    return f"{part.name} ({part.cut}; {part.whole_tokens:,} tokens in full)" if part.cut else part.name
