"""Text as it goes out: made harmless, indented, or as JSON. What it leaves out: layout (`printing.py`)."""

import json
import re
import sys
import textwrap

import click

_ESCAPES = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[PX^_][^\x1b]*(?:\x1b\\)?|[ -/]*[0-~])"
)
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def cleaned(text: str) -> str:
    """Give `text` without anything that would steer a terminal or turn the reading order.

    Bead titles and agents' output are other people's data: colours, window titles and cursor moves in
    them go; new lines and tabs stay.
    """
    text = text.replace("\r\n", "\n")
    return _CONTROLS.sub("", _ESCAPES.sub("", text))


def visible(text: str) -> str:
    """Give `text` with what would steer a terminal or turn the reading order written out: `^[`, `<U+202E>`.

    For what is read to be judged, where nothing may be left out. New lines and tabs stay.
    """
    return _CONTROLS.sub(_written_out, text)


def _written_out(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"^{chr(code ^ 64)}" if code < 128 else f"<U+{code:04X}>"  # noqa: PLR2004  (as `cat -v` has it)


def one_line(text: str) -> str:
    """Give `text` cleaned, in one line."""
    return " ".join(cleaned(text).split())


def one_line_spaced(text: str) -> str:
    """Give `text` cleaned, in one line, with the spaces at its ends and inside as they are."""
    return cleaned(text).replace("\n", " ").replace("\t", " ")


def indented(text: str, by: str = "  ") -> str:
    """Give `text` with each line moved right."""
    return textwrap.indent(text, by)


def write_json(value: object, *, line: bool = False) -> None:
    """Write `value` to standard output: as one line, or set out for a person when a terminal reads it.

    Always UTF-8, whatever the locale: that is what JSON is. Half a surrogate (a path that is no UTF-8) is
    written as its escape.
    """
    indent = 2 if sys.stdout.isatty() and not line else None
    try:
        data = json.dumps(value, ensure_ascii=False, indent=indent).encode()
    except UnicodeEncodeError:
        data = json.dumps(value, indent=indent).encode()
    click.echo(data + b"\n", nl=False)
