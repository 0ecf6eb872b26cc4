"""The cached view of one workspace: every question of an editor answered from memory.

An index never changes: a new listing, or a new state of a run, makes a new one. What it leaves out: when to
refresh (whoever holds it compares the tracker's change signal), and executions (it is told their states).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property

import attrs

from beadwork.beads.blocking import PARENT, blockers_of, is_ready
from beadwork.beads.model import WORK_DONE, Bead, Group, Listing
from beadwork.beads.record import instant
from beadwork.beads.searching import Search, searched_text


@attrs.frozen(slots=False, eq=False)
class _Facts:
    """What follows from the beads alone; worked out once, when it is asked for, for all states of runs."""

    beads: Mapping[str, Bead]
    now: float | None

    @cached_property
    def blockers(self) -> Mapping[str, tuple[str, ...]]:
        return blockers_of(self.beads)

    @cached_property
    def ready(self) -> tuple[str, ...]:
        free = (bead for bead in self.unfinished if bead.id not in self.blockers)
        return tuple(bead.id for bead in free if is_ready(bead, self.beads, self.now))

    @cached_property
    def ready_set(self) -> frozenset[str]:
        return frozenset(self.ready)

    @cached_property
    def unfinished(self) -> tuple[Bead, ...]:
        return tuple(sorted((bead for bead in self.beads.values() if not bead.closed), key=_urgency))

    @cached_property
    def closed(self) -> tuple[Bead, ...]:
        return tuple(sorted((bead for bead in self.beads.values() if bead.closed), key=_closing))

    @cached_property
    def order(self) -> Mapping[str, int]:
        return {bead.id: place for place, bead in enumerate((*self.unfinished, *self.closed))}

    @cached_property
    def groups(self) -> Mapping[Group, tuple[Bead, ...]]:
        found: dict[Group, list[Bead]] = {group: [] for group in Group}
        for bead in (*self.unfinished, *self.closed):
            found[self.group_of(bead)].append(bead)
        return {group: tuple(beads) for group, beads in found.items()}

    def group_of(self, bead: Bead) -> Group:
        if bead.closed:
            return Group.CLOSED
        if WORK_DONE in bead.labels:
            return Group.DONE
        if bead.id in self.blockers or bead.status == "blocked":
            return Group.BLOCKED
        if bead.id in self.ready_set:
            return Group.READY
        return Group.IN_PROGRESS if bead.status == "in_progress" else Group.OPEN

    @cached_property
    def texts(self) -> Mapping[str, str]:
        return {bead.id: searched_text(bead) for bead in self.beads.values()}

    @cached_property
    def dependents(self) -> Mapping[str, list[tuple[str, str]]]:
        dependents: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for bead in self.beads.values():
            for edge in bead.edges:
                dependents[edge.on].append((bead.id, edge.kind))
        return dict(dependents)

    @cached_property
    def children(self) -> Mapping[str, list[str]]:
        children: dict[str, list[str]] = defaultdict(list)
        for bead in self.beads.values():
            for edge in bead.edges:
                if edge.kind == PARENT:
                    children[edge.on].append(bead.id)
        return dict(children)

    @cached_property
    def closed_children(self) -> Mapping[str, int]:
        return {
            parent: sum(1 for child in children if self.beads[child].closed)
            for parent, children in self.children.items()
        }


class Index:
    """All beads of a workspace, grouped, with what blocks them.

    Where a bead belongs, the first that fits:

    - *running*, *needs you*: by `runs`; a closed bead never needs you.
    - *closed*; then *done to review*: the label `work-done`, whatever the status.
    - *blocked*: something is in its way, or its own status says so.
    - *ready*: as `bd ready` has it. *In progress*: that status.
    - *open*: the rest, so that nothing is hidden: deferred, pinned, hooked, a custom status, and what bd
      never calls ready (ephemeral beads; agents, molecules, gates and the like, which orchestrators keep).

    What is put off until a time becomes ready in the first index that is made after it.
    """

    def __init__(
        self,
        listing: Listing,
        runs: Mapping[str, str] | None = None,
        *,
        now: float | None = None,
    ) -> None:
        """Make an index.

        `runs` gives the newest run's state per bead: `running` or `needs_you`; others are as if absent. `now`
        (seconds since the epoch, by default the moment of the first question) decides what is put off.
        """
        self.listing = listing
        self._runs = dict(runs or {})
        self._facts = _Facts({bead.id: bead for bead in listing.beads}, now)

    def with_runs(self, runs: Mapping[str, str]) -> "Index":
        """Give an index of the same beads with other runs; blockers, order and texts are shared."""
        other = Index.__new__(Index)
        other.listing, other._runs, other._facts = self.listing, dict(runs), self._facts  # noqa: SLF001
        return other

    @property
    def beads(self) -> Iterable[Bead]:
        """All beads, in the order of the tracker."""
        return self._facts.beads.values()

    def get(self, bead: str) -> Bead | None:
        """Give the bead with exactly that id."""
        return self._facts.beads.get(bead)

    def has(self, bead: str) -> bool:
        """Whether there is a bead with exactly that id."""
        return bead in self._facts.beads

    def blockers(self, bead: str) -> tuple[str, ...]:
        """Give the beads in its way; for a bead that only its parent's blockers hold up, the parent."""
        return self._facts.blockers.get(bead, ())

    @property
    def blocked(self) -> frozenset[str]:
        """The ids that `bd blocked` gives: what has an open blocker, whatever its type or status."""
        return frozenset(self._facts.blockers)

    @property
    def ready(self) -> tuple[str, ...]:
        """The ids that `bd ready` gives, the most urgent first, then the oldest."""
        return self._facts.ready

    def dependents(self, bead: str) -> tuple[tuple[str, str], ...]:
        """Give `(id, kind)` for every edge of another bead on this one, children included."""
        return tuple(self._facts.dependents.get(bead, ()))

    def children(self, bead: str) -> tuple[str, ...]:
        """Give the ids of the beads that have this one as a parent."""
        return tuple(self._facts.children.get(bead, ()))

    def closed_children(self, bead: str) -> int:
        """Count the beads that have this one as a parent and are closed."""
        return self._facts.closed_children.get(bead, 0)

    def parent(self, bead: str) -> str:
        """Give the bead that this one is a part of; empty when there is none here."""
        found = self._facts.beads.get(bead)
        for edge in found.edges if found else ():
            if edge.kind == PARENT and edge.on in self._facts.beads:
                return edge.on
        return ""

    def groups(self) -> Mapping[Group, tuple[Bead, ...]]:
        """Give all groups in their order, empty ones too, with every bead in exactly one.

        The most urgent first, then the oldest; closed ones by when they were closed, the newest first.
        """
        return self._groups

    @cached_property
    def _groups(self) -> Mapping[Group, tuple[Bead, ...]]:
        found = dict(self._facts.groups)
        with_runs = [bead for each in self._runs if (bead := self.get(each)) is not None]
        moved = {bead.id for bead in with_runs if self._moved_to(bead) is not None}
        for group in {self._facts.group_of(bead) for bead in with_runs if bead.id in moved}:
            found[group] = tuple(bead for bead in found[group] if bead.id not in moved)
        for each in sorted(moved, key=self._facts.order.__getitem__):
            bead = self._facts.beads[each]
            found[self.group_of(bead)] += (bead,)
        return found

    def _moved_to(self, bead: Bead) -> Group | None:
        """Give the group that a bead's run puts it in; None where it is in the one without."""
        run = self._runs.get(bead.id)
        if run == Group.RUNNING:
            return Group.RUNNING
        return Group.NEEDS_YOU if run == Group.NEEDS_YOU and not bead.closed else None

    def group_of(self, bead: Bead) -> Group:
        """Give the one group that the bead is shown in."""
        return self._moved_to(bead) or self._facts.group_of(bead)

    def search(self, text: str) -> tuple[Bead, ...]:
        """Give the beads that fit every word of `text`, see `searching.py`.

        In the order of the groups; an empty text gives all.
        """
        found = [bead for beads in self._groups.values() for bead in beads]
        if not text.strip():
            return tuple(found)
        wanted, texts = Search.read(text), self._facts.texts
        return tuple(bead for bead in found if wanted.fits(bead, texts[bead.id]))


def _urgency(bead: Bead) -> tuple[int, float, str]:
    return bead.priority, instant(bead.created_at), bead.id


def _closing(bead: Bead) -> tuple[float, str]:
    return -instant(bead.closed_at or bead.updated_at), bead.id
