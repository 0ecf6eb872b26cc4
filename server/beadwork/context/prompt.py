"""Prompts: a template filled with what is known of a bead, within a budget.

What it leaves out: finding things out (workflows), and sending the prompt.
"""

from collections.abc import Mapping, Sequence

import attrs

from beadwork.context.bead_parts import parts_of
from beadwork.context.budget import BYTES_PER_TOKEN, first_bytes, share, size, tokens
from beadwork.context.fences import enclosed, new_mark, one_line
from beadwork.context.model import Knowledge, PartSize, Prompt, PromptError
from beadwork.context.parts import Part, Section
from beadwork.context.templates import PLACEHOLDER, Template

NOTHING = "(nothing)"
"""What stands where there is nothing to say."""
_LEFT_OUT = "For want of room this prompt has only a part of some things:"
_GAP = "\n\n"
_LEAST = 40
"""Bytes below which a cut part says nothing."""
_LONGEST_WORD = 200


@attrs.frozen
class _Placed:
    """A part with its fence and its room."""

    part: Part
    text: str
    """Fenced; empty when it was dropped."""
    cut: str


def compose(knowledge: Knowledge, template: Template, budget: int, *, mark: str = "") -> Prompt:
    """Give the prompt, at most `budget` tokens long; `mark` is random unless a test names one.

    Raises PromptError when the template alone is longer than that.
    """
    mark = mark or new_mark()
    words = {
        "id": _word(knowledge.id, mark),
        "branch": _word(knowledge.branch, mark),
        "base": _word(knowledge.base, mark),
        "mark": mark,
    }
    everything = parts_of(knowledge)
    parts = [part for part in everything if part.section in template.names]
    skeleton = _filled(template, words, dict.fromkeys(Section, NOTHING))
    reserve = _reserve(parts) if Section.NOTES in template.names else 0
    room = budget * BYTES_PER_TOKEN - size(skeleton) - reserve
    if room < 0:
        least = tokens(size(skeleton) + reserve)
        raise PromptError(
            f"The setting `prompt_budget` is {budget} tokens, but the prompt {template.source} takes {least} "
            "before anything is told of the bead: raise the one or shorten the other.",
        )
    placed = _placed(parts, room, mark)
    text = _filled(template, words, _sections(placed))
    account = [PartSize("template", tokens(size(skeleton)), tokens(size(skeleton)))]
    account += [_account(each, mark) for each in placed]
    return Prompt(
        text=text,
        template=template.source,
        tokens=tokens(size(text)),
        budget=budget,
        parts=tuple(account),
        warnings=_warnings(everything, template),
    )


def _placed(parts: Sequence[Part], room: int, mark: str) -> list[_Placed]:
    wholes = [part.whole() for part in parts]
    fences = [_overhead(part, mark) for part in parts]
    wants = [(part.worth, whole + fence) for part, whole, fence in zip(parts, wholes, fences, strict=True)]
    placed = []
    for part, given, whole, fence in zip(parts, share(room, wants), wholes, fences, strict=True):
        if given - fence < min(_LEAST, whole):
            placed.append(_Placed(part, "", "nothing"))
            continue
        fitted = part.fit(given - fence)
        placed.append(_Placed(part, enclosed(mark, part.name, fitted.text), fitted.cut))
    return placed


def _overhead(part: Part, mark: str) -> int:
    # The text may hold the mark by chance or by guess; what replaces it is shorter, so the size only falls.
    return size(enclosed(mark, part.name, "")) + len(_GAP)


def _sections(placed: Sequence[_Placed]) -> dict[str, str]:
    filled = {}
    for section in Section:
        texts = [each.text for each in placed if each.part.section is section and each.text]
        filled[section.value] = _GAP.join(texts)
    left_out = [_left_out_line(each.part.name, each.cut) for each in placed if each.cut]
    if left_out:
        notes = "\n".join([_LEFT_OUT, *left_out])
        filled[Section.NOTES] = _GAP.join(filter(None, [filled[Section.NOTES], notes]))
    return {name: text or NOTHING for name, text in filled.items()}


def _left_out_line(name: str, cut: str) -> str:
    return f"- {name}: {cut}"


def _reserve(parts: Sequence[Part]) -> int:
    """Give the bytes that the lines about what was left out may take."""
    lines = [_left_out_line(part.name, max("nothing", part.longest_cut(), key=len)) for part in parts]
    return sum(size(line) + 1 for line in lines) + size(_LEFT_OUT) + len(_GAP)


def _filled(template: Template, words: Mapping[str, str], sections: Mapping[str, str]) -> str:
    """Fill the template in one pass, so that nothing that is filled in is looked at again."""
    values = {**words, **sections}
    return PLACEHOLDER.sub(lambda match: f"${{{match[2]}}}" if match[1] else values[match[2]], template.text)


def _word(text: str, mark: str) -> str:
    """Give an id or a branch as one plain word: it stands outside of every fence."""
    plain = "".join(each if each.isalnum() or each in "._-/+:" else "?" for each in one_line(text))
    plain = plain.replace(mark, "?")
    return first_bytes(plain, _LONGEST_WORD)


def _account(placed: _Placed, mark: str) -> PartSize:
    whole = placed.part.whole() + _overhead(placed.part, mark)
    return PartSize(placed.part.name, tokens(size(placed.text)), tokens(whole), placed.cut)


def _warnings(parts: Sequence[Part], template: Template) -> tuple[str, ...]:
    missing = [section for section in Section if section not in template.names]
    return tuple(
        f"The prompt {template.source} has no `${{{section}}}`, so this is not told: {', '.join(names)}."
        for section in missing
        if (names := [part.name for part in parts if part.section is section])
    )
