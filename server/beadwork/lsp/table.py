"""Every command of the server, in one table: its name, its argument, and what answers it.

It is loaded before the server answers `initialize`, so it names what answers without loading it.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

import attrs

from beadwork.lsp import arguments
from beadwork.lsp import editing_arguments as editing
from beadwork.lsp import finding_arguments as of_findings
from beadwork.lsp import finishing_arguments as finishing

if TYPE_CHECKING:
    from beadwork.lsp.answering import Answers
    from beadwork.lsp.wire import Reply


@attrs.frozen
class Command:
    """A command of the server."""

    name: str
    argument: type
    answer: "Callable[[Answers, Any], Awaitable[Reply]]"

    @property
    def title(self) -> str:
        """What it does, as a menu says it: the first line of its argument's docstring."""
        return (self.argument.__doc__ or "").split("\n")[0].rstrip(".")


COMMANDS: Mapping[str, Command] = {
    command.name: command
    for command in (
        Command("beadwork.list", arguments.ListBeads, lambda to, ask: to.list_beads(ask)),
        Command("beadwork.show", arguments.ShowBead, lambda to, ask: to.show_bead(ask)),
        Command("beadwork.page", editing.ShowPage, lambda to, ask: to.editing.page(ask)),
        Command("beadwork.create", editing.CreateBead, lambda to, ask: to.editing.create(ask)),
        Command("beadwork.change", editing.ChangeBead, lambda to, ask: to.editing.change(ask)),
        Command("beadwork.depend", editing.Depend, lambda to, ask: to.editing.depend(ask)),
        Command("beadwork.comment", editing.AddComment, lambda to, ask: to.editing.comment(ask)),
        Command("beadwork.choices", editing.ListChoices, lambda to, ask: to.editing.choices(ask)),
        Command("beadwork.init", editing.BeginBeads, lambda to, ask: to.editing.begin(ask)),
        Command("beadwork.work", arguments.WorkOnBead, lambda to, ask: to.work_on_bead(ask)),
        Command("beadwork.cancel", arguments.CancelRun, lambda to, ask: to.cancel_run(ask)),
        Command("beadwork.answer", arguments.AnswerRun, lambda to, ask: to.answer_run(ask)),
        Command("beadwork.tell", arguments.TellRun, lambda to, ask: to.tell_run(ask)),
        Command("beadwork.pause", arguments.PauseRun, lambda to, ask: to.pause_run(ask)),
        Command("beadwork.resume", arguments.ResumeRun, lambda to, ask: to.resume_run(ask)),
        Command("beadwork.retry", arguments.RetryRun, lambda to, ask: to.retry_run(ask)),
        Command("beadwork.queue", arguments.ShowQueue, lambda to, _: to.show_queue()),
        Command("beadwork.first", arguments.MoveFirst, lambda to, ask: to.move_first(ask)),
        Command("beadwork.workAllReady", arguments.WorkAllReady, lambda to, ask: to.work_all_ready(ask)),
        Command("beadwork.stopWalk", arguments.StopWalk, lambda to, ask: to.stop_walk(ask)),
        Command("beadwork.costs", arguments.ShowCosts, lambda to, ask: to.show_costs(ask)),
        Command("beadwork.runs", arguments.ListRuns, lambda to, ask: to.list_runs(ask)),
        Command("beadwork.log", arguments.ReadLog, lambda to, ask: to.read_log(ask)),
        Command("beadwork.output", arguments.FollowOutput, lambda to, ask: to.follow_output(ask)),
        Command("beadwork.export", arguments.ExportLog, lambda to, ask: to.export_log(ask)),
        Command("beadwork.review", of_findings.ReviewWork, lambda to, ask: to.findings.review(ask)),
        Command(
            "beadwork.findings", of_findings.ListFindings, lambda to, ask: to.findings.list_findings(ask)
        ),
        Command(
            "beadwork.createBeads", of_findings.CreateBeads, lambda to, ask: to.findings.create_beads(ask)
        ),
        Command("beadwork.dismiss", of_findings.DismissFinding, lambda to, ask: to.findings.dismiss(ask)),
        Command("beadwork.takeBack", of_findings.TakeBack, lambda to, ask: to.findings.take_back(ask)),
        Command("beadwork.fix", of_findings.FixFindings, lambda to, ask: to.findings.fix(ask)),
        Command("beadwork.openBead", of_findings.OpenBead, lambda to, ask: to.findings.open_bead(ask)),
        Command("beadwork.copyFinding", of_findings.CopyFinding, lambda to, ask: to.findings.copy(ask)),
        Command("beadwork.sarif", of_findings.ExportFindings, lambda to, ask: to.findings.export(ask)),
        Command("beadwork.gates", finishing.RunGates, lambda to, ask: to.finishing.gates(ask)),
        Command("beadwork.publish", finishing.PublishBranch, lambda to, ask: to.finishing.publish(ask)),
        Command("beadwork.land", finishing.LandBranch, lambda to, ask: to.finishing.land(ask)),
        Command("beadwork.resolve", finishing.ResolveConflicts, lambda to, ask: to.finishing.resolve(ask)),
        Command("beadwork.close", finishing.CloseBead, lambda to, ask: to.finishing.close(ask)),
        Command("beadwork.reopen", finishing.ReopenBead, lambda to, ask: to.finishing.reopen(ask)),
        Command("beadwork.changes", finishing.ListChanges, lambda to, ask: to.finishing.changes(ask)),
        Command("beadwork.patch", finishing.GivePatch, lambda to, ask: to.finishing.patch(ask)),
        Command("beadwork.content", finishing.GiveContent, lambda to, ask: to.finishing.content(ask)),
    )
}
