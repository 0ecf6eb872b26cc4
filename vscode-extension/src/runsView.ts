/** The view of the runs: what is queued and running, and the history by day. It asks the server only while it is seen. */
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import * as vscode from "vscode";
import { messageOf, type Server } from "./client";
import { onRun } from "./commands";
import { CONTEXT, MORE_RUNS, RUNS_VIEW, UI } from "./ids";
import { attempt } from "./outcomes";
import { RunsModel, runRow, type RunsNode, runTooltip } from "./runsModel";
import type { Run } from "./protocol";
import type { RunNode, Subject } from "./treeModel";

const TICK = 10_000;
const PAGE = 100;
/** So many runs the server gives at most. */
const MOST = 1000;
const GOING = ["queued", "running", "needs_input", "paused"];

export class RunsView implements vscode.TreeDataProvider<RunsNode>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<RunNode[] | undefined>();
  readonly onDidChangeTreeData = this.changed.event;

  private readonly model = new RunsModel();
  private readonly view: vscode.TreeView<RunsNode>;
  private readonly parts: { dispose(): unknown }[];
  private filter = "";
  private limit = PAGE;
  /** Whether there are older runs than those that are listed. */
  private more = false;
  private shape = "";
  /** What has to be asked for when the view is seen. */
  private due: "nothing" | "queue" | "all" = "all";
  private asking = false;

  constructor(private readonly server: Server, private readonly log: vscode.LogOutputChannel) {
    this.view = vscode.window.createTreeView(RUNS_VIEW, { treeDataProvider: this, showCollapseAll: true });
    const ticking = setInterval(() => this.redraw(this.model.running), TICK);
    const register = (id: string, action: (node: Subject | undefined) => unknown): vscode.Disposable =>
      vscode.commands.registerCommand(id, (node: Subject | undefined) => attempt(log, id, () => action(node)));
    this.parts = [
      this.view,
      this.changed,
      server.onStarted(() => this.need("all")),
      server.onRunChanged((run) => this.saw(run)),
      vscode.workspace.onDidChangeWorkspaceFolders(() => this.need("all")),
      this.view.onDidChangeVisibility(() => {
        this.redraw(this.model.running);
        this.need("nothing");
      }),
      { dispose: () => clearInterval(ticking) },
      register(UI.filterRuns, () => this.search()),
      register(UI.clearRunFilter, () => this.narrow("")),
      register(MORE_RUNS, () => this.showMore()),
      register(UI.openLog, onRun(openLog)),
      register(UI.openTerminal, onRun(openTerminal)),
    ];
  }

  dispose(): void {
    for (const part of this.parts) part.dispose();
  }

  getChildren(node?: RunsNode): RunsNode[] {
    if (node !== undefined) return node.kind === "section" ? node.runs : [];
    return [...this.model.sections(Date.now()), ...(this.more ? [{ kind: "more", id: "more" } as const] : [])];
  }

  getTreeItem(node: RunsNode): vscode.TreeItem {
    const item = this.itemOf(node);
    item.id = node.id;
    return item;
  }

  private itemOf(node: RunsNode): vscode.TreeItem {
    const { Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
    switch (node.kind) {
      case "section": {
        const item = new vscode.TreeItem(node.title, node.open ? Expanded : Collapsed);
        item.description = [String(node.runs.length), node.why].filter(Boolean).join(" · ");
        item.tooltip = [node.title, node.why].filter(Boolean).join("\n");
        return item;
      }
      case "run":
        return runItem(node);
      case "more": {
        const item = new vscode.TreeItem(this.limit < MOST ? "Show more" : "Search for older runs…");
        item.iconPath = new vscode.ThemeIcon(this.limit < MOST ? "ellipsis" : "search");
        item.command = { command: this.limit < MOST ? MORE_RUNS : UI.filterRuns, title: "Show More" };
        return item;
      }
    }
  }

  private saw(run: Run): void {
    const before = this.model.find(run.id);
    const unknown = before === undefined && this.filter !== ""; // whether it has the words, the server knows
    if (!unknown) this.redraw([this.model.patch(run)]);
    if (before?.state !== run.state || run.state === "queued") this.need(unknown ? "all" : "queue");
  }

  /** Ask for what is due, now or when the view is seen; what comes due meanwhile is asked for after. */
  private need(what: "nothing" | "queue" | "all"): void {
    if (this.due !== "all" && what !== "nothing") this.due = what;
    if (this.asking || !this.view.visible) return;
    this.asking = true;
    void this.ask().finally(() => (this.asking = false));
  }

  private async ask(): Promise<void> {
    while (this.due !== "nothing" && this.view.visible && this.server.running) {
      const due = this.due;
      this.due = "nothing";
      try {
        if (due === "all") await this.list();
        const { queued, held } = (await this.server.ask("beadwork.queue", {})).queue;
        this.model.takeQueue(queued.map(({ id }) => id), held);
        this.view.message = "";
      } catch (error) {
        this.view.message = `The runs could not be listed: ${messageOf(error)}`;
        this.log.error(this.view.message);
      }
      this.redraw([]);
    }
  }

  private async list(): Promise<void> {
    const text = this.filter;
    const [{ runs: newest }, { runs: going }] = await Promise.all([
      this.server.ask("beadwork.runs", { limit: this.limit, text }),
      this.server.ask("beadwork.runs", { limit: MOST, text, states: GOING }),
    ]);
    this.model.take([...newest, ...going]);
    this.more = newest.length >= this.limit;
    this.shape = ""; // all of it is drawn again
  }

  /** Draw these rows again, or all where one came, went or moved. */
  private redraw(nodes: RunNode[]): void {
    if (!this.view.visible) return;
    const sections = this.model.sections(Date.now());
    const shape = JSON.stringify([this.more, sections.map(({ id, title, why, runs }) => [id, title, why, runs.map((run) => run.id)])]);
    if (shape === this.shape) {
      if (nodes.length > 0) this.changed.fire(nodes);
      return;
    }
    this.shape = shape;
    void vscode.commands.executeCommand("setContext", CONTEXT.runs, sections.length > 0 ? "some" : "empty");
    this.changed.fire(undefined);
  }

  private async search(): Promise<void> {
    const prompt = "Words in the bead's id, the title, the summary or the agent";
    const text = await vscode.window.showInputBox({ title: "Search Runs", prompt, value: this.filter });
    if (text !== undefined) this.narrow(text.trim());
  }

  private narrow(text: string): void {
    this.filter = text;
    this.limit = PAGE;
    this.view.description = text === "" ? "" : `“${text}”`;
    void vscode.commands.executeCommand("setContext", CONTEXT.runsFiltered, text !== "");
    this.need("all");
  }

  private showMore(): void {
    this.limit = Math.min(MOST, this.limit * 2);
    this.need("all");
  }
}

function runItem(node: RunNode): vscode.TreeItem {
  const several = (vscode.workspace.workspaceFolders?.length ?? 0) > 1;
  const row = runRow(node.run, Date.now(), several ? basename(node.run.folder) : "");
  const item = new vscode.TreeItem(row.label);
  item.description = row.description;
  item.tooltip = runTooltip(node.run);
  item.iconPath = new vscode.ThemeIcon(row.icon, new vscode.ThemeColor(row.color));
  item.contextValue = row.capabilities;
  item.accessibilityInformation = { label: row.spoken };
  item.command = { command: UI.showOutput, title: "Show Output", arguments: [node] };
  return item;
}

async function openLog({ readableLog }: Run): Promise<void> {
  if (readableLog === "") throw new Error("This run has not begun, so it has no log yet.");
  await vscode.commands.executeCommand("vscode.open", vscode.Uri.file(readableLog));
}

async function openTerminal({ bead, checkout }: Run): Promise<void> {
  const there = checkout !== "" && (await stat(checkout).then((found) => found.isDirectory(), () => false));
  if (!there) throw new Error(`The checkout of ${bead} is not there any more; its work is on its branch.`);
  vscode.window.createTerminal({ name: `Checkout of ${bead}`, cwd: checkout }).show();
}
