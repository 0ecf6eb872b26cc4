/** What a person can do here. Each command asks the server and shows its answer. */
import * as vscode from "vscode";
import type { BeadsTree } from "./beadsTree";
import type { Server } from "./client";
import { SETTING, UI } from "./ids";
import { attempt, said, unlessRefused } from "./outcomes";
import type { Commands, Run } from "./protocol";
import type { Questions } from "./questions";
import { called, isAboutBead } from "./present";
import { showProgress } from "./runProgress";
import type { RunTerminals } from "./runTerminal";
import type { BeadNode, Node, RunNode, Subject } from "./treeModel";

export function registerCommands(
  server: Server,
  tree: BeadsTree,
  terminals: RunTerminals,
  questions: Questions,
  log: vscode.LogOutputChannel,
): vscode.Disposable {
  const register = (id: string, action: (node: Subject | undefined) => unknown): vscode.Disposable =>
    vscode.commands.registerCommand(id, (node: Subject | undefined) => attempt(log, id, () => action(node)));
  const follow = (run: Run | undefined): void => {
    if (run) terminals.show(run);
  };
  const show = (run: Run | undefined): void => {
    follow(run);
    if (run && !isAboutBead(run)) void attempt(log, called(run), () => showProgress(server, run));
  };
  const review = async (what: Commands["beadwork.review"][0]): Promise<void> =>
    show(await unlessRefused(() => server.ask("beadwork.review", what)));
  return vscode.Disposable.from(
    register(UI.work, onBead(async ({ project, bead }) => {
      const wanted = { folder: project.folder, id: bead.id };
      follow(await unlessRefused((force) => server.ask("beadwork.work", { ...wanted, ...force })));
    })),
    register(UI.review, onBead(({ project, bead }) => review({ folder: project.folder, id: bead.id }))),
    register(UI.reviewBranch, async (node) => review({ ...(await folderOf(node)), branch: true })),
    register(UI.reviewChanges, async (node) => review({ ...(await folderOf(node)), changes: true })),
    register(UI.gatesHere, async (node) => {
      const what = { ...(await folderOf(node)), here: true };
      show(await unlessRefused(() => server.ask("beadwork.gates", what)));
    }),
    register(UI.retry, onRun(async ({ id }) => follow(await unlessRefused((force) => server.ask("beadwork.retry", { run: id, ...force }))))),
    register(UI.resume, onRun(async ({ id }) => follow(await unlessRefused(() => server.ask("beadwork.resume", { run: id }))))),
    register(UI.tell, onRun(async (run) => follow(await tell(server, run)))),
    register(UI.answer, onRun((run) => questions.answer(run))),
    register(UI.cancel, onRun(({ id }) => unlessRefused(() => server.ask("beadwork.cancel", { run: id })))),
    register(UI.pause, onRun(({ id }) => unlessRefused(() => server.ask("beadwork.pause", { run: id })))),
    register(UI.moveFirst, onRun(({ id }) => unlessRefused(() => server.ask("beadwork.first", { run: id })))),
    register(UI.showOutput, onRun(follow)),
    register(UI.workAllReady, async (node) => said(await server.ask("beadwork.workAllReady", await folderOf(node)))),
    register(UI.stopWalk, async (node) => said(await server.ask("beadwork.stopWalk", await folderOf(node)))),
    register(UI.refresh, () => tree.refresh()),
    register(UI.restart, () => server.restart()),
    register(UI.showLog, () => log.show()),
    register(UI.openSettings, () => openSettings(SETTING.serverPath)),
  );
}

/** VS Code knows no row while it lists all anew, so what is chosen from a menu just then comes without one. */
function onBead<T>(action: (node: BeadNode) => T): (node: Subject | undefined) => T {
  return (node) => {
    if (node?.kind !== "bead") throw new Error("The list of beads changed just then, so nothing was done: choose again.");
    return action(node);
  };
}

/** What is chosen on a row is done with its run, else with the newest run of its bead. */
function onRun<T>(action: (run: Run) => T): (node: Subject | undefined) => T | undefined {
  const ofBead = onBead(({ bead }) => (bead.run === null ? undefined : action(bead.run)));
  return (node) => (node?.kind === "run" ? action(node.run) : ofBead(node));
}

async function tell(server: Server, run: Run): Promise<Run | undefined> {
  const text = await vscode.window.showInputBox({ title: `Tell the agent of ${run.bead}`, ignoreFocusOut: true });
  if (!text) return undefined;
  return unlessRefused(() => server.ask("beadwork.tell", { run: run.id, text }));
}

/** The folder that is meant: of the row, else the only one, else the one that the person picks. */
async function folderOf(node: Node | RunNode | undefined): Promise<{ folder?: string }> {
  if (node !== undefined) return { folder: node.kind === "run" ? node.run.folder : node.project.folder };
  if ((vscode.workspace.workspaceFolders?.length ?? 0) < 2) return {};
  const picked = await vscode.window.showWorkspaceFolderPick();
  if (picked === undefined) throw new vscode.CancellationError();
  return { folder: picked.uri.fsPath };
}

/** Show one setting. One of machine scope is set where the extension runs: a remote window has its own page for that. */
function openSettings(query: string): Thenable<unknown> {
  const remote = vscode.env.remoteName !== undefined;
  return vscode.commands.executeCommand(`workbench.action.${remote ? "openRemoteSettings" : "openSettings"}`, { query });
}
