/** Says how runs ended that went on while this window was open, with what a person can do about it. */
import * as vscode from "vscode";
import type { Finishing } from "./finishing";
import { UI } from "./ids";
import { attempt, obstacles } from "./outcomes";
import { called, isActive, isResting, isReview } from "./present";
import type { Server } from "./client";
import type { Run } from "./protocol";
import type { RunTerminals } from "./runTerminal";

const PROBLEMS = "workbench.actions.view.problems";
const QUIET: ReadonlySet<string> = new Set(["cancelled"]);

export class Endings implements vscode.Disposable {
  private readonly going = new Set<string>();
  private readonly listening: vscode.Disposable;

  constructor(
    server: Server,
    private readonly terminals: RunTerminals,
    private readonly finishing: Finishing,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.listening = server.onRunChanged((run) => this.saw(run));
  }

  dispose(): void {
    this.listening.dispose();
  }

  private saw(run: Run): void {
    if (isActive(run) || isResting(run)) this.going.add(run.id);
    else if (this.going.delete(run.id) && !QUIET.has(run.state)) void attempt(this.log, called(run), () => this.tell(run));
  }

  /** What went well needs no notification where its output is in front of the person; what a review found is elsewhere. */
  private async tell(run: Run): Promise<void> {
    const completed = run.state === "completed";
    if (completed && !isReview(run) && vscode.window.state.focused && this.terminals.inFront(run)) return;
    const { refused } = run.results;
    const what = refused ? [refused.message, ...obstacles(refused)] : [`${run.state}.`, run.summary];
    const words = `${called(run)}: ${what.filter(Boolean).join(" ")}`;
    const offers = new Map<string, () => Thenable<unknown>>([...this.finishing.offers(run), ...offersOf(run)]);
    const show = completed ? vscode.window.showInformationMessage : vscode.window.showWarningMessage;
    const chosen = await show(words, ...offers.keys());
    if (chosen !== undefined) await offers.get(chosen)?.();
  }
}

function offersOf(run: Run): Map<string, () => Thenable<unknown>> {
  const ordered = (command: string) => () => vscode.commands.executeCommand(command, { kind: "run", id: run.id, run });
  const completed = run.state === "completed";
  const offers = new Map<string, () => Thenable<unknown>>();
  if (isReview(run) && completed) offers.set("Show Findings", () => vscode.commands.executeCommand(PROBLEMS));
  if (isReview(run) && run.readableLog) offers.set("Open Log", () => vscode.window.showTextDocument(vscode.Uri.file(run.readableLog)));
  const pull = run.results.publish?.pullRequest?.url;
  if (completed && pull?.startsWith("https://")) offers.set("Open Pull Request", () => vscode.env.openExternal(vscode.Uri.parse(pull)));
  if (!isReview(run)) offers.set("Show Output", ordered(UI.showOutput));
  if (run.retryable && !completed) offers.set("Retry", ordered(UI.retry));
  return offers;
}
