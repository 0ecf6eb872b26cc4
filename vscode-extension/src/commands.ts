/** What a person can do here. Each command asks the server and shows its answer. */
import * as vscode from "vscode";
import type { BeadsTree } from "./beadsTree";
import type { Server } from "./client";
import { SETTING, UI } from "./ids";
import { Advice, attempt, said, together, unlessRefused } from "./outcomes";
import type { Commands, Run, RunAnswer } from "./protocol";
import type { Questions } from "./questions";
import type { RunTerminals } from "./runTerminal";
import type { BeadNode, Node, RunNode } from "./treeModel";

/** What VS Code gives to a command: a row of ours, or none from the palette. */
export type Chosen = Node | RunNode | undefined;

export function registerCommands(
  server: Server,
  tree: BeadsTree,
  terminals: RunTerminals,
  questions: Questions,
  log: vscode.LogOutputChannel,
): vscode.Disposable {
  const register = (id: string, action: (node: Chosen, all: Chosen[]) => unknown): vscode.Disposable =>
    vscode.commands.registerCommand(id, (node: Chosen, all?: Chosen[]) => attempt(log, id, () => action(node, all ?? [node])));
  const follow = (run: Run | undefined): void => {
    if (run) terminals.show(run);
  };
  const review = async (what: Commands["beadwork.review"][0]): Promise<void> =>
    follow(await unlessRefused(() => server.ask("beadwork.review", what)));
  return vscode.Disposable.from(
    register(UI.work, async (node, all) => {
      const beads = chosen(node, all, "work");
      const run = await workOn(server, beads);
      if (beads.length === 1) follow(run);
    }),
    register(UI.review, onBead(({ project, bead }) => review({ folder: project.folder, id: bead.id }))),
    register(UI.reviewBranch, async (node) => review({ ...(await folderOf(node)), branch: true })),
    register(UI.reviewChanges, async (node) => review({ ...(await folderOf(node)), changes: true })),
    register(UI.gatesHere, async (node) => {
      const what = { ...(await folderOf(node)), here: true };
      follow(await unlessRefused(() => server.ask("beadwork.gates", what)));
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
    register(UI.refresh, (node) => tree.refresh(node?.kind === "more" ? node : undefined)),
    register(UI.filter, () => tree.filter()),
    register(UI.clearFilter, () => tree.narrow("")),
    register(UI.byEpic, () => tree.group("epic")),
    register(UI.byGroup, () => tree.group("group")),
    register(UI.restart, () => server.restart()),
    register(UI.showLog, () => log.show()),
    register(UI.openSettings, () => openSettings(`@id:${SETTING.server}.*`)),
  );
}

/** Give the beads among all that are selected that have an action; where one was chosen, that one. */
export function chosen(node: Chosen, all: Chosen[], action: string): BeadNode[] {
  if (all.length < 2) return [onBead((bead) => bead)(node)];
  return all.filter((each) => each?.kind === "bead").filter(({ bead }) => bead.actions.includes(action));
}

/** Queue work on beads, in their order. What is refused is one message, or one question where it can be forced. */
function workOn(server: Server, beads: BeadNode[]): Promise<Run | undefined> {
  let left = beads;
  return unlessRefused(async (force) => {
    const answers: { node: BeadNode; answer: RunAnswer }[] = [];
    for (const node of left) {
      answers.push({ node, answer: await server.ask("beadwork.work", { folder: node.project.folder, id: node.bead.id, ...force }) });
    }
    left = answers.filter(({ answer }) => answer.refused?.canForce).map(({ node }) => node);
    const refused = together(answers.flatMap(({ answer }) => answer.refused ?? []));
    return refused ? { refused } : (answers[0]?.answer ?? Promise.reject(new vscode.CancellationError()));
  });
}

/** VS Code knows no row while it lists all anew, so what is chosen from a menu just then comes without one. */
function onBead<T>(action: (node: BeadNode) => T): (node: Chosen) => T {
  return (node) => {
    if (node?.kind !== "bead") throw new Advice("The list of beads changed just then, so nothing was done: choose again.");
    return action(node);
  };
}

/** What is chosen on a row is done with its run, else with the newest run of its bead. */
export function onRun<T>(action: (run: Run) => T): (node: Chosen) => T | undefined {
  const ofBead = onBead(({ bead }) => (bead.run === null ? undefined : action(bead.run)));
  return (node) => (node?.kind === "run" ? action(node.run) : ofBead(node));
}

async function tell(server: Server, run: Run): Promise<Run | undefined> {
  const text = await vscode.window.showInputBox({ title: `Tell the agent of ${run.bead}`, ignoreFocusOut: true });
  if (!text) return undefined;
  return unlessRefused(() => server.ask("beadwork.tell", { run: run.id, text }));
}

/** The folder that is meant: of the row, else the only one, else the one that the person picks. */
export async function folderOf(node: Chosen): Promise<{ folder?: string }> {
  if (node !== undefined) return { folder: node.kind === "run" ? node.run.folder : node.project.folder };
  const folders = vscode.workspace.workspaceFolders ?? [];
  if (folders.length === 0) throw new Advice("No folder is open here: open the one that this is for first.");
  if (folders.length === 1) return {};
  const picked = await vscode.window.showWorkspaceFolderPick();
  if (picked === undefined) throw new vscode.CancellationError();
  return { folder: picked.uri.fsPath };
}

/** Show one setting. One of machine scope is set where the extension runs: a remote window has its own page for that. */
function openSettings(query: string): Thenable<unknown> {
  const remote = vscode.env.remoteName !== undefined;
  return vscode.commands.executeCommand(`workbench.action.${remote ? "openRemoteSettings" : "openSettings"}`, { query });
}
