"""How a command ends badly: the one place that turns errors into words on stderr and an exit code.

With `--json` an error is an object on standard output, `{"error": {code, message, detail}}`, so that a script
reads one stream. Errors of usage are always words on standard error: they are for who wrote the script.
"""

import datetime
import io
import os
import sys
import traceback

import click

from beadwork.cli import writing
from beadwork.errors import BeadworkError

SUCCESS = 0
ERROR = 1
WRONG_USAGE = 2
REFUSED = 3
NOT_COMPLETED = 4
INTERRUPTED = 130
READER_GONE = 141

EXIT_CODES = """\
  0    success
  1    an error; standard error has it in a sentence
  2    wrong usage
  3    refused; what can be done is said with it
  4    the run that was followed did not complete
  130  interrupted (a run that was followed goes on)
  141  whoever read the output went away"""

JSON_KEY = "beadwork.json"
"""Where click's context keeps whether `--json` was given."""


def report(error: Exception, *, as_json: bool) -> int:
    """Tell of `error` and give the exit code."""
    match error:
        case BrokenPipeError():
            return report_broken_pipe()
        case BeadworkError():
            _tell(error.code, error.message, error.detail, as_json=as_json)
        case _:
            _tell("defect", *_defect(error), as_json=as_json)
    return ERROR


def report_broken_pipe() -> int:
    """Be quiet for the rest: nobody reads on (`beadwork list | head -1`)."""
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, sys.stdout.fileno())
    return READER_GONE


def warn(sentence: str) -> None:
    """Tell on stderr what a person should know although the command goes on."""
    click.echo(styled("warning: ", fg="yellow") + writing.cleaned(sentence), err=True)


def tolerate_any_text() -> None:
    """Keep a title that the terminal's encoding cannot show from ending a command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _tell(code: str, message: str, detail: str, *, as_json: bool) -> None:
    if as_json:
        writing.write_json({"error": {"code": code, "message": message, "detail": detail}})
        return
    click.echo(styled("error: ", fg="red") + writing.cleaned(message), err=True)
    if detail.strip():
        click.echo(styled(writing.indented(writing.cleaned(detail.strip())), dim=True), err=True)


def styled(text: str, *, fg: str | None = None, dim: bool = False) -> str:
    """Give `text` in colour; NO_COLOR and pipes get it plain."""
    if os.environ.get("NO_COLOR"):
        return text
    return click.style(text, fg=fg, dim=dim or None)


def _defect(error: Exception) -> tuple[str, str]:
    from beadwork.state_folder import StateFolder  # noqa: PLC0415  (costs attrs; only when it has come to this)

    words = f"{type(error).__name__}: {error}"
    trace = "".join(traceback.format_exception(error))
    try:
        state = StateFolder.of_user()
        state.create()
        place = state.defects
        place.parent.mkdir(mode=0o700, exist_ok=True)
        with place.open("a", encoding="utf-8", errors="backslashreplace") as log:
            now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
            log.write(f"{now} beadwork {' '.join(sys.argv[1:])}\n{trace}\n")
    except (OSError, BeadworkError):
        return (f"Beadwork made a mistake of its own ({words}), and its log cannot be written.", trace)
    return (
        f"Beadwork made a mistake of its own ({words}). {place} has the details; please report them.",
        "",
    )
