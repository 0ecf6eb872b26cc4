"""What a person types to find beads: plain words, and words about fields.

A plain word stands in the id, the title, the description or a label. `type:bug`, `status:open`, `priority:1`
(or `p1`), `label:ui` and `assignee:ada` are about a field, which is exactly that; `assignee:` and `label:`
alone mean none, and the others alone nothing. All of it in any case, and every word must fit. Quotes keep
spaces together (`label:"two words"`, `"off by one"`). A word with a colon that names no field is a plain one.

What it leaves out: the order of what is found (`index.py`).
"""

import re
from collections.abc import Callable, Collection, Mapping

import attrs

from beadwork.beads.model import Bead

_FIELDS: Mapping[str, Callable[[Bead], Collection[str]]] = {
    "type": lambda bead: (bead.type,),
    "status": lambda bead: (bead.status,),
    "priority": lambda bead: (str(bead.priority),),
    "label": lambda bead: bead.labels or ("",),
    "assignee": lambda bead: (bead.assignee,),
}
_MAY_BE_NONE = frozenset({"label", "assignee"})
_WORD = re.compile(r'(?P<before>[^\s":]+:)?"(?P<quoted>[^"]*)"|(?P<plain>\S+)')
_PRIORITY = re.compile(r"p([0-4])")


def searched_text(bead: Bead) -> str:
    """Give the text that plain words are looked for in."""
    return "\n".join((bead.id, bead.title, bead.description, *bead.labels)).casefold()


@attrs.frozen
class Search:
    """What is searched for, in the case that is compared."""

    words: tuple[str, ...]
    fields: tuple[tuple[str, str], ...]

    @classmethod
    def read(cls, text: str) -> "Search":
        """Read what a person typed; nothing in it is wrong."""
        words: list[str] = []
        fields: list[tuple[str, str]] = []
        for found in _WORD.finditer(text.casefold()):
            name, value = _parted(found)
            if name in _FIELDS:
                exactly = value.removeprefix("p") if name == "priority" else value
                fields += [(name, exactly)] if exactly or name in _MAY_BE_NONE else []
            elif priority := _PRIORITY.fullmatch(found["plain"] or ""):
                fields.append(("priority", priority[1]))
            else:
                words.append(found["plain"] or f"{found['before'] or ''}{found['quoted']}")
        return cls(tuple(words), tuple(fields))

    def fits(self, bead: Bead, text: str) -> bool:
        """Whether a bead, with its `searched_text`, is what is searched for."""
        return all(
            any(each.casefold() == value for each in _FIELDS[name](bead)) for name, value in self.fields
        ) and all(word in text for word in self.words)


def _parted(found: re.Match[str]) -> tuple[str, str]:
    """Give the name before the colon, empty without one, and what comes after it."""
    if found["plain"] is None:
        return (found["before"] or "").rstrip(":"), found["quoted"]
    name, colon, value = found["plain"].partition(":")
    return (name, value) if colon else ("", name)
