"""What a page of a bead is made of, as data."""

import attrs

from beadwork.workflows.pages.markdown import Known
from beadwork.workflows.reviews.showing import FindingsView
from beadwork.workflows.views import BeadPage


@attrs.frozen
class Matter:
    """A bead with all that its page says."""

    page: BeadPage
    found: FindingsView
    """Its newest review, and all findings of that."""
    read_only: str
    """Why beads cannot be changed; empty when they can."""
    known: Known
    """Which other beads there are."""

    @property
    def editable(self) -> bool:
        """Whether its fields can be changed."""
        return "edit" in self.page.bead.actions
