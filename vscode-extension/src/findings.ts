/**
 * What a person does about a finding in a file. The quick fixes are the server's; here they ask for what only a
 * person knows, and show what came of it. The findings themselves come as diagnostics, with nothing done here.
 */
import * as vscode from "vscode";
import type { BeadsTree } from "./beadsTree";
import type { Server } from "./client";
import { attempt, unlessRefused } from "./outcomes";
import { beadsMade } from "./present";
import type { Commands } from "./protocol";
import type { RunTerminals } from "./runTerminal";

/** Milliseconds that a word in the status bar stays. */
const SHORTLY = 8_000;

export function handleFindings(server: Server, tree: BeadsTree, terminals: RunTerminals, log: vscode.LogOutputChannel): vscode.Disposable {
  const handle = <C extends keyof Commands>(command: C, action: (given: Commands[C][0]) => Promise<void>): vscode.Disposable =>
    server.handle(command, (given) => attempt(log, command, () => action(given)));
  return vscode.Disposable.from(
    handle("beadwork.createBeads", async (given) => {
      const { made } = await server.ask("beadwork.createBeads", given);
      vscode.window.setStatusBarMessage(beadsMade(made), SHORTLY);
    }),
    handle("beadwork.dismiss", async (given) => {
      const reason = await vscode.window.showInputBox({
        title: "Dismiss the finding", prompt: "Why does it not count? Later reviews are told.", ignoreFocusOut: true,
      });
      if (reason !== undefined) await server.ask("beadwork.dismiss", { ...given, reason });
    }),
    handle("beadwork.fix", async (given) => {
      const run = await unlessRefused(() => server.ask("beadwork.fix", given));
      if (run) terminals.show(run);
    }),
    handle("beadwork.openBead", async (given) => {
      const { page } = await server.ask("beadwork.openBead", given);
      await tree.reveal(page.bead.id, given.folder);
    }),
    handle("beadwork.copyFinding", async (given) => {
      const { text } = await server.ask("beadwork.copyFinding", given);
      await vscode.env.clipboard.writeText(text);
      vscode.window.setStatusBarMessage("The finding is in the clipboard.", SHORTLY);
    }),
  );
}
