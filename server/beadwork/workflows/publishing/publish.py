"""Publish a bead's branch, as its steps: push it, ask the remote, open its pull request, tell the bead.

It runs in a worker, also as the end of a run of work. The user's own git pushes, with their hooks; what
others put on the branch is never replaced. What it leaves out: the pull request (`requesting.py`), and what
can be seen before anything is queued (`ordering_publish.py`).
"""

from collections.abc import Mapping, Sequence

import attrs

from beadwork.beads import TrackerError
from beadwork.checkouts import Branch, Pushed, RemoteError, branch_in, contains, push
from beadwork.executions import Assignment, Conclusion, EventKind, Phase, Reason, State
from beadwork.forges import PullRequest
from beadwork.workflows.kit import Kit, see_through, turned_down
from beadwork.workflows.publishing.ordering_publish import nothing_to_publish
from beadwork.workflows.publishing.pushed import commits_pushed, note_push
from beadwork.workflows.publishing.requesting import request
from beadwork.workflows.publishing.standing import Place, place_of
from beadwork.workflows.views import Obstacle, RefusalCode, Refused
from beadwork.workflows.working.journal import log_error

_SHOWN = 4000
"""Characters of what git and hooks said that are data of a refusal; the log has more."""


@attrs.frozen
class Published:
    """A branch that the remote, asked, has."""

    remote: str
    url: str
    """Without a password."""
    branch: str
    commit: str
    pull_request: PullRequest | None = None
    links: tuple[str, ...] = ()
    """What the remote told, as for opening a pull request."""
    notes: tuple[str, ...] = ()
    """Sentences that a person should know."""

    def data(self) -> Mapping[str, object]:
        """Give what `results.publish` holds."""
        opened = self.pull_request
        return {
            "remote": self.remote,
            "branch": self.branch,
            "commit": self.commit,
            "url": self.url,
            "pullRequest": opened and {"number": opened.number, "url": opened.url, "draft": opened.draft},
            "links": list(self.links),
            "notes": list(self.notes),
        }

    @property
    def sentence(self) -> str:
        """What was published where, the pull request, and what else is to be known."""
        notes = self.notes
        if self.pull_request is not None:
            draft = " (a draft)" if self.pull_request.draft else ""
            notes = (f"Pull request {self.pull_request.url}{draft}.", *notes)
        return " ".join([self.heading, *notes])

    @property
    def heading(self) -> str:
        """What was published where."""
        return f"Published {self.branch} at {self.commit[:10]} to {self.remote} ({self.url})."


async def publish(assignment: Assignment, kit: Kit) -> Conclusion:
    """Publish the branch of the bead that `assignment` names. Raises StoreError, LogError."""
    return await see_through(assignment, _publish(assignment, kit))


async def _publish(assignment: Assignment, kit: Kit) -> Conclusion:
    order = assignment.run.order
    try:
        done = await publishing_steps(assignment, kit, force=order.force, draft=order.draft)
    except RemoteError as error:
        log_error(assignment.log, error)
        return Conclusion(State.FAILED, Reason.REMOTE, error.message)
    if isinstance(done, Refused):
        refused_there = done.code is RefusalCode.REMOTE_REFUSED
        return turned_down(assignment, Reason.REMOTE if refused_there else Reason.REFUSED, done)
    return Conclusion(State.COMPLETED, Reason.PUBLISHED, done.sentence)


async def publishing_steps(
    assignment: Assignment, kit: Kit, *, force: bool = False, draft: bool | None = None, said: str = ""
) -> Published | Refused:
    """Publish the branch of the run's bead; give what the remote then has, or what stands in the way.

    `said` is what the work said of itself, if it is not in the store yet. Raises RemoteError when the remote
    cannot be asked, CheckoutError, OSError, StoreError, LogError; trouble with a tracker or forge is a note.
    """
    order = assignment.run.order
    assignment.enter(Phase.PUBLISHING)
    if refused := await nothing_to_publish(kit.settings, order.workspace, order.bead):
        return refused
    branch = await branch_in(order.workspace, order.bead, base=kit.settings.base)
    place = await place_of(kit.house, kit.settings, order.workspace, order.bead)
    if isinstance(place, Refused) or branch is None:
        return place if isinstance(place, Refused) else _gone(order.bead)
    assignment.note(branch=branch.name, head=branch.head)
    brought = await _bring_there(assignment, kit, place, branch, force=force)
    if isinstance(brought, Refused):
        return brought
    assignment.note(head=brought.commit)
    assignment.give(publish=brought.data())  # it stands, whatever becomes of the pull request
    branch = attrs.evolve(branch, head=brought.commit)
    requested = await request(assignment, kit, place, branch, draft=draft, said=said, links=brought.links)
    notes = (*brought.notes, *requested.notes)
    done = attrs.evolve(brought, pull_request=requested.pull_request, notes=notes)
    done = attrs.evolve(done, notes=(*notes, *await _tell(assignment, kit, done)))
    assignment.give(publish=done.data())
    return done


async def _bring_there(
    assignment: Assignment, kit: Kit, place: Place, branch: Branch, *, force: bool
) -> Published | Refused:
    """Make the remote have the head of the branch, and ask it whether it does."""
    order = assignment.run.order
    done = Published(place.remote, place.url, branch.name, branch.head)
    there = await place.ask()
    if there == branch.head:
        note_push(kit.house.state, order.workspace, order.bead, place.remote, there)
        return attrs.evolve(done, notes=(f"{place.remote} had it already.",))
    over = ""
    if there and not await contains(order.workspace, branch.head, there):
        if there not in commits_pushed(kit.house.state, order.workspace, order.bead, place.remote):
            return _ahead(place, there)
        if not force:
            return _rewritten(place, there)
        over = there
    note_push(kit.house.state, order.workspace, order.bead, place.remote, branch.head)
    pushed = await _push(assignment, place, over)
    now = await place.ask()
    notes = [f"It replaced {over[:10]}, which was pushed before the branch was rewritten."] if over else []
    if now != branch.head:
        newer = await branch_in(order.workspace, order.bead, base=kit.settings.base)
        if newer is None or newer.head != now:
            return await _not_there(place, branch, pushed, before=there, now=now)
        note_push(kit.house.state, order.workspace, order.bead, place.remote, now)
        notes.append(f"The branch went on from {branch.head[:10]} while it was pushed.")
    if isinstance(pushed, RemoteError):
        log_error(assignment.log, pushed)
    links = () if isinstance(pushed, RemoteError) else pushed.links
    return attrs.evolve(done, commit=now, links=links, notes=tuple(notes))


async def _push(assignment: Assignment, place: Place, over: str) -> Pushed | RemoteError:
    """Push, and write down what was said; an error is given, for the remote may have it all the same."""
    try:
        pushed = await push(
            place.workspace,
            place.remote,
            place.branch,
            environment=place.environment,
            limit=place.limit,
            over=over,
        )
    except RemoteError as error:
        return error
    pushed = attrs.evolve(pushed, said=assignment.log.masked(pushed.said))
    words = "Pushed" if pushed.accepted else "Not pushed"
    assignment.log.write(EventKind.GIT, text=f"{words}: {place.branch} to {place.shown}", branch=place.branch)
    if pushed.said:
        assignment.log.write(EventKind.NOTE, text=pushed.said)
    return pushed


async def _not_there(
    place: Place, branch: Branch, pushed: Pushed | RemoteError, *, before: str, now: str
) -> Refused:
    """Say why the remote does not have what was pushed. Raises what kept it from being pushed."""
    if isinstance(pushed, RemoteError):
        raise pushed
    if now != before and not await contains(place.workspace, branch.head, now):
        return _ahead(place, now)  # somebody was faster
    if pushed.accepted:
        words = (
            f"git pushed {place.branch}, but {place.shown} does not have it: see what happens to it there."
        )
    elif pushed.refused_there:
        words = f"{place.shown} refused {place.branch}: {_last(pushed.said)}"
    else:
        words = (
            f"{place.branch} was not pushed to {place.shown}; git, or a hook of yours, says: "
            f"{_last(pushed.said)}"
        )
    return _refused(RefusalCode.REMOTE_REFUSED, words, output=pushed.said[-_SHOWN:])


def _ahead(place: Place, there: str) -> Refused:
    words = (
        f"{place.shown} has commits on {place.branch} that you have not (up to {there[:10]}): "
        f"get them with `git fetch {place.remote} {place.branch}`, bring them into the branch, and try again."
    )
    return _refused(RefusalCode.REMOTE_AHEAD, words)


def _rewritten(place: Place, there: str) -> Refused:
    words = (
        f"{place.branch} was rewritten since it was pushed to {place.shown}, which has {there[:10]}: "
        "only by force can it be replaced there."
    )
    return _refused(RefusalCode.REWRITTEN, words, can_force=True)


def _gone(bead: str) -> Refused:
    return Refused(RefusalCode.NO_BRANCH, f"The branch of {bead} is gone.")


def _refused(code: RefusalCode, words: str, *, output: str = "", can_force: bool = False) -> Refused:
    return Refused(code, words, can_force=can_force, obstacles=(Obstacle(code, words, output=output),))


def _last(said: str) -> str:
    """Give the last line of what was said, as a sentence."""
    lines = [line.removeprefix("remote: ").strip() for line in said.splitlines()]
    return f"{next((line for line in reversed(lines) if line), 'it said nothing').rstrip('.')}."


async def _tell(assignment: Assignment, kit: Kit, done: Published) -> Sequence[str]:
    """Tell the bead what was published, once for each commit and pull request; give what went wrong."""
    if kit.tracker.read_only:
        return ()
    bead = assignment.run.order.bead
    more = done.sentence.removeprefix(done.heading).strip()
    comment = assignment.log.masked("\n\n".join(filter(None, [done.heading, more])))
    opened = done.pull_request.url if done.pull_request else ""
    try:
        told = [each.text for each in await kit.tracker.comments(bead)]
        if not any(done.heading in text and opened in text for text in told):
            await kit.tracker.comment(bead, comment, kit.actor)
    except TrackerError as error:
        log_error(assignment.log, error)
        return (f"{bead} could not be told of it: {error.message}",)
    return ()
