"""Why a bead is not made or changed as it was asked for.

EditingError
├── UnfitText              a text that no field can hold, or a place that is not in the project
├── UseClose               a bead is closed by closing it, which looks at what stands in the way
├── UseReopen              a closed bead is opened by reopening it
├── NoSuchStatus           neither bd nor anybody here has that status
├── DependencyCircle       beads would wait for each other
├── NoSuchDependency       there is nothing to take away
├── HasParent              it is a part of another bead already
└── BeadsThere             there is nothing to begin with
"""

from beadwork.errors import BeadworkError


class EditingError(BeadworkError):
    """A bead was not made or changed."""

    code = "editing"


class UnfitText(EditingError):  # noqa: N818
    """A text that no field can hold."""

    code = "unfit-text"


class UseClose(EditingError):  # noqa: N818
    """A status that only closing gives."""

    code = "use-close"


class UseReopen(EditingError):  # noqa: N818
    """A status that only reopening gives."""

    code = "use-reopen"


class NoSuchStatus(EditingError):  # noqa: N818
    """A status that there is not."""

    code = "no-such-status"


class DependencyCircle(EditingError):  # noqa: N818
    """Beads would wait for each other."""

    code = "dependency-circle"


class NoSuchDependency(EditingError):  # noqa: N818
    """A dependency that there is not."""

    code = "no-such-dependency"


class HasParent(EditingError):  # noqa: N818
    """It is a part of another bead already."""

    code = "has-parent"


class BeadsThere(EditingError):  # noqa: N818
    """There are beads already."""

    code = "beads-there"
