/** What goes on in this window's folders, in a few words of the status bar, and the way from there to each. */
import * as vscode from "vscode";
import type { BeadsTree } from "./beadsTree";
import type { Server } from "./client";
import { UI, VIEW } from "./ids";
import { attempt } from "./outcomes";
import { called, counted, isActive, needsYou, progressOf, runProgress } from "./present";
import type { Run } from "./protocol";

interface Way extends vscode.QuickPickItem { command?: string; given?: object }

export class StatusBar implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem("beadwork.status", vscode.StatusBarAlignment.Left);
  /** The runs that go on or wait for it, also those that are about no bead. */
  private readonly going = new Map<string, Run>();
  private readonly parts: vscode.Disposable;

  constructor(server: Server, private readonly tree: BeadsTree, log: vscode.LogOutputChannel) {
    this.item.name = "Beadwork";
    this.item.command = UI.status;
    this.parts = vscode.Disposable.from(
      this.item,
      tree.onDidStir(() => this.show()),
      server.onRunChanged((run) => this.saw(run)),
      server.onStopped(() => this.going.clear()),
      vscode.commands.registerCommand(UI.status, () => attempt(log, UI.status, () => this.choose())),
    );
  }

  dispose(): void {
    this.parts.dispose();
  }

  private saw(run: Run): void {
    if (isActive(run)) this.going.set(run.id, run);
    else this.going.delete(run.id);
    this.show();
  }

  private show(): void {
    if (!this.tree.hasBeads) {
      this.item.hide();
      return;
    }
    const { needing, running, waiting } = this.state();
    const words = [
      running.length > 0 ? `${running.length} running` : "",
      waiting.length > 0 ? `${waiting.length} waiting` : "",
      needing.length > 0 ? `${needing.length} ${needing.length === 1 ? "needs" : "need"} you` : "",
    ];
    const icons = ["sync~spin", "clock", "bell"];
    this.item.text = words.map((word, at) => word && `$(${icons[at] ?? ""}) ${word}`).filter(Boolean).join("  ") || "$(check-all) Beads";
    const label = words.filter(Boolean).join(", ") || "nothing is running, nothing needs you";
    this.item.tooltip = `Beadwork: ${label}`;
    this.item.accessibilityInformation = { label: `Beadwork: ${label}` };
    this.item.show();
  }

  private state(): { needing: ReturnType<BeadsTree["astir"]>; running: Run[]; waiting: Run[] } {
    const needing = this.tree.astir().filter(({ bead }) => needsYou(bead));
    const asking = new Set(needing.map(({ bead }) => bead.run?.id));
    const runs = [...this.going.values()].filter(({ id }) => !asking.has(id));
    return { needing, running: runs.filter(({ state }) => state !== "queued"), waiting: runs.filter(({ state }) => state === "queued") };
  }

  private async choose(): Promise<void> {
    const { needing, running, waiting } = this.state();
    const now = Date.now();
    const ofRun = (icon: string) => (run: Run): Way =>
      ({ label: `$(${icon}) ${called(run)}`, description: progressOf(run, now), detail: run.title, command: UI.showOutput, given: { kind: "run", id: run.id, run } });
    const ways: Way[] = [
      ...under("Needs you", needing.map((node): Way => ({
        label: `$(bell) ${node.bead.id}`, description: runProgress(node.bead, now), detail: node.bead.title,
        command: node.bead.run?.ask ? UI.answer : UI.openPage, given: node,
      }))),
      ...under(counted(running.length, "run"), running.map(ofRun("sync"))),
      ...under("Waiting", waiting.map(ofRun("clock"))),
      ...under("Beadwork", [
        { label: "$(run-all) Work on All Ready", command: UI.workAllReady },
        { label: "$(list-tree) Show Beads", command: `${VIEW}.focus` },
      ]),
    ];
    const chosen = await vscode.window.showQuickPick(ways, { title: "Beadwork", placeHolder: "Where to?", matchOnDescription: true, matchOnDetail: true });
    if (chosen?.command !== undefined) await vscode.commands.executeCommand(chosen.command, ...(chosen.given ? [chosen.given] : []));
  }
}

function under(label: string, ways: Way[]): Way[] {
  return ways.length === 0 ? [] : [{ label, kind: vscode.QuickPickItemKind.Separator }, ...ways];
}
