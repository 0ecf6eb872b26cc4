/** What a person can do here. Each command asks the server and shows its answer. */
import * as vscode from "vscode";
import type { BeadsTree } from "./beadsTree";
import { messageOf, type Server } from "./client";
import { SETTING, UI } from "./ids";
import type { Refused, Run } from "./protocol";
import type { RunTerminals } from "./runTerminal";
import type { BeadNode } from "./treeModel";

export function registerCommands(
  server: Server,
  tree: BeadsTree,
  terminals: RunTerminals,
  log: vscode.LogOutputChannel,
): vscode.Disposable {
  const register = (id: string, action: (node: BeadNode) => unknown): vscode.Disposable =>
    vscode.commands.registerCommand(id, async (node: BeadNode) => {
      try {
        await action(node);
      } catch (error) {
        log.error(`${id}: ${messageOf(error)}`);
        const chosen = await vscode.window.showErrorMessage(messageOf(error), "Show Log");
        if (chosen !== undefined) log.show();
      }
    });
  return vscode.Disposable.from(
    register(UI.work, async (node: BeadNode) => {
      const run = await work(server, node);
      if (run) terminals.show(run);
    }),
    register(UI.cancel, (node: BeadNode) => cancel(server, node)),
    register(UI.showOutput, ({ bead }: BeadNode) => {
      if (bead.run) terminals.show(bead.run);
    }),
    register(UI.refresh, () => tree.refresh()),
    register(UI.restart, () => server.restart()),
    register(UI.showLog, () => log.show()),
    register(UI.openSettings, () => openSettings(SETTING.serverPath)),
  );
}

async function work(server: Server, { project, bead }: BeadNode): Promise<Run | undefined> {
  const wanted = { folder: project.folder, id: bead.id };
  let answer = await server.ask("beadwork.work", wanted);
  if (answer.refused?.canForce && (await insists(answer.refused))) {
    answer = await server.ask("beadwork.work", { ...wanted, force: true });
  } else if (answer.refused?.canForce) return undefined;
  if (answer.refused) void vscode.window.showWarningMessage(answer.refused.message);
  return answer.run;
}

async function cancel(server: Server, { bead }: BeadNode): Promise<void> {
  if (!bead.run) return;
  const { refused } = await server.ask("beadwork.cancel", { run: bead.run.id });
  if (refused) void vscode.window.showWarningMessage(refused.message);
}

async function insists({ message, blockedBy }: Refused): Promise<boolean> {
  const anyway = "Work Anyway";
  const detail = blockedBy.length > 0 ? `The run would be recorded as forced over ${blockedBy.join(", ")}.` : "";
  return (await vscode.window.showWarningMessage(message, { modal: true, detail }, anyway)) === anyway;
}

/** Show one setting. One of machine scope is set where the extension runs: a remote window has its own page for that. */
function openSettings(query: string): Thenable<unknown> {
  const remote = vscode.env.remoteName !== undefined;
  return vscode.commands.executeCommand(`workbench.action.${remote ? "openRemoteSettings" : "openSettings"}`, { query });
}
