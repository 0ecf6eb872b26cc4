/**
 * The tree's content: folders (when there are several), groups or epics, beads, and what changed between two listings.
 *
 * VS Code tells elements apart by identity, so a node is one object for as long as its id is listed. What this
 * leaves out: which bead stands under which (forest.ts), and how a node looks (present.ts, treeItems.ts).
 */
import { forest } from "./forest";
import { CLOSED, isActive } from "./present";
import type { Bead, Group, Project, Run } from "./protocol";

export interface ProjectNode { kind: "project"; id: string; project: Project }
export interface GroupNode { kind: "group"; id: string; project: Project; group: Group }
/** A bead in the tree; also what commands are given. */
export interface BeadNode { kind: "bead"; id: string; project: Project; bead: Bead }
/** The last row of a group of which not all beads are loaded. */
export interface MoreNode { kind: "more"; id: string; project: Project; group: Group }
export interface ErrorNode { kind: "error"; id: string; project: Project }
/** A run in the view of runs, or whatever else a command is given about one. */
export interface RunNode { kind: "run"; id: string; run: Run }
/** What commands are given about a bead or a run. */
export type Subject = BeadNode | RunNode;
export type Node = ProjectNode | GroupNode | BeadNode | MoreNode | ErrorNode;

/** What a view has to draw again: these nodes, or all of it. */
export type Changes = Node[] | "all";

/** How the beads are listed: in their groups, or each under its epic; all, or those that were searched for. */
export interface Look { grouping: "group" | "epic"; filtered: boolean }

interface Place { node: Node; parent: Node | undefined; children: Node[]; content: string }

const NO_BEADS = "tracker-missing";

export class TreeModel {
  projects: Project[] = [];
  private look: Look = { grouping: "group", filtered: false };
  private places = new Map<string, Place>();
  private before = new Map<string, Place>();
  private top: Node[] = [];

  /** Take a new listing in, and give what differs: a row, or what stands under it. */
  take(projects: Project[], look: Look = this.look): Changes {
    const [top, anew] = [this.top, look.grouping !== this.look.grouping || look.filtered !== this.look.filtered];
    this.before = this.places;
    this.places = new Map();
    [this.projects, this.look] = [projects, look];
    const [only, ...more] = projects;
    this.top = only && more.length === 0 ? this.inside(only, undefined) : projects.map((project) => this.folder(project));
    for (const place of this.places.values()) place.content = content(place);
    if (anew || differ(top, this.top)) return "all";
    return [...this.places.values()].filter(({ node, children, content }) => {
      const old = this.before.get(node.id);
      return old !== undefined && (old.content !== content || differ(old.children, children));
    }).map(({ node }) => node);
  }

  /** Take a change of one run in. Gives its row, or undefined when only a new listing can tell what changed. */
  patch(run: Run): BeadNode | undefined {
    const place = this.places.get(beadKey(run.folder, run.bead));
    const node = place?.node;
    if (node?.kind !== "bead" || node.bead.run?.id !== run.id || isActive(node.bead.run) !== isActive(run)) return undefined;
    node.bead.run = run;
    if (place) place.content = content(place);
    return node;
  }

  children(node?: Node): Node[] {
    return node === undefined ? this.top : (this.places.get(node.id)?.children ?? []);
  }

  /** Give the node under which `node` stands; undefined for one that stands at the top. */
  parent(node: Node): Node | undefined {
    return this.places.get(node.id)?.parent;
  }

  /** Give the row of a bead, in the folder that is named or the first one that has it. */
  find(bead: string, folder?: string): BeadNode | undefined {
    return this.beads().find((node) => node.bead.id === bead && (folder === undefined || node.project.folder === folder));
  }

  /** The only project, when there is one. */
  get single(): Project | undefined {
    return this.projects.length === 1 ? this.projects[0] : undefined;
  }

  /** Give all beads that are listed. */
  beads(): BeadNode[] {
    return [...this.places.values()].map(({ node }) => node).filter((node) => node.kind === "bead");
  }

  /** Whether there is something to show, and if not, why. */
  get contents(): "some" | "empty" | "missing" {
    if (this.top.length > 0) return "some";
    return this.single && hasNoBeads(this.single) ? "missing" : "empty";
  }

  private folder(project: Project): Node {
    const node = this.place({ kind: "project", id: project.folder, project }, undefined);
    return this.fill(node, this.inside(project, node));
  }

  private inside(project: Project, parent: Node | undefined): Node[] {
    if (hasNoBeads(project)) return [];
    if (project.error) return [this.place({ kind: "error", id: `${project.folder}#!`, project }, parent)];
    const { grouping, filtered } = this.look;
    const grouped = project.groups.filter(({ group, count }) => count > 0 && (grouping === "group" || (filtered && group === CLOSED)));
    const open = grouping === "group" ? [] : project.groups.filter(({ group }) => group !== CLOSED).flatMap(({ beads }) => beads);
    const epicsFirst = [...open.filter(({ children }) => children > 0), ...open.filter(({ children }) => children === 0)];
    return [...this.grow(project, epicsFirst, parent), ...grouped.map((group) => this.group(project, group, parent))];
  }

  /** What was searched for is not hidden in a group that a person once closed: it is another row to VS Code. */
  private group(project: Project, group: Group, parent: Node | undefined): Node {
    const id = `${project.folder}#${group.group}`;
    const node = this.place({ kind: "group", id: this.look.filtered ? `${id}?` : id, project, group }, parent);
    const rows = this.grow(project, group.beads, node);
    const more = group.beads.length > 0 && group.beads.length < group.count;
    return this.fill(node, more ? [...rows, this.place({ kind: "more", id: `${id}+`, project, group }, node)] : rows);
  }

  /** Two listings of one moment can both have a bead that moved between them: it keeps its first place. */
  private grow(project: Project, beads: Bead[], parent: Node | undefined): Node[] {
    const row = (bead: Bead, above: Node | undefined): BeadNode =>
      this.place({ kind: "bead", id: beadKey(project.folder, bead.id), project, bead }, above);
    const { roots, under } = forest(beads.filter(({ id }) => !this.places.has(beadKey(project.folder, id))));
    const rows = roots.map((bead) => row(bead, parent));
    const growing = [...rows];
    for (const node of growing) {
      const parts = (under.get(node.bead.id) ?? []).map((bead) => row(bead, node));
      this.fill(node, parts);
      growing.push(...parts);
    }
    return rows;
  }

  private place<N extends Node>(node: N, parent: Node | undefined): N {
    const known = this.before.get(node.id)?.node;
    const kept = known?.kind === node.kind ? Object.assign<N, N>(known as N, node) : node;
    this.places.set(kept.id, { node: kept, parent, children: [], content: "" });
    return kept;
  }

  private fill(node: Node, children: Node[]): Node {
    const place = this.places.get(node.id);
    if (place) place.children = children;
    return node;
  }
}

/** Whether a folder is none of Beadwork's: not an error to a person who opened it for something else. */
export function hasNoBeads(project: Project): boolean {
  return project.error?.code === NO_BEADS;
}

function differ(some: Node[], others: Node[]): boolean {
  return some.length !== others.length || some.some((node, at) => node !== others[at]);
}

/** What a node's own row shows. */
function content({ node, children }: Place): string {
  const { name, readOnly, error, troubles } = node.project;
  switch (node.kind) {
    case "project":
      return JSON.stringify([name, readOnly, troubles]);
    case "group":
    case "more":
      return `${node.group.title} ${node.group.count}`;
    case "bead":
      return JSON.stringify([node.bead, readOnly, children.length > 0]);
    case "error":
      return JSON.stringify([error]);
  }
}

const beadKey = (folder: string, bead: string): string => `${folder}##${bead}`;
