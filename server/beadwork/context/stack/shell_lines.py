"""Shell scripts as CI files and recipes have them: the plain commands in them, one a line.

A small reader: it joins continued lines, leaves out here-documents, branches and loops, and splits a line
at `&&`, `;` and pipes. What it leaves out: being a shell.
"""

import re
import shlex

_OPENING = re.compile(r"^(if|for|while|until|case|select)\b")
_CLOSING = re.compile(r"(^|[;\s])(fi|done|esac)\b(?=\s*($|[;&|)]))")
_FUNCTION = re.compile(r"^(function\s+)?[\w-]+\s*\(\)\s*\{")
_HERE = re.compile(r"<<-?\s*[\"']?(\w+)[\"']?")
_EXPRESSION = re.compile(r"\$\{\{.*?\}\}")
_OPERATORS = frozenset({"&&", "||", ";", "|", "&"})
MAX_LINES = 400
MAX_LINE = 500


def plain_lines(script: str) -> list[str]:
    """Give the commands of a script that run whatever happens, one a line, comments left out."""
    found: list[str] = []
    depth, until = 0, ""
    for line in _joined(script)[:MAX_LINES]:
        stripped = line.strip()
        if until:
            until = "" if stripped == until else until
            continue
        if not stripped or stripped.startswith("#"):
            continue
        if here := _HERE.search(stripped):
            until = here.group(1)
            continue
        opens = bool(_OPENING.match(stripped) or _FUNCTION.match(stripped))
        closes = bool(_CLOSING.search(stripped)) or (not opens and stripped == "}")
        if depth == 0 and not opens and not closes:
            found.append(_without_comment(stripped))
        depth = max(0, depth + opens - closes)
    return found


def _without_comment(line: str) -> str:
    head = line.partition(" # ")[0]
    return line if head.count("'") % 2 or head.count('"') % 2 else head.rstrip()


def _joined(script: str) -> list[str]:
    lines: list[str] = []
    parts: list[str] = []
    for line in script.splitlines():
        if line.endswith("\\") and len(parts) < MAX_LINES:
            parts.append(line[:-1].strip())
            continue
        lines.append(" ".join([*parts, line.strip()]))
        parts = []
    if parts:
        lines.append(" ".join(parts))
    return [line for line in lines if len(line) <= MAX_LINE]


def segments(line: str) -> list[list[str]]:
    """Split a line into its commands, each as words; a line whose quotes stay open has none.

    An expression of a CI system is one word.
    """
    if len(line) > MAX_LINE:
        return []
    masked = _EXPRESSION.sub("EXPRESSION", line)
    try:
        lexer = shlex.shlex(masked, posix=True, punctuation_chars=";&|")
        lexer.whitespace_split = True
        words = list(lexer)
    except ValueError:
        return []
    found: list[list[str]] = [[]]
    for word in words:
        if word in _OPERATORS:
            found.append([])
        else:
            found[-1].append(word)
    return [words for words in found if words]
