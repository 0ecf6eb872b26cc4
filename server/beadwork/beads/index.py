"""The cached view of one workspace: every question of an editor answered from memory.

An index never changes: a new listing, or a new state of a run, makes a new one. What it leaves out: when to
refresh (whoever holds it compares the tracker's change signal), and executions (it is told their states).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property

from beadwork.beads.blocking import PARENT, blockers_of, is_ready
from beadwork.beads.model import WORK_DONE, Bead, Group, Listing
from beadwork.beads.record import instant


class Index:
    """All beads of a workspace, grouped, with what blocks them.

    Where a bead belongs, the first that fits:

    - *running*, *needs you*: by `runs`; a closed bead never needs you.
    - *closed*; then *done to review*: the label `work-done`, whatever the status.
    - *blocked*: something is in its way, or its own status says so.
    - *ready*: as `bd ready` has it. *In progress*: that status.
    - *open*: the rest, so that nothing is hidden: deferred, pinned, hooked, a custom status, and what bd
      never calls ready (ephemeral beads; agents, molecules, gates and the like, which orchestrators keep).
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
        (seconds since the epoch) decides what is still put off.
        """
        self.listing = listing
        self._runs = dict(runs or {})
        self._now = now
        self._beads: dict[str, Bead] = {bead.id: bead for bead in listing.beads}

    def with_runs(self, runs: Mapping[str, str]) -> "Index":
        """Give an index of the same beads with other runs; blockers and readiness are kept."""
        other = Index(self.listing, runs, now=self._now)
        other.__dict__.update(
            {
                key: self.__dict__[key]
                for key in ("_blockers", "ready", "_reverse", "_haystacks")
                if key in self.__dict__
            }
        )
        return other

    def get(self, bead: str) -> Bead | None:
        """Give the bead with exactly that id."""
        return self._beads.get(bead)

    def blockers(self, bead: str) -> tuple[str, ...]:
        """Give the beads in its way; for a bead that only its parent's blockers hold up, the parent."""
        return self._blockers.get(bead, ())

    @cached_property
    def _blockers(self) -> Mapping[str, tuple[str, ...]]:
        return blockers_of(self._beads)

    @property
    def blocked(self) -> frozenset[str]:
        """The ids that `bd blocked` gives: what has an open blocker, whatever its type or status."""
        return frozenset(self._blockers)

    @cached_property
    def ready(self) -> tuple[str, ...]:
        """The ids that `bd ready` gives, the most urgent first, then the oldest."""
        ready = (
            bead
            for bead in self._beads.values()
            if bead.id not in self._blockers and is_ready(bead, self._beads, self._now)
        )
        return tuple(bead.id for bead in sorted(ready, key=_urgency))

    def group_of(self, bead: Bead) -> Group:
        """Give the one group that the bead is shown in."""
        return self._group(bead, frozenset(self.ready))

    def groups(self) -> Mapping[Group, tuple[Bead, ...]]:
        """Give all groups in their order, empty ones too, with every bead in exactly one.

        The most urgent first, then the oldest; closed ones by when they were closed, the newest first.
        """
        return self._groups

    @cached_property
    def _groups(self) -> Mapping[Group, tuple[Bead, ...]]:
        found: dict[Group, list[Bead]] = {group: [] for group in Group}
        ready = frozenset(self.ready)
        for bead in self._beads.values():
            found[self._group(bead, ready)].append(bead)
        return {
            group: tuple(sorted(beads, key=_closing if group is Group.CLOSED else _urgency))
            for group, beads in found.items()
        }

    def _group(self, bead: Bead, ready: frozenset[str]) -> Group:
        run = self._runs.get(bead.id)
        if run == Group.RUNNING:
            return Group.RUNNING
        if bead.closed:
            return Group.CLOSED
        if run == Group.NEEDS_YOU:
            return Group.NEEDS_YOU
        if WORK_DONE in bead.labels:
            return Group.DONE
        if bead.id in self._blockers or bead.status == "blocked":
            return Group.BLOCKED
        if bead.id in ready:
            return Group.READY
        return Group.IN_PROGRESS if bead.status == "in_progress" else Group.OPEN

    def search(self, text: str) -> tuple[Bead, ...]:
        """Give the beads that have every word of `text` in id, title, description or labels, in any case.

        In the order of the groups; an empty text gives all.
        """
        words = text.casefold().split()
        return tuple(
            bead
            for beads in self._groups.values()
            for bead in beads
            if all(word in self._haystacks[bead.id] for word in words)
        )

    @cached_property
    def _haystacks(self) -> Mapping[str, str]:
        return {
            bead.id: "\n".join((bead.id, bead.title, bead.description, *bead.labels)).casefold()
            for bead in self._beads.values()
        }

    def dependents(self, bead: str) -> tuple[tuple[str, str], ...]:
        """Give `(id, kind)` for every edge of another bead on this one, parents' children included."""
        return tuple(self._reverse.get(bead, ()))

    def children(self, bead: str) -> tuple[str, ...]:
        """Give the ids of the beads that have this one as a parent."""
        return tuple(child for child, kind in self._reverse.get(bead, ()) if kind == PARENT)

    @cached_property
    def _reverse(self) -> Mapping[str, list[tuple[str, str]]]:
        reverse: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for bead in self._beads.values():
            for edge in bead.edges:
                reverse[edge.on].append((bead.id, edge.kind))
        return dict(reverse)

    @property
    def beads(self) -> Iterable[Bead]:
        """All beads, in the order of the tracker."""
        return self._beads.values()


def _urgency(bead: Bead) -> tuple[int, float, str]:
    return bead.priority, instant(bead.created_at), bead.id


def _closing(bead: Bead) -> tuple[float, str]:
    return -instant(bead.closed_at or bead.updated_at), bead.id
