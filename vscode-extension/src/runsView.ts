/** The view of the runs: what is queued and running, and the history by day. It asks the server only while it is seen. */
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import * as vscode from "vscode";
import { messageOf } from "./client";
import type { Desk } from "./desk";
import { CONTEXT, MORE_RUNS, RUNS_VIEW, UI } from "./ids";
import { Advice, unlessCalledOff } from "./outcomes";
import { RunsModel, runRow, type RunsNode } from "./runsModel";
import { icon, row } from "./treeItems";
import type { Run } from "./protocol";
import type { RunNode } from "./treeModel";

const TICK = 10_000;
/** So many runs are listed at first, and at most: the server gives no more. */
const [PAGE, MOST] = [100, 1000];
const GOING = ["queued", "running", "needs_input", "paused"];

export class RunsView implements vscode.TreeDataProvider<RunsNode> {
  private readonly changed = new vscode.EventEmitter<RunNode[] | undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  readonly getTreeItem = itemOf;

  private readonly model = new RunsModel();
  private readonly view: vscode.TreeView<RunsNode>;
  private filter = "";
  private limit = PAGE;
  private shape = "";
  /** What has to be asked for when the view is seen. */
  private due: "nothing" | "queue" | "all" = "all";
  private asking = false;

  constructor(private readonly desk: Desk) {
    const { server } = desk;
    this.view = vscode.window.createTreeView(RUNS_VIEW, { treeDataProvider: this, showCollapseAll: true });
    const ticking = setInterval(() => this.redraw(this.model.running), TICK);
    desk.keep(
      this.view,
      new vscode.Disposable(() => clearInterval(ticking)),
      server.onStarted(() => this.need("all")),
      server.onRunChanged((run) => this.saw(run)),
      vscode.workspace.onDidChangeWorkspaceFolders(() => this.need("all")),
      this.view.onDidChangeVisibility(() => this.redraw(this.model.running)),
      this.view.onDidChangeVisibility(() => this.need("nothing")),
    );
    desk.on(UI.filterRuns, () => this.search());
    desk.on(UI.clearRunFilter, () => this.list("", PAGE));
    desk.on(MORE_RUNS, () => this.list(this.filter, Math.min(MOST, this.limit * 2)));
    desk.onRun(UI.openLog, openLog);
    desk.onRun(UI.openTerminal, openTerminal);
  }

  getChildren(node?: RunsNode): RunsNode[] {
    if (node === undefined) return this.model.rows(Date.now());
    return node.kind === "section" ? node.runs : [];
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
    while (this.due !== "nothing" && this.view.visible && this.desk.server.running) {
      const { due, limit } = this;
      this.due = "nothing";
      try {
        const listed = (more: { limit: number; states?: string[] }): Promise<{ runs: Run[] }> => this.desk.server.ask("beadwork.runs", { text: this.filter, ...more });
        const all = due === "all" ? await Promise.all([listed({ limit }), listed({ limit: MOST, states: GOING })]) : undefined;
        if (all) this.model.take(all.flatMap(({ runs }) => runs), all[0].runs.length === limit && limit < MOST);
        this.model.takeQueue((await this.desk.server.ask("beadwork.queue", {})).queue);
        this.view.message = all?.[0].runs.length === MOST ? `The newest ${MOST} runs are listed; search finds older ones.` : "";
      } catch (error) {
        this.view.message = `The runs could not be listed: ${messageOf(error)}`;
        this.desk.log.error(this.view.message);
      }
      this.redraw(this.model.all);
    }
  }

  /** Draw these rows again, or all where one came, went or moved. */
  private redraw(nodes: RunNode[]): void {
    if (!this.view.visible) return;
    const rows = this.model.rows(Date.now());
    const shape = JSON.stringify(rows, (key, value: unknown) => (key === "run" ? undefined : value));
    const same = shape === this.shape;
    this.shape = shape;
    void vscode.commands.executeCommand("setContext", CONTEXT.runs, rows.length > 0 ? "some" : "empty");
    if (!same || nodes.length > 0) this.changed.fire(same ? nodes : undefined);
  }

  private async search(): Promise<void> {
    const prompt = "Words in the bead's id, the title, the summary or the agent";
    const text = await unlessCalledOff(vscode.window.showInputBox({ title: "Search Runs", prompt, value: this.filter }));
    this.list(text.trim(), PAGE);
  }

  private list(text: string, limit: number): void {
    [this.filter, this.limit] = [text, limit];
    this.view.description = text === "" ? "" : `“${text}”`;
    void vscode.commands.executeCommand("setContext", CONTEXT.runsFiltered, text !== "");
    this.need("all");
  }
}

function itemOf(node: RunsNode): vscode.TreeItem {
  const { Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
  switch (node.kind) {
    case "section": {
      const description = [String(node.runs.length), node.why].filter(Boolean).join(" · ");
      const spoken = `${node.title} ${description}`;
      return row(node, node.title, spoken, { description, tooltip: spoken, collapsibleState: node.open ? Expanded : Collapsed });
    }
    case "run": {
      const several = (vscode.workspace.workspaceFolders?.length ?? 0) > 1;
      const { label, spoken, look, ...more } = runRow(node.run, Date.now(), several ? basename(node.run.folder) : "");
      const command = { command: UI.showOutput, title: "Show Output", arguments: [node] };
      return row(node, label, spoken, { ...more, command, ...icon(...look) });
    }
    case "more":
      return row(node, "Show more", "Show more runs", { command: { command: MORE_RUNS, title: "Show More" }, ...icon("ellipsis") });
  }
}

async function openLog({ readableLog }: Run): Promise<void> {
  if (readableLog === "") throw new Advice("This run has not begun, so it has no log yet.");
  await vscode.commands.executeCommand("vscode.open", vscode.Uri.file(readableLog));
}

async function openTerminal({ bead, checkout }: Run): Promise<void> {
  const there = checkout !== "" && (await stat(checkout).then((found) => found.isDirectory(), () => false));
  if (!there) throw new Advice(`The checkout of ${bead} is not there any more; its work is on its branch.`);
  vscode.window.createTerminal({ name: `Checkout of ${bead}`, cwd: checkout }).show();
}
