/** The composition root: makes the parts, starts the server, and stops it when the window goes. */
import * as vscode from "vscode";
import { BeadsTree } from "./beadsTree";
import { Server } from "./client";
import { registerCommands } from "./commands";
import { registerCreating } from "./creating";
import { registerEditing } from "./editing";
import { Endings } from "./endings";
import { handleFindings } from "./findings";
import { Finishing } from "./finishing";
import { SETTING } from "./ids";
import { Pages } from "./page";
import { Questions } from "./questions";
import { linkPaths } from "./runLinks";
import { RunsView } from "./runsView";
import { RunTerminals } from "./runTerminal";
import { StatusBar } from "./statusBar";
import { registerWelcome } from "./welcome";

let server: Server | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel("Beadwork", { log: true });
  const started = new Server(log, context.asAbsolutePath("bundled"));
  server = started;
  const tree = new BeadsTree(started, context.workspaceState, log);
  const terminals = new RunTerminals(started, context.workspaceState);
  const questions = new Questions(started, terminals);
  const finishing = new Finishing(started, tree, terminals, log);
  context.subscriptions.push(
    log,
    started,
    tree,
    terminals,
    questions,
    finishing,
    new RunsView(started, log),
    linkPaths(terminals),
    new Endings(started, finishing, log),
    new StatusBar(started, tree, log),
    new Pages(started, tree, vscode.Uri.joinPath(context.extensionUri, "media"), log),
    registerEditing(started, tree, log),
    registerCreating(started, tree, log),
    registerWelcome(started, tree, log),
    handleFindings(started, tree, terminals, log),
    registerCommands(started, tree, terminals, questions, log),
    log.onDidChangeLogLevel(() => started.refresh()),
    vscode.workspace.onDidGrantWorkspaceTrust(() => started.refresh()),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration(SETTING.server)) started.refresh();
    }),
  );
  started.refresh();
}

/** VS Code waits for this: without it the server would not be told to shut down. */
export function deactivate(): Promise<void> | undefined {
  return server?.stop();
}
