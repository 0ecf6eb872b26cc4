"""With which commands a project is installed, built, tested and checked, read from its files. This is the
door."""

from beadwork.context.stack.detecting import detect, is_beside
from beadwork.context.stack.model import PLACEHOLDERS, Command, Part, Purpose, Stack, stands_as_it_is

__all__ = ["PLACEHOLDERS", "Command", "Part", "Purpose", "Stack", "detect", "is_beside", "stands_as_it_is"]
