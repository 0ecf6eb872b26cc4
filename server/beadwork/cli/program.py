"""The tree of commands, each loaded only when it is used, and the one place where all of them end.

What it leaves out: the commands (a module per family), and what errors look like (`failing.py`).
"""

import importlib
import sys
from pathlib import Path
from typing import Any, NoReturn

import click

import beadwork
from beadwork.cli import failing
from beadwork.cli.invocation import Invocation

EPILOG = f"""\b
Exit codes:
{failing.EXIT_CODES}

What a command needs to know about your machine: `beadwork doctor`.
"""


class Program(click.Group):
    """A group whose commands live in modules of their own, and whose every end is an exit code."""

    COMMANDS = {  # noqa: RUF012  (a constant; click's classes cannot be frozen)
        "list": ("beads", "list_beads", "The beads of this project, by group."),
        "show": ("beads", "show", "One bead with all that is known of it."),
        "init": ("beginning", "init", "Begin with beads in this folder."),
        "create": ("editing", "create", "Create a bead."),
        "edit": ("editing", "edit", "Change fields of a bead."),
        "comment": ("editing", "comment", "Add a comment to a bead."),
        "depend": ("editing", "depend", "Make a bead depend on another, or no more."),
        "work": ("work", "work", "Let an agent work on a bead."),
        "review": ("reviews", "review", "Let an agent review a bead's branch, or what you have at hand."),
        "findings": ("findings", "findings", "What the newest reviews found that is open."),
        "finding": (
            "findings",
            "finding",
            "One finding in full; make a bead of it, or dismiss it.",
        ),
        "fix": ("reviews", "fix", "Let an agent mend findings of one bead."),
        "diff": ("comparing", "diff", "What a bead's branch changed."),
        "gates": (
            "finishing",
            "gates",
            "Run the gates of a bead's branch: build, lint, tests.",
        ),
        "publish": ("finishing", "publish", "Push a bead's branch, and open its pull request."),
        "land": ("landing", "land", "Bring a bead's branch into its base."),
        "resolve": ("landing", "resolve", "Let an agent bring the base into a bead's branch."),
        "close": ("finishing", "close", "Close a bead, when nothing stands in the way."),
        "reopen": ("finishing", "reopen", "Open a closed bead again."),
        "prompt": ("prompt", "prompt", "Print exactly what an agent would be sent for a bead now."),
        "runs": ("runs", "runs", "What agents did and are doing."),
        "log": ("runs", "log", "What happened in a run."),
        "answer": ("talking", "answer", "Answer what an agent asks."),
        "tell": ("talking", "tell", "Tell an agent something."),
        "pause": ("steering", "pause", "Let a run rest; its agent's session is kept."),
        "resume": ("steering", "resume", "Go on with a paused run."),
        "retry": ("steering", "retry", "Try a run again that ended otherwise than completed."),
        "cancel": ("steering", "cancel", "End a run, and everything it started."),
        "queue": ("queueing", "queue", "What runs now, and what waits for what."),
        "costs": ("queueing", "costs", "What agents cost."),
        "attach": ("places", "attach", "Open a shell in a bead's checkout."),
        "projects": ("places", "projects", "The projects that have runs."),
        "notify": ("notifying", "notify", "Try out how you are told of runs away from the editor."),
        "doctor": ("doctor", "doctor", "Check what works on this machine, and what does not."),
        "demo": ("starting", "demo", "See it work, on a sample project of its own."),
        "serve": ("starting", "serve", "Be the language server of an editor, on stdin and stdout."),
        "worker": ("starting", "worker", "Carry out one run (Beadwork starts this itself)."),
    }
    """By name: module in this room, name in it, and the help line; so that `--help` loads none of them."""
    HIDDEN = frozenset({"worker"})

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Give the names in the order a person meets them."""
        return list(self.COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Load one command."""
        if cmd_name not in self.COMMANDS:
            return None
        module, name, _ = self.COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(f"beadwork.cli.{module}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the command section of the help without loading a command."""
        rows = [(name, row[2]) for name, row in self.COMMANDS.items() if name not in self.HIDDEN]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401  (as click has it)
        """Run a command; whatever goes wrong in it becomes words and an exit code here."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:  # noqa: BLE001  (the last one who can say anything)
            ctx.exit(failing.report(error, as_json=bool(ctx.meta.get(failing.JSON_KEY))))

    def main(self, *args: Any, **kwargs: Any) -> NoReturn:  # noqa: ANN401  (as click has it)
        """Run the command line and exit."""
        failing.tolerate_any_text()
        kwargs["standalone_mode"] = False
        try:
            code = super().main(*args, **kwargs)
        except click.ClickException as error:
            error.show()
            code = error.exit_code
        except (click.Abort, KeyboardInterrupt):
            code = failing.INTERRUPTED
        except BrokenPipeError:
            code = failing.report_broken_pipe()
        sys.exit(code if isinstance(code, int) else 0)


@click.group(
    cls=Program,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(beadwork.__version__, message="beadwork %(version)s")
@click.option(
    "-C",
    "--folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Act as if started in FOLDER.",
)
@click.pass_context
def program(ctx: click.Context, folder: Path | None) -> None:
    """Run coding agents over the beads of a repository."""
    ctx.obj = Invocation(folder=(folder or Path()).absolute(), maker=ctx.obj)
