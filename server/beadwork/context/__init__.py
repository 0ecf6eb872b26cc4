"""The room of context: what an agent is told. This is its door."""

from beadwork.context.bead_parts import FINDINGS
from beadwork.context.changes import name_of_change, portions_of
from beadwork.context.drawing import draw
from beadwork.context.failing import Failing, words_of_failing
from beadwork.context.memory import recall, remember
from beadwork.context.model import (
    Attempt,
    Change,
    ChangedFile,
    Knowledge,
    Landscape,
    PartSize,
    Prompt,
    PromptError,
    PromptKind,
    Relative,
    ToolCommand,
)
from beadwork.context.prompt import compose
from beadwork.context.templates import Template, template_of

__all__ = [
    "FINDINGS",
    "Attempt",
    "Change",
    "ChangedFile",
    "Failing",
    "Knowledge",
    "Landscape",
    "PartSize",
    "Prompt",
    "PromptError",
    "PromptKind",
    "Relative",
    "Template",
    "ToolCommand",
    "compose",
    "draw",
    "name_of_change",
    "portions_of",
    "recall",
    "remember",
    "template_of",
    "words_of_failing",
]
