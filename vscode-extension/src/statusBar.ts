/** What goes on in this window's folders, in a few words of the status bar, and the way from there to each. */
import * as vscode from "vscode";
import type { Desk } from "./desk";
import { UI, VIEW } from "./ids";
import { called, isActive, needing, needsYou, progressOf, runProgress } from "./present";
import type { Run } from "./protocol";
import type { BeadNode } from "./treeModel";

interface Way extends vscode.QuickPickItem { command?: string; given?: object }

export class StatusBar {
  private readonly item = vscode.window.createStatusBarItem("beadwork.status", vscode.StatusBarAlignment.Left);
  /** The runs that go on or wait for it, also those that are about no bead. */
  private readonly going = new Map<string, Run>();

  constructor(private readonly desk: Desk) {
    const { server, tree } = desk;
    this.item.name = "Beadwork";
    this.item.command = UI.status;
    desk.keep(this.item, tree.onDidStir(() => this.show()), server.onRunChanged((run) => this.saw(run)), server.onStopped(() => this.going.clear()));
    desk.on(UI.status, () => this.choose());
  }

  private saw(run: Run): void {
    if (isActive(run)) this.going.set(run.id, run);
    else this.going.delete(run.id);
    this.show();
  }

  private show(): void {
    const { needy, running, waiting } = this.state();
    const counts: [number, string, string][] = [[running.length, "sync~spin", "running"], [waiting.length, "clock", "waiting"], [needy.length, "bell", needing(needy.length)]];
    const some = counts.filter(([count]) => count > 0);
    const label = `Beadwork: ${some.map(([count, , what]) => `${count} ${what}`).join(", ") || "nothing is running, nothing needs you"}`;
    this.item.text = some.map(([count, icon, what]) => `$(${icon}) ${count} ${what}`).join("  ") || "$(check-all) Beads";
    this.item.tooltip = label;
    this.item.accessibilityInformation = { label };
    if (this.desk.tree.hasBeads) this.item.show();
    else this.item.hide();
  }

  /** A run that waits for a person is counted with what needs one. */
  private state(): { needy: BeadNode[]; running: Run[]; waiting: Run[] } {
    const needy = this.desk.tree.astir().filter(({ bead }) => needsYou(bead));
    const runs = [...this.going.values()].filter(({ id }) => !needy.some(({ bead }) => bead.run?.id === id));
    return { needy, running: runs.filter(({ state }) => state !== "queued"), waiting: runs.filter(({ state }) => state === "queued") };
  }

  private async choose(): Promise<void> {
    const [now, { needy, running, waiting }] = [Date.now(), this.state()];
    const ofBead = (node: BeadNode): Way => ({
      label: `$(bell) ${node.bead.id}`, description: runProgress(node.bead, now), detail: node.bead.title,
      command: node.bead.run?.ask ? UI.answer : UI.openPage, given: node,
    });
    const ofRun = (icon: string) => (run: Run): Way => ({
      label: `$(${icon}) ${called(run)}`, description: progressOf(run, now), detail: run.title,
      command: UI.showOutput, given: { kind: "run", id: run.id, run },
    });
    const always: Way[] = [{ label: "$(run-all) Work on All Ready", command: UI.workAllReady }, { label: "$(list-tree) Show Beads", command: `${VIEW}.focus` }];
    const sections: [string, Way[]][] = [
      ["Needs you", needy.map(ofBead)], ["Running", running.map(ofRun("sync"))], ["Waiting", waiting.map(ofRun("clock"))], ["All", always],
    ];
    const ways = sections.filter(([, some]) => some.length > 0).flatMap(([label, some]): Way[] => [{ label, kind: vscode.QuickPickItemKind.Separator }, ...some]);
    const chosen = await vscode.window.showQuickPick(ways, { title: "Beadwork", placeHolder: "Where to?", matchOnDescription: true, matchOnDetail: true });
    if (chosen?.command !== undefined) await vscode.commands.executeCommand(chosen.command, ...(chosen.given ? [chosen.given] : []));
  }
}
