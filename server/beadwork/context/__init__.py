"""The room of context: what an agent is told. This is its door."""

from beadwork.context.changes import portions_of
from beadwork.context.drawing import draw
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
    "Attempt",
    "Change",
    "ChangedFile",
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
    "portions_of",
    "recall",
    "remember",
    "template_of",
]
