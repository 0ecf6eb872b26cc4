/** Says how runs ended that went on while this window was open, with what a person can do about it. */
import * as vscode from "vscode";
import { UI } from "./ids";
import { isActive, isResting } from "./present";
import type { Server } from "./client";
import type { Run } from "./protocol";
import type { RunTerminals } from "./runTerminal";

const QUIET: ReadonlySet<string> = new Set(["cancelled"]);

export class Endings implements vscode.Disposable {
  private readonly going = new Set<string>();
  private readonly listening: vscode.Disposable;

  constructor(server: Server, private readonly terminals: RunTerminals) {
    this.listening = server.onRunChanged((run) => this.saw(run));
  }

  dispose(): void {
    this.listening.dispose();
  }

  private saw(run: Run): void {
    if (isActive(run) || isResting(run)) this.going.add(run.id);
    else if (this.going.delete(run.id) && !QUIET.has(run.state)) void this.tell(run);
  }

  /** What went well needs no notification where its output is in front of the person. */
  private async tell(run: Run): Promise<void> {
    const completed = run.state === "completed";
    if (completed && vscode.window.state.focused && this.terminals.inFront(run)) return;
    const words = `${run.bead}: ${[`${run.state}.`, run.summary].filter(Boolean).join(" ")}`;
    const offers = { "Show Output": UI.showOutput, ...(run.retryable && !completed ? { Retry: UI.retry } : {}) };
    const show = completed ? vscode.window.showInformationMessage : vscode.window.showWarningMessage;
    const chosen = await show(words, ...Object.keys(offers));
    if (chosen !== undefined) await vscode.commands.executeCommand(offers[chosen as keyof typeof offers] ?? UI.showOutput, { bead: { run } });
  }
}
