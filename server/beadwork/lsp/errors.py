"""What can be wrong with a request itself, before Beadwork is asked anything.

LspError
├── InvalidArguments       not what the command takes
├── UnknownCommand         no command has that name
└── FolderUnclear          no folder, or more than one, could be meant
"""

from beadwork.errors import BeadworkError


class LspError(BeadworkError):
    """A request that cannot be understood."""

    code = "request"


class InvalidArguments(LspError):  # noqa: N818
    """The argument is not what the command takes."""

    code = "invalid-arguments"


class UnknownCommand(LspError):  # noqa: N818
    """There is no command with that name."""

    code = "unknown-command"


class FolderUnclear(LspError):  # noqa: N818
    """No folder is named, and none or more than one is open."""

    code = "folder-unclear"
