/** The composition root: makes the parts, starts the server, and stops it when the window goes. */
import * as vscode from "vscode";
import { BeadsTree } from "./beadsTree";
import { Server } from "./client";
import { registerCommands } from "./commands";
import { registerCreating } from "./creating";
import { Desk } from "./desk";
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
  context.subscriptions.push(log, started);
  const tree = new BeadsTree(started, context, log);
  const terminals = new RunTerminals(started, context);
  const desk = new Desk(started, tree, log, context.subscriptions);
  const questions = new Questions(desk, terminals);
  new Endings(desk, new Finishing(desk, terminals));
  new RunsView(desk);
  new StatusBar(desk);
  new Pages(desk, vscode.Uri.joinPath(context.extensionUri, "media"));
  registerEditing(desk);
  registerCreating(desk);
  registerWelcome(desk);
  handleFindings(desk, terminals);
  registerCommands(desk, terminals, questions);
  desk.keep(
    linkPaths(terminals),
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
