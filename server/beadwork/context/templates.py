"""Templates of prompts: Beadwork's own, a user's, a project's; found, and checked before they are used.

A template is plain text with placeholders such as `${bead}`; `$${bead}` stands for the words themselves. The
later wins: Beadwork's own, then the user's (`prompts/work.md` beside their settings file), then the
project's (`.beadwork/prompts/work.md`). A project's comes with its repository: it is only words, as its
CLAUDE.md is, so what it says opens nothing; but where it came from is said wherever it is used. What it
leaves out: filling it.
"""

import difflib
import os
import re
import stat
from importlib import resources
from pathlib import Path

import attrs

from beadwork.context.fences import visible
from beadwork.context.model import PromptError, PromptKind
from beadwork.context.parts import Section

OWN_PROMPTS = Path(__file__).parents[3] / "prompts"
"""Where the templates are when Beadwork runs from its own checkout; in the wheel they are in the package."""
OWN = "Beadwork's own"
PROJECT_PROMPTS = Path(".beadwork") / "prompts"
LARGEST = 64 * 1024
NAMES = frozenset({"id", "branch", "base", "mark", *Section})
NEEDED = frozenset({"mark", Section.BEAD})
"""Without the mark nobody knows what a fence is; without the bead there is nothing to do."""
PLACEHOLDER = re.compile(r"\$(\$?)\{([^{}\n]*)\}")


@attrs.frozen
class Template:
    """A template that can be used."""

    text: str
    source: str
    """What a person is told: `Beadwork's own`, or its path."""

    @property
    def names(self) -> frozenset[str]:
        """The placeholders in it."""
        return frozenset(name for escaped, name in PLACEHOLDER.findall(self.text) if not escaped)


def template_of(kind: PromptKind, user: Path | None, project: Path | None) -> Template:
    """Give the template for `kind`. `user` is the folder of the user's own, `project` a workspace folder.

    Raises PromptError, with the file and the line, for one that cannot be read or used.
    """
    name = f"{kind}.md"
    for path, root in (
        (project / PROJECT_PROMPTS / name if project else None, project),
        (user / name if user else None, None),
    ):
        if path is not None and (text := _text_of(path, root)) is not None:
            return checked(kind, Template(visible(text), str(path)))
    return checked(kind, Template(_own(name), OWN))


def _own(name: str) -> str:
    packaged = resources.files("beadwork").joinpath("prompts", name)
    if packaged.is_file():
        return packaged.read_text("utf-8")
    return (OWN_PROMPTS / name).read_text("utf-8")


def _text_of(path: Path, root: Path | None) -> str | None:
    """Give a template's text, None where there is none. With `root`, no link may lead out of it."""
    try:
        # Not Path.resolve: up to Python 3.12 it raises a RuntimeError for a loop.
        real = Path(os.path.realpath(path, strict=True))
        if root is not None and not real.is_relative_to(os.path.realpath(root)):
            raise PromptError(
                f"The prompt {path} is a link out of its project, so it is not used: remove it."
            )
        handle = os.open(real, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise PromptError(f"The prompt {path} is no plain file: make it one, or remove it.")
            content = file.read(LARGEST + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise PromptError(f"The prompt {path} cannot be read: {error.strerror or error}.") from error
    if len(content) > LARGEST:
        raise PromptError(f"The prompt {path} is larger than {LARGEST // 1024} KiB: shorten it.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PromptError(f"The prompt {path} is no UTF-8 text: save it as UTF-8.") from error


def checked(kind: PromptKind, template: Template) -> Template:
    """Give `template` back if prompts of `kind` can be made with it. Raises PromptError."""
    for match in PLACEHOLDER.finditer(template.text):
        if not match[1] and match[2] not in NAMES:
            line = template.text.count("\n", 0, match.start()) + 1
            near = difflib.get_close_matches(match[2], sorted(NAMES), n=1)
            hint = f"did you mean `${{{near[0]}}}`?" if near else f"there are {', '.join(sorted(NAMES))}."
            raise PromptError(
                f"The prompt {template.source}, line {line}: there is no placeholder `{match[0]}`; {hint}"
            )
    for name in sorted(Section):
        if len(re.findall(r"(?<!\$)\$\{" + name + r"\}", template.text)) > 1:
            raise PromptError(f"The prompt {template.source} has `${{{name}}}` twice: keep one of them.")
    needed = NEEDED | ({Section.FINDINGS} if kind in {PromptKind.FIX, PromptKind.MERGE} else set())
    if missing := sorted(needed - template.names):
        words = " and ".join(f"`${{{name}}}`" for name in missing)
        them = "it where it belongs" if len(missing) == 1 else "them where they belong"
        raise PromptError(f"The prompt {template.source} lacks {words}: put {them}.")
    return template
