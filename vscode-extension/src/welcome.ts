/** The first steps: beads for a folder that has none, the demonstration, the check of this machine, the walkthrough. */
import { homedir } from "node:os";
import * as vscode from "vscode";
import type { Server } from "./client";
import { type Desk, folderOf } from "./desk";
import { UI, WALKTHROUGH } from "./ids";
import { unlessCalledOff } from "./outcomes";

const TRACKERS = [
  { label: "Embedded", tracker: "embedded", detail: "A file beside the code, which travels with the repository. Needs nothing else." },
  { label: "bd", tracker: "bd", detail: "The bd program, with its database and its commands. It has to be on this machine." },
];

export function registerWelcome(desk: Desk): void {
  const { server, tree } = desk;
  desk.on(UI.init, async (node) => {
    const where = await folderOf(node);
    const asked = vscode.window.showQuickPick(TRACKERS, { title: "Begin with Beads", placeHolder: "What is to keep the beads of this folder?" });
    const { project } = await server.ask("beadwork.init", { ...where, tracker: (await unlessCalledOff(asked)).tracker });
    await tree.refresh();
    const create = await vscode.window.showInformationMessage(`${project.name} is ready for its first bead.`, "Create a Bead");
    if (create !== undefined) await vscode.commands.executeCommand(UI.createBead, node);
  });
  desk.on(UI.demo, () => inTerminal(server, "demo", "The demo project"));
  desk.on(UI.doctor, () => inTerminal(server, "doctor", "What works on this machine"));
  desk.on(UI.walkthrough, () => vscode.commands.executeCommand("workbench.action.openWalkthrough", WALKTHROUGH, false));
  desk.onBead(UI.copyId, "", "Copy ID", ({ id }) => vscode.env.clipboard.writeText(id));
}

/** Run one of the program's own commands as a task, so that what it says stays to be read. */
async function inTerminal(server: Server, word: string, name: string): Promise<void> {
  const { command, args } = await server.find();
  const cwd = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? homedir(); // a task knows no other place in an empty window
  const task = new vscode.Task({ type: "beadwork" }, vscode.TaskScope.Workspace, name, "Beadwork", new vscode.ProcessExecution(command, [...args, word], { cwd }));
  task.presentationOptions = { reveal: vscode.TaskRevealKind.Always, focus: true, echo: false, panel: vscode.TaskPanelKind.Dedicated };
  await vscode.tasks.executeTask(task);
}
