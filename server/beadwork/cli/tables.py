"""Tables that several commands show."""

from beadwork.cli import wording
from beadwork.cli.printing import Cell, Table
from beadwork.workflows import RunView


def runs_table(runs: tuple[RunView, ...], *, with_bead: bool = True, with_project: bool = False) -> Table:
    """Set out runs, a line each; those that wait for a person say with which command they go on."""
    now = wording.present()
    rows = tuple(
        (
            Cell(wording.short(run), "bold"),
            Cell(wording.verb(run)),
            Cell(wording.subject(run.bead) if with_bead else ""),
            Cell(wording.state(run, now), wording.STATE_STYLES.get(run.state, "")),
            Cell(wording.ago(run.queued_at, now), "dim"),
            Cell(wording.took(run, now), "dim"),
            Cell(wording.dollars(run.cost_usd) if run.cost_usd is not None else "", "dim"),
            Cell(wording.attempt(run), "dim"),
            Cell(run.folder if with_project else "", "dim"),
            Cell(wording.wanted(run), "bold yellow"),
            # One that goes on after a rest still has the words of that rest.
            Cell((run.summary if run.ended_at is not None else "") or wording.title(run)),
        )
        for run in runs
    )
    return Table(rows, flexible=10)
