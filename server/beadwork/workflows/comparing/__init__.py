"""What a bead's branch changed, for people and editors. This is its door."""

from beadwork.workflows.comparing.changes import (
    ChangedFileView,
    ChangesView,
    Since,
    changes_of,
    patch_for,
    text_at,
)

__all__ = ["ChangedFileView", "ChangesView", "Since", "changes_of", "patch_for", "text_at"]
