"""Making and changing beads as a person asks for it, at once; it starts no run."""

from beadwork.workflows.editing.creating import CreateRequest
from beadwork.workflows.editing.editing import Editing
from beadwork.workflows.editing.places import Place

__all__ = ["CreateRequest", "Editing", "Place"]
