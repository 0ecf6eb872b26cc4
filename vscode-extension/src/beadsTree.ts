/** The view of the beads. It shows what the server says, and keeps it up to date; it decides nothing. */
import * as vscode from "vscode";
import { messageOf, type Server } from "./client";
import { CONTEXT, UI, VIEW } from "./ids";
import { beadRow, capabilities, notice } from "./present";
import { type BeadNode, type ErrorNode, type GroupNode, hasNoBeads, type Node, type ProjectNode, TreeModel } from "./treeModel";
import type { Project, Run } from "./protocol";

const TICK = 10_000;

export class BeadsTree implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<Node | Node[] | undefined>();
  readonly onDidChangeTreeData = this.changed.event;

  private readonly model = new TreeModel();
  private readonly view: vscode.TreeView<Node>;
  private readonly parts: { dispose(): unknown }[];
  private refreshing: Promise<void> | undefined;
  private askedAgain = false;

  constructor(private readonly server: Server, private readonly log: vscode.LogOutputChannel) {
    this.view = vscode.window.createTreeView(VIEW, { treeDataProvider: this, showCollapseAll: true });
    const ticking = setInterval(() => this.tick(), TICK);
    this.parts = [
      this.view,
      this.changed,
      server.onStarted(() => void this.refresh()),
      server.onStopped(() => this.take([])),
      server.onBeadsChanged(() => void this.refresh()),
      server.onRunChanged((run) => this.patch(run)),
      vscode.workspace.onDidChangeWorkspaceFolders(() => void this.refresh()),
      this.view.onDidChangeVisibility(() => this.tick()),
      { dispose: () => clearInterval(ticking) },
    ];
  }

  dispose(): void {
    for (const part of this.parts) part.dispose();
  }

  getChildren(node?: Node): Node[] {
    return this.model.children(node);
  }

  getTreeItem(node: Node): vscode.TreeItem {
    const item = itemOf(node);
    item.id = node.id;
    return item;
  }

  getParent(node: Node): Node | undefined {
    return this.model.parent(node);
  }

  /** Show the row of a bead, in the folder that is named or the only one. */
  async reveal(bead: string, folder: string | undefined): Promise<void> {
    const found = this.model.find(bead, folder);
    if (found === undefined) throw new Error(`${bead} is not in the list of beads.`);
    await this.view.reveal(found, { select: true, focus: true, expand: true });
  }

  /** Let the person pick one of the beads that have a capability. Throws when they pick none, or there is none. */
  async pick(capability: string, title: string): Promise<BeadNode> {
    const rows = this.model.beads().filter(({ bead }) => capabilities(bead).split(".").includes(capability));
    if (rows.length === 0) throw new Error(`${title}: there is no bead with which that can be done now.`);
    const items = rows.map((node) => ({ label: node.bead.id, description: node.bead.title, node }));
    const picked = await vscode.window.showQuickPick(items, { title, placeHolder: "Which bead?", matchOnDescription: true });
    if (picked === undefined) throw new vscode.CancellationError();
    return picked.node;
  }

  /** Ask the server for all beads. Calls that come while it is asked are answered by one more question. */
  async refresh(): Promise<void> {
    this.askedAgain = true;
    this.refreshing ??= this.refreshWhileAsked().finally(() => (this.refreshing = undefined));
    await this.refreshing;
  }

  private async refreshWhileAsked(): Promise<void> {
    while (this.askedAgain && this.server.running) {
      this.askedAgain = false;
      try {
        this.take((await this.ask()).projects);
      } catch (error) {
        this.view.message = `The beads could not be listed: ${messageOf(error)}`;
        this.log.error(this.view.message);
      }
    }
  }

  /** Progress is shown where nothing else is: a refresh in the background needs no attention. */
  private ask(): Thenable<{ projects: Project[] }> {
    const asking = this.server.ask("beadwork.list", {});
    if (this.model.contents === "some") return asking;
    return vscode.window.withProgress({ location: { viewId: VIEW } }, () => asking);
  }

  private take(projects: Project[]): void {
    const changes = this.model.take(projects);
    this.view.message = this.model.single ? notice(this.model.single) : "";
    void vscode.commands.executeCommand("setContext", CONTEXT.beads, this.model.contents);
    const count = this.model.active().length;
    const tooltip = count === 1 ? "1 bead is being worked on" : `${count} beads are being worked on`;
    this.view.badge = count > 0 ? { value: count, tooltip } : undefined;
    if (changes === "all") this.changed.fire(undefined);
    else if (changes.length > 0) this.changed.fire(changes);
  }

  private patch(run: Run): void {
    const node = this.model.patch(run);
    if (node === undefined) void this.refresh();
    else this.changed.fire(node);
  }

  /** The minutes of what is running are part of its row. */
  private tick(): void {
    const active = this.view.visible ? this.model.active() : [];
    if (active.length > 0) this.changed.fire(active);
  }
}

function itemOf(node: Node): vscode.TreeItem {
  switch (node.kind) {
    case "project":
      return projectItem(node);
    case "group":
      return groupItem(node);
    case "bead":
      return beadItem(node);
    case "error":
      return errorItem(node);
  }
}

function projectItem({ project }: ProjectNode): vscode.TreeItem {
  const { None, Expanded } = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem(project.name, hasNoBeads(project) ? None : Expanded);
  item.iconPath = new vscode.ThemeIcon("root-folder");
  item.description = hasNoBeads(project) ? "no beads" : notice(project);
  item.tooltip = project.folder;
  item.contextValue = "project";
  return item;
}

function groupItem({ group }: GroupNode): vscode.TreeItem {
  const { Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
  const count = group.beads.length;
  const item = new vscode.TreeItem(group.title, group.group === "closed" ? Collapsed : Expanded);
  item.description = String(count);
  item.contextValue = `group.${group.group}`;
  item.tooltip = `${group.title}: ${count} ${count === 1 ? "bead" : "beads"}`;
  return item;
}

function beadItem(node: BeadNode): vscode.TreeItem {
  const row = beadRow(node.bead, Date.now());
  const item = new vscode.TreeItem(row.label);
  item.description = row.description;
  item.tooltip = row.tooltip;
  item.iconPath = new vscode.ThemeIcon(row.icon, row.color === undefined ? undefined : new vscode.ThemeColor(row.color));
  item.contextValue = row.capabilities;
  item.accessibilityInformation = { label: row.spoken };
  if (node.bead.run !== null) item.command = { command: UI.showOutput, title: "Show Output", arguments: [node] };
  return item;
}

function errorItem({ project }: ErrorNode): vscode.TreeItem {
  const message = project.error?.message ?? "";
  const item = new vscode.TreeItem(message);
  item.iconPath = new vscode.ThemeIcon("warning", new vscode.ThemeColor("list.warningForeground"));
  item.tooltip = [message, project.error?.detail].filter(Boolean).join("\n\n");
  item.command = { command: UI.showLog, title: "Show Log" };
  return item;
}
