"""Whether a finding still counts: what a person, and the beads that have to do with it, made of it. Pure.

What it leaves out: findings themselves (the room `findings/`), and showing them (`reviews/showing.py`).
"""

import datetime
import math
from collections.abc import Mapping

from beadwork.beads import Bead
from beadwork.findings import FindingState, KeptFinding


def settled_by(kept: KeptFinding, beads: Mapping[str, Bead], reviewed_at: float) -> Bead | None:
    """Give the closed bead that settles a finding, if one does.

    The bead that was made of it, unless a later review said it again; or the bead that was reviewed.
    """
    own = beads.get(kept.bead) if kept.bead else None
    if own is not None and own.closed and _closed_since(own, reviewed_at):
        return own
    subject = beads.get(kept.subject)
    return subject if subject is not None and subject.closed else None


def _closed_since(bead: Bead, reviewed_at: float) -> bool:
    """Whether a closed bead was closed after a moment; one that does not say when counts as closed by now.

    Trackers write whole seconds or fractions of them, in UTC or with an offset.
    """
    try:
        closed = datetime.datetime.fromisoformat(bead.closed_at.strip())
    except ValueError:
        return True
    if closed.tzinfo is None:
        closed = closed.replace(tzinfo=datetime.UTC)
    return closed.timestamp() >= math.floor(reviewed_at)


def is_open(kept: KeptFinding, beads: Mapping[str, Bead], reviewed_at: float) -> bool:
    """Whether a finding still counts: nobody dismissed it, and no closed bead settles it."""
    return kept.state is FindingState.OPEN and settled_by(kept, beads, reviewed_at) is None
