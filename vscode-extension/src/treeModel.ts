/**
 * The tree's content: folders (when there are several), groups or epics, beads, and what changed between two listings.
 *
 * VS Code tells elements apart by identity, so a node is one object for as long as its id is listed. What this
 * leaves out: how a node looks (present.ts, treeItems.ts).
 */
import { CLOSED, isActive } from "./present";
import type { Bead, Group, Project, Run } from "./protocol";

/** A folder; with "error" why its beads cannot be shown, which stands in their place. */
export interface ProjectNode { kind: "project" | "error"; id: string; project: Project }
export interface GroupNode { kind: "group"; id: string; project: Project; group: Group }
/** A bead in the tree; also what commands are given. */
export interface BeadNode { kind: "bead"; id: string; project: Project; bead: Bead }
/** The last row of a group of which not all beads are loaded. */
export interface MoreNode { kind: "more"; id: string; project: Project; group: Group }
/** A run in the view of runs, or whatever else a command is given about one. */
export interface RunNode { kind: "run"; id: string; run: Run }
export type Node = ProjectNode | GroupNode | BeadNode | MoreNode;

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
    const [top, before] = [this.top, this.look];
    [this.projects, this.look, this.before] = [projects, look, this.places];
    this.places = new Map();
    const [only, ...more] = projects;
    this.top = only && more.length === 0 ? this.inside(only) : projects.map((project) =>
      this.place({ kind: "project", id: project.folder, project }, undefined, (node) => this.inside(project, node)));
    if (look.grouping !== before.grouping || look.filtered !== before.filtered || differ(top, this.top)) return "all";
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

  private inside(project: Project, parent?: Node): Node[] {
    if (hasNoBeads(project)) return [];
    if (project.error) return [this.place({ kind: "error", id: `${project.folder}#!`, project }, parent)];
    const { grouping, filtered } = this.look;
    const grouped = project.groups.filter(({ group, count }) => count > 0 && (grouping === "group" || (filtered && group === CLOSED)));
    const open = grouping === "group" ? [] : project.groups.filter(({ group }) => group !== CLOSED).flatMap(({ beads }) => beads);
    const epicsFirst = [...open.filter(({ children }) => children > 0), ...open.filter(({ children }) => children === 0)];
    return [...this.grow(project, epicsFirst, parent), ...grouped.map((group) => this.group(project, group, parent))];
  }

  /** What was searched for is not hidden in a group that a person once closed: it is another row to VS Code. */
  private group(project: Project, group: Group, parent?: Node): Node {
    const id = `${project.folder}#${group.group}${this.look.filtered ? "?" : ""}`;
    return this.place({ kind: "group", id, project, group }, parent, (node) => {
      const rows = this.grow(project, group.beads, node);
      const more = group.beads.length > 0 && group.beads.length < group.count;
      return more ? [...rows, this.place({ kind: "more", id: `${id}+`, project, group }, node)] : rows;
    });
  }

  /**
   * Put beads under `parent`, each under the one that it is a part of where that is among them. Each has one place, the
   * first: also where two listings of one moment both have it, or beads are parts of each other in a circle.
   */
  private grow(project: Project, beads: Bead[], parent?: Node): Node[] {
    const free = beads.filter((bead) => !this.places.has(beadKey(project.folder, bead.id)));
    const parts = new Map(free.map(({ id }): [string, Bead[]] => [id, []]));
    for (const bead of free) parts.get(bead.parent)?.push(bead);
    const rows = (some: Bead[], above?: Node): Node[] => some.flatMap((bead) => {
      const id = beadKey(project.folder, bead.id);
      const under = (node: Node): Node[] => rows(parts.get(bead.id) ?? [], node);
      return this.places.has(id) ? [] : [this.place({ kind: "bead", id, project, bead }, above, under)];
    });
    return [...rows(free.filter((bead) => !parts.has(bead.parent)), parent), ...rows(free, parent)];
  }

  private place(node: Node, parent?: Node, under: (kept: Node) => Node[] = () => []): Node {
    const known = this.before.get(node.id)?.node;
    const place: Place = { node: known?.kind === node.kind ? Object.assign(known, node) : node, parent, children: [], content: "" };
    this.places.set(node.id, place);
    place.children = under(place.node);
    place.content = content(place);
    return place.node;
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
  if (node.kind === "bead") return JSON.stringify([node.bead, readOnly, children.length > 0]);
  if (node.kind === "group" || node.kind === "more") return `${node.group.title} ${node.group.count}`;
  return JSON.stringify([name, readOnly, troubles, error]);
}

const beadKey = (folder: string, bead: string): string => `${folder}##${bead}`;
