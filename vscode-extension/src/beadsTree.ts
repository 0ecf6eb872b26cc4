/** The view of the beads. It shows what the server says, and keeps it up to date; it decides nothing. */
import { setTimeout as moment } from "node:timers/promises";
import * as vscode from "vscode";
import { messageOf, type Server } from "./client";
import { CONTEXT, VIEW } from "./ids";
import { Advice, unlessCalledOff } from "./outcomes";
import { CLOSED, counted, isActive, needing, needsYou, notice, OPEN_GROUPS } from "./present";
import type { Commands, Project, Run } from "./protocol";
import { itemOf } from "./treeItems";
import { type BeadNode, type GroupNode, type Look, type MoreNode, type Node, TreeModel } from "./treeModel";

const TICK = 10_000;
/** Milliseconds between two questions for the list, so that a burst of changes is one. */
const MOMENT = 150;
/** Closed beads that are loaded when their group is opened. */
const SOME = 200;
const GROUPING = "grouping";
const SYNTAX = "Words that a bead has, and type:bug, label:ui, priority:1, status:blocked or assignee:ada. Closed beads are searched, too.";

export class BeadsTree implements vscode.TreeDataProvider<Node> {
  private readonly changed = new vscode.EventEmitter<Node | Node[] | undefined>();
  readonly onDidChangeTreeData = this.changed.event;

  private readonly stirred = new vscode.EventEmitter<void>();
  /** Fires when the beads that run or need a person may be others than before. */
  readonly onDidStir = this.stirred.event;

  private readonly model = new TreeModel();
  private readonly view: vscode.TreeView<Node>;
  private refreshing: Promise<void> | undefined;
  private askedAgain = false;
  private search = "";
  /** How many closed beads of each folder are loaded; 0 for all. */
  private readonly loaded = new Map<string, number>();
  /** With a search, the beads that run or need a person and are not found by it, too. */
  private beside: BeadNode[] | undefined;

  constructor(private readonly server: Server, private readonly context: vscode.ExtensionContext, private readonly log: vscode.LogOutputChannel) {
    this.view = vscode.window.createTreeView(VIEW, { treeDataProvider: this, showCollapseAll: true, canSelectMany: true });
    const ticking = setInterval(() => this.tick(), TICK);
    context.subscriptions.push(
      this.view,
      server.onStarted(() => void this.refresh()),
      server.onStopped(() => this.take([])),
      server.onBeadsChanged(() => void this.refresh()),
      server.onRunChanged((run) => this.patch(run)),
      vscode.workspace.onDidChangeWorkspaceFolders(() => void this.refresh()),
      this.view.onDidChangeVisibility(() => this.tick()),
      { dispose: () => clearInterval(ticking) },
    );
    void vscode.commands.executeCommand("setContext", CONTEXT.grouping, this.look.grouping);
  }

  /** Closed beads are asked for when somebody opens their group. */
  getChildren(node?: Node): Node[] | Promise<Node[]> {
    const asks = node?.kind === "group" && node.group.group === CLOSED && node.group.beads.length === 0;
    return asks ? this.open(node) : this.model.children(node);
  }

  getTreeItem(node: Node): vscode.TreeItem {
    return itemOf(node, this.model.children(node).length > 0, this.look.grouping === "group");
  }

  getParent(node: Node): Node | undefined {
    return this.model.parent(node);
  }

  /** Show the row of a bead, in the folder that is named or the only one; whatever hides it is put aside. */
  async reveal(bead: string, folder: string | undefined, focus = true): Promise<BeadNode> {
    if (!this.model.find(bead, folder)) {
      await this.group("group");
      await this.narrow("");
      for (const project of this.model.projects) this.loaded.set(project.folder, 0);
      await this.refresh();
    }
    const found = this.model.find(bead, folder);
    if (found === undefined) throw new Error(`${bead} is not in the list of beads.`);
    await this.view.reveal(found, { select: true, focus, expand: true });
    return found;
  }

  /** Let the person pick one of the beads, or of those that have an action. Throws when they pick none, or there is none. */
  async pick(action: string, title: string, where: { folder?: string } = {}): Promise<BeadNode> {
    const { projects } = await this.server.ask("beadwork.list", where);
    const rows = nodes(projects).filter(({ bead }) => action === "" || bead.actions.includes(action));
    if (rows.length === 0) throw new Advice(`${title}: there is no bead with which that can be done now.`);
    const items = rows.map((node) => ({ label: node.bead.id, description: node.bead.title, node }));
    return (await unlessCalledOff(vscode.window.showQuickPick(items, { title, placeHolder: "Which bead?", matchOnDescription: true }))).node;
  }

  /** Give the beads that run, wait for it, or need a person, whether or not they are shown. */
  astir(): BeadNode[] {
    return (this.beside ?? this.model.beads()).filter(({ bead }) => isActive(bead.run) || needsYou(bead));
  }

  get hasBeads(): boolean {
    return this.search !== "" || this.model.contents === "some";
  }

  /** Let the person say what to look for. The list follows while they type; Escape puts it back. */
  async filter(): Promise<void> {
    const before = this.search;
    const validateInput = (words: string): undefined => void this.narrow(words);
    const words = await vscode.window.showInputBox({ title: "Filter Beads", value: before, prompt: SYNTAX, placeHolder: "type:bug parser", validateInput });
    await this.narrow(words ?? before);
  }

  /** Show only what has all of these words; all when there are none. */
  async narrow(words: string): Promise<void> {
    if (words.trim() !== this.search) this.loaded.clear();
    this.search = words.trim();
    this.view.description = this.search && `Filter: ${this.search}`;
    void vscode.commands.executeCommand("setContext", CONTEXT.filtered, this.search !== "");
    await this.refresh();
  }

  /** List the beads in their groups, or each under its epic, also in the next window. */
  async group(grouping: Look["grouping"]): Promise<void> {
    await this.context.workspaceState.update(GROUPING, grouping);
    void vscode.commands.executeCommand("setContext", CONTEXT.grouping, grouping);
    this.take(this.model.projects);
  }

  /** Ask the server for the beads, of a group all. Calls that come while it is asked, or just after, are one more question. */
  async refresh(more?: MoreNode): Promise<void> {
    if (more) this.loaded.set(more.project.folder, 0);
    this.askedAgain = true;
    this.refreshing ??= this.refreshWhileAsked().finally(() => (this.refreshing = undefined));
    await this.refreshing;
  }

  private get look(): Look {
    return { grouping: this.context.workspaceState.get<Look["grouping"]>(GROUPING, "group"), filtered: this.search !== "" };
  }

  private async refreshWhileAsked(): Promise<void> {
    while (this.askedAgain && this.server.running) {
      this.askedAgain = false;
      try {
        // Progress is shown where nothing else is: a refresh in the background needs no attention.
        const quiet = this.model.contents === "some";
        this.take(await (quiet ? this.list() : vscode.window.withProgress({ location: { viewId: VIEW } }, () => this.list())));
      } catch (error) {
        this.view.message = `The beads could not be listed: ${messageOf(error)}`;
        this.log.error(this.view.message);
      }
      await moment(MOMENT);
    }
  }

  private async list(): Promise<Project[]> {
    const { search } = this;
    const listed = (what: Commands["beadwork.list"][0]): Promise<Project[]> =>
      this.server.ask("beadwork.list", what).then(({ projects }) => projects);
    const [projects, beside] = await Promise.all([
      listed({ search, only: OPEN_GROUPS }),
      search === "" ? undefined : listed({ only: ["running", "needs_you"] }),
    ]);
    this.beside = beside && nodes(beside);
    return Promise.all(projects.map((project) => this.withClosed(project)));
  }

  private async withClosed(project: Project): Promise<Project> {
    const { folder, groups } = project;
    const limit = this.loaded.get(folder);
    if (limit === undefined || project.error !== null) return project;
    const { projects } = await this.server.ask("beadwork.list", { folder, search: this.search, only: [CLOSED], limit });
    const closed = projects[0]?.groups.find(({ group }) => group === CLOSED);
    return { ...project, groups: groups.map((group) => (closed && group.group === CLOSED ? closed : group)) };
  }

  /** What is loaded goes to VS Code as the answer that it waits for, so nothing is drawn again for it. */
  private async open(node: GroupNode): Promise<Node[]> {
    const { folder } = node.project;
    if (!this.loaded.has(folder)) this.loaded.set(folder, SOME);
    const project = await this.withClosed(node.project);
    this.model.take(this.model.projects.map((known) => (known.folder === folder ? project : known)));
    return this.model.children(node);
  }

  private take(projects: Project[]): void {
    const changes = this.model.take(projects, this.look);
    this.view.message = this.model.single ? notice(this.model.single) : "";
    void vscode.commands.executeCommand("setContext", CONTEXT.beads, this.model.contents);
    this.count();
    if (changes === "all") this.changed.fire(undefined);
    else if (changes.length > 0) this.changed.fire(changes);
  }

  private patch(run: Run): void {
    const node = this.model.patch(run);
    if (node === undefined) return void this.refresh();
    this.count();
    this.changed.fire(node);
  }

  private count(): void {
    const count = this.astir().filter(({ bead }) => needsYou(bead)).length;
    this.view.badge = count > 0 ? { value: count, tooltip: `${counted(count, "bead")} ${needing(count)}` } : undefined;
    this.stirred.fire();
  }

  /** The minutes of what is running are part of its row. */
  private tick(): void {
    const active = this.view.visible ? this.model.beads().filter(({ bead }) => isActive(bead.run)) : [];
    if (active.length > 0) this.changed.fire(active);
  }
}

function nodes(projects: Project[]): BeadNode[] {
  return projects.flatMap((project) => project.groups.flatMap(({ beads }) => beads).map((bead): BeadNode =>
    ({ kind: "bead", id: `${project.folder}##${bead.id}`, project, bead })));
}
