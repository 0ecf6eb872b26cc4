"""Makes views of beads and executions. Pure; what it leaves out: getting them."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs

from beadwork.beads import Bead, Comment, Group, Index, Tracker, Trouble
from beadwork.checkouts import gates_name, review_name
from beadwork.errors import BeadworkError
from beadwork.executions import Execution, Order, State, Verb
from beadwork.state_folder import StateFolder
from beadwork.workflows.offering import actions_of
from beadwork.workflows.views import (
    BeadPage,
    BeadView,
    CommentView,
    Failure,
    GroupView,
    ProjectView,
    RelatedView,
    RunView,
)

NEEDS_A_PERSON = frozenset({State.NEEDS_INPUT, State.PAUSED, State.BLOCKED, State.FAILED, State.TIMEOUT})
"""States of a bead's newest run that a person has to look at; a cancelled one was a person's own wish."""

TITLES: Mapping[Group, str] = {
    Group.RUNNING: "Running",
    Group.NEEDS_YOU: "Needs you",
    Group.READY: "Ready",
    Group.BLOCKED: "Blocked",
    Group.IN_PROGRESS: "In progress",
    Group.DONE: "Done to review",
    Group.OPEN: "Open",
    Group.CLOSED: "Closed",
}


@attrs.frozen
class Wanted:
    """Which beads a list shows."""

    search: str = ""
    """Words that they have; empty for all."""
    only: frozenset[Group] = frozenset()
    """The groups whose beads are given, those of the others being only counted; empty for all."""
    limit: int = 0
    """Beads of a group at most; 0 for all."""


EVERYTHING = Wanted()


def run_view(run: Execution, state: StateFolder) -> RunView:
    """Show an execution."""
    order = run.order
    return RunView.of(run, order.project if order.here else str(_checkout_of(order, state)))


def _checkout_of(order: Order, state: StateFolder) -> Path:
    names = {Verb.REVIEW: review_name(order.bead), Verb.GATES: gates_name(order.bead)}
    return state.checkout_of(order.workspace, names.get(order.verb, order.bead))


def groups_of_runs(newest: Mapping[str, Execution]) -> Mapping[str, str]:
    """Give, per bead, the group that its newest run puts it in; beads without one are left out."""
    groups = {}
    for bead, run in newest.items():
        if run.state in NEEDS_A_PERSON:
            groups[bead] = Group.NEEDS_YOU.value
        elif run.active:
            groups[bead] = Group.RUNNING.value
    return groups


def project_view(
    project: Path,
    tracker: Tracker,
    index: Index,
    newest: Mapping[str, Execution],
    state: StateFolder,
    *,
    wanted: Wanted = EVERYTHING,
    troubles: Sequence[Trouble] = (),
) -> ProjectView:
    """Show a project's beads in their groups, as far as they are wanted."""
    found = {bead.id for bead in index.search(wanted.search)} if wanted.search.strip() else None
    read_only = bool(tracker.read_only)

    def group_view(group: Group, beads: Sequence[Bead]) -> GroupView:
        matching = [bead for bead in beads if found is None or bead.id in found]
        given = matching if not wanted.only or group in wanted.only else []
        shown = tuple(
            bead_view(bead, group, index, newest.get(bead.id), state, read_only=read_only)
            for bead in given[: wanted.limit or None]
        )
        return GroupView(group, TITLES[group], shown, len(matching))

    groups = tuple(group_view(group, beads) for group, beads in index.groups().items())
    return ProjectView(
        folder=str(project),
        name=project.name,
        tracker=tracker.name,
        read_only=tracker.read_only,
        groups=groups,
        troubles=(*index.listing.troubles, *troubles),
    )


def unreadable_project(project: Path, error: BeadworkError) -> ProjectView:
    """Show a project whose beads cannot be read, and why."""
    failure = Failure(error.code, error.message, error.detail)
    groups = tuple(GroupView(group, TITLES[group], ()) for group in Group)
    return ProjectView(str(project), project.name, "", "", groups, error=failure)


def bead_view(
    bead: Bead,
    group: Group,
    index: Index,
    run: Execution | None,
    state: StateFolder,
    *,
    read_only: bool = False,
) -> BeadView:
    """Show a bead as a list does."""
    return BeadView(
        id=bead.id,
        title=bead.title,
        status=bead.status,
        type=bead.type,
        priority=bead.priority,
        group=group,
        assignee=bead.assignee,
        labels=bead.labels,
        blocked_by=() if bead.closed else index.blockers(bead.id),
        run=run_view(run, state) if run else None,
        parent=index.parent(bead.id),
        children=len(index.children(bead.id)),
        closed_children=index.closed_children(bead.id),
        actions=actions_of(group, run, read_only=read_only),
    )


def bead_page(
    bead: Bead,
    index: Index,
    comments: Sequence[Comment],
    runs: Sequence[Execution],
    state: StateFolder,
    *,
    newest: Execution | None,
    read_only: bool = False,
) -> BeadPage:
    """Show a bead with all that is known of it; `runs` the newest first, `newest` how it stands with it."""
    return BeadPage(
        bead=bead_view(bead, index.group_of(bead), index, newest, state, read_only=read_only),
        description=bead.description,
        design=bead.design,
        acceptance=bead.acceptance,
        notes=bead.notes,
        created_at=bead.created_at,
        updated_at=bead.updated_at,
        closed_at=bead.closed_at,
        close_reason=bead.close_reason,
        depends_on=tuple(_related(edge.on, edge.kind, index) for edge in bead.edges),
        dependents=tuple(_related(other, kind, index) for other, kind in index.dependents(bead.id)),
        comments=tuple(CommentView(comment.author, comment.text, comment.created_at) for comment in comments),
        runs=tuple(run_view(run, state) for run in runs),
    )


def _related(bead_id: str, kind: str, index: Index) -> RelatedView:
    bead = index.get(bead_id)
    return RelatedView(bead_id, kind, bead.title if bead else "", bead.status if bead else "")
