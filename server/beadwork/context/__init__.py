"""The room of context: what an agent is told. This is its door."""

from beadwork.context.drawing import draw
from beadwork.context.memory import recall, remember
from beadwork.context.model import (
    Attempt,
    Change,
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
    "recall",
    "remember",
    "template_of",
]
