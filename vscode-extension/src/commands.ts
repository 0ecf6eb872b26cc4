/** What a person can do here. Each command asks the server and shows its answer. */
import * as vscode from "vscode";
import type { Server } from "./client";
import { beadOf, chosen, type Desk, folderOf, placeOf } from "./desk";
import { SETTING, UI } from "./ids";
import { said, together, unlessRefused } from "./outcomes";
import type { Commands, Run, RunAnswer } from "./protocol";
import type { Questions } from "./questions";
import type { RunTerminals } from "./runTerminal";
import type { BeadNode } from "./treeModel";

export function registerCommands(desk: Desk, terminals: RunTerminals, questions: Questions): void {
  const { server, tree, log } = desk;
  const follow = (run: Run | undefined): void => {
    if (run) terminals.show(run);
  };
  const review = async (what: Commands["beadwork.review"][0]): Promise<void> =>
    follow(await unlessRefused(() => server.ask("beadwork.review", what)));
  desk.on(UI.work, async (node, all) => {
    const beads = chosen(node, all, "work");
    const run = await workOn(server, beads);
    if (beads.length === 1) follow(run);
  });
  desk.on(UI.review, (node) => review(placeOf(beadOf(node))));
  desk.on(UI.reviewBranch, async (node) => review({ ...(await folderOf(node)), branch: true }));
  desk.on(UI.reviewChanges, async (node) => review({ ...(await folderOf(node)), changes: true }));
  desk.on(UI.gatesHere, async (node) => {
    const what = { ...(await folderOf(node)), here: true };
    follow(await unlessRefused(() => server.ask("beadwork.gates", what)));
  });
  desk.onRun(UI.retry, async ({ id }) => follow(await unlessRefused((force) => server.ask("beadwork.retry", { run: id, ...force }))));
  desk.onRun(UI.resume, async ({ id }) => follow(await unlessRefused(() => server.ask("beadwork.resume", { run: id }))));
  desk.onRun(UI.tell, async (run) => follow(await tell(server, run)));
  desk.onRun(UI.answer, (run) => questions.answer(run));
  desk.onRun(UI.cancel, ({ id }) => unlessRefused(() => server.ask("beadwork.cancel", { run: id })));
  desk.onRun(UI.pause, ({ id }) => unlessRefused(() => server.ask("beadwork.pause", { run: id })));
  desk.onRun(UI.moveFirst, ({ id }) => unlessRefused(() => server.ask("beadwork.first", { run: id })));
  desk.onRun(UI.showOutput, follow);
  desk.on(UI.workAllReady, async (node) => said(await server.ask("beadwork.workAllReady", await folderOf(node))));
  desk.on(UI.stopWalk, async (node) => said(await server.ask("beadwork.stopWalk", await folderOf(node))));
  desk.on(UI.refresh, (node) => tree.refresh(node?.kind === "more" ? node : undefined));
  desk.on(UI.filter, () => tree.filter());
  desk.on(UI.clearFilter, () => tree.narrow(""));
  desk.on(UI.byEpic, () => tree.group("epic"));
  desk.on(UI.byGroup, () => tree.group("group"));
  desk.on(UI.restart, () => server.restart());
  desk.on(UI.showLog, () => log.show());
  desk.on(UI.openSettings, () => openSettings(`@id:${SETTING.server}.*`));
}

/** Queue work on beads, in their order. What is refused is one message, or one question where it can be forced. */
function workOn(server: Server, beads: BeadNode[]): Promise<Run | undefined> {
  let left = beads;
  return unlessRefused(async (force) => {
    const answers: { node: BeadNode; answer: RunAnswer }[] = [];
    for (const node of left) {
      answers.push({ node, answer: await server.ask("beadwork.work", { ...placeOf(node), ...force }) });
    }
    left = answers.filter(({ answer }) => answer.refused?.canForce).map(({ node }) => node);
    const refused = together(answers.flatMap(({ answer }) => answer.refused ?? []));
    return refused ? { refused } : (answers[0]?.answer ?? Promise.reject(new vscode.CancellationError()));
  });
}

async function tell(server: Server, run: Run): Promise<Run | undefined> {
  const text = await vscode.window.showInputBox({ title: `Tell the agent of ${run.bead}`, ignoreFocusOut: true });
  if (!text) return undefined;
  return unlessRefused(() => server.ask("beadwork.tell", { run: run.id, text }));
}

/** Show one setting. One of machine scope is set where the extension runs: a remote window has its own page for that. */
function openSettings(query: string): Thenable<unknown> {
  const remote = vscode.env.remoteName !== undefined;
  return vscode.commands.executeCommand(`workbench.action.${remote ? "openRemoteSettings" : "openSettings"}`, { query });
}
