/**
 * The tree's content: folders (when there are several), groups, beads, and what changed between two listings.
 *
 * VS Code tells elements apart by identity, so a node is one object for as long as its id is listed. What this
 * leaves out: how a node looks (present.ts, beadsTree.ts).
 */
import { isActive } from "./present";
import type { Bead, Group, Project, Run } from "./protocol";

export interface ProjectNode { kind: "project"; id: string; project: Project }
export interface GroupNode { kind: "group"; id: string; project: Project; group: Group }
/** A bead in the tree; also what commands are given. */
export interface BeadNode { kind: "bead"; id: string; project: Project; bead: Bead }
export interface ErrorNode { kind: "error"; id: string; project: Project }
/** A run in the view of runs, or whatever else a command is given about one. */
export interface RunNode { kind: "run"; id: string; run: Run }
/** What commands are given about a bead or a run. */
export type Subject = BeadNode | RunNode;
export type Node = ProjectNode | GroupNode | BeadNode | ErrorNode;

/** What a view has to draw again: these nodes, or all of it. */
export type Changes = Node[] | "all";

const NO_BEADS = "tracker-missing";

export class TreeModel {
  private projects: Project[] = [];
  private nodes = new Map<string, Node>();

  /** Take a new listing in. A bead that came, went or moved changes all; else only what differs does. */
  take(projects: Project[]): Changes {
    const sameShape = shape(projects) === shape(this.projects);
    const before = sameShape ? new Map([...this.nodes].map(([id, node]) => [id, content(node)])) : undefined;
    this.projects = projects;
    const known = this.nodes;
    this.nodes = new Map();
    for (const node of allNodes(projects)) this.nodes.set(node.id, renewed(known.get(node.id), node));
    if (before === undefined) return "all";
    return [...this.nodes.values()].filter((node) => content(node) !== before.get(node.id));
  }

  /** Take a change of one run in. Gives its row, or undefined when only a new listing can tell what changed. */
  patch(run: Run): BeadNode | undefined {
    const node = this.nodes.get(beadKey(run.folder, run.bead));
    if (node?.kind !== "bead" || node.bead.run?.id !== run.id) return undefined;
    if (isActive(node.bead.run) !== isActive(run)) return undefined;
    node.bead.run = run;
    return node;
  }

  children(node?: Node): Node[] {
    if (node === undefined) {
      const [only, ...more] = this.projects;
      if (only === undefined) return [];
      if (more.length > 0) return this.known(this.projects.map(({ folder }) => folder));
      return this.inside(only);
    }
    switch (node.kind) {
      case "project":
        return this.inside(node.project);
      case "group":
        return this.known(node.group.beads.map(({ id }) => beadKey(node.project.folder, id)));
      case "bead":
      case "error":
        return [];
    }
  }

  /** Give the node under which `node` stands; undefined for one that stands at the top. */
  parent(node: Node): Node | undefined {
    if (node.kind === "project") return undefined;
    const group = node.kind === "bead" ? node.project.groups.find(({ beads }) => beads.some(({ id }) => id === node.bead.id)) : undefined;
    if (group) return this.nodes.get(groupKey(node.project, group));
    return this.single ? undefined : this.nodes.get(node.project.folder);
  }

  /** Give the row of a bead, in the folder that is named or the first one that has it. */
  find(bead: string, folder?: string): BeadNode | undefined {
    const rows = [...this.nodes.values()].filter((node): node is BeadNode => node.kind === "bead" && node.bead.id === bead);
    return folder === undefined ? rows[0] : rows.find(({ project }) => project.folder === folder);
  }

  /** The only project, when there is one. */
  get single(): Project | undefined {
    return this.projects.length === 1 ? this.projects[0] : undefined;
  }

  /** Give the beads that are being worked on, or wait for it. */
  active(): BeadNode[] {
    return this.beads().filter(({ bead }) => isActive(bead.run));
  }

  /** Give all beads, in the order of the list. */
  beads(): BeadNode[] {
    return [...this.nodes.values()].filter((node): node is BeadNode => node.kind === "bead");
  }

  /** Whether there is something to show, and if not, why. */
  get contents(): "some" | "empty" | "missing" {
    if (this.children().length > 0) return "some";
    return this.single && hasNoBeads(this.single) ? "missing" : "empty";
  }

  private inside(project: Project): Node[] {
    if (hasNoBeads(project)) return [];
    if (project.error) return this.known([errorKey(project)]);
    return this.known(project.groups.filter(({ beads }) => beads.length > 0).map((group) => groupKey(project, group)));
  }

  private known(ids: string[]): Node[] {
    return ids.map((id) => this.nodes.get(id)).filter((node) => node !== undefined);
  }
}

/** Whether a folder is none of Beadwork's: not an error to a person who opened it for something else. */
export function hasNoBeads(project: Project): boolean {
  return project.error?.code === NO_BEADS;
}

function allNodes(projects: Project[]): Node[] {
  return projects.flatMap((project): Node[] => [
    { kind: "project", id: project.folder, project },
    { kind: "error", id: errorKey(project), project },
    ...project.groups.flatMap((group): Node[] => [
      { kind: "group", id: groupKey(project, group), project, group },
      ...group.beads.map((bead): BeadNode => ({ kind: "bead", id: beadKey(project.folder, bead.id), project, bead })),
    ]),
  ]);
}

function renewed(known: Node | undefined, node: Node): Node {
  return known === undefined ? node : Object.assign(known, node);
}

/** What decides which nodes there are, and where. */
function shape(projects: Project[]): string {
  return JSON.stringify(projects.map(({ folder, error, groups }) => [
    folder, error?.code ?? "", groups.map(({ group, beads }) => [group, beads.map(({ id }) => id)]),
  ]));
}

/** What a node's own row shows. */
function content(node: Node): string {
  const { name, readOnly, error, troubles } = node.project;
  switch (node.kind) {
    case "project":
      return JSON.stringify([name, readOnly, troubles]);
    case "group":
      return JSON.stringify([node.group.title]);
    case "bead":
      return JSON.stringify([node.bead, readOnly]);
    case "error":
      return JSON.stringify([error]);
  }
}

const groupKey = (project: Project, group: Group): string => `${project.folder}#${group.group}`;
const errorKey = (project: Project): string => `${project.folder}#!`;
const beadKey = (folder: string, bead: string): string => `${folder}##${bead}`;
