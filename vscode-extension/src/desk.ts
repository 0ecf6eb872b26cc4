/** Where a person's commands come in: each is registered here, in one way. What it leaves out: what is done for them. */
import * as vscode from "vscode";
import type { BeadsTree } from "./beadsTree";
import type { Server } from "./client";
import { Advice, attempt, unlessCalledOff } from "./outcomes";
import type { Run } from "./protocol";
import type { BeadNode, Node, RunNode } from "./treeModel";

/** A bead, as the server is asked about it. */
export interface Place { folder: string; id: string }

/** What VS Code gives to a command: a row of ours, or none from the palette. */
export type Chosen = Node | RunNode | undefined;

/** What all parts of the window work with. */
export class Desk {
  constructor(
    readonly server: Server, readonly tree: BeadsTree, readonly log: vscode.LogOutputChannel, private readonly kept: { dispose(): unknown }[],
  ) {}

  /** Keep what has to go with the window. */
  keep(...parts: { dispose(): unknown }[]): void {
    this.kept.push(...parts);
  }

  /** Register a command: `node` is the row that it was chosen on, if it was, and `all` are those that are selected. */
  on(id: string, action: (node: Chosen, all: Chosen[]) => unknown): void {
    this.keep(vscode.commands.registerCommand(id, (node: Chosen, all?: Chosen[]) => this.attempt(id, () => action(node, all ?? [node]))));
  }

  /** Register a command about one bead: of the row it is chosen on, else the one that the person picks of those that have `needs`. */
  onBead(id: string, needs: string, title: string, action: (place: Place) => unknown): void {
    this.keep(vscode.commands.registerCommand(id, (given: BeadNode | RunNode | Place | undefined) =>
      this.attempt(id, async () => action(placeOf(given ?? (await this.tree.pick(needs, title)))))));
  }

  /** Register a command about the run of a row, which is the newest one of a bead. */
  onRun(id: string, action: (run: Run) => unknown): void {
    this.on(id, (node) => {
      const run = node?.kind === "run" ? node.run : beadOf(node).bead.run;
      return run === null ? undefined : action(run);
    });
  }

  /** Do something for a person, as `attempt` does. */
  attempt<T>(name: string, action: () => T | Promise<T>): Promise<T | undefined> {
    return attempt(this.log, name, action);
  }
}

/** Give the bead that a row is about, or what names one already. */
export function placeOf(given: BeadNode | RunNode | Place): Place {
  if (!("kind" in given)) return given;
  return given.kind === "run" ? { folder: given.run.folder, id: given.run.bead } : { folder: given.project.folder, id: given.bead.id };
}

/** VS Code knows no row while it lists all anew, so what is chosen from a menu just then comes without one. */
export function beadOf(node: Chosen): BeadNode {
  if (node?.kind !== "bead") throw new Advice("The list of beads changed just then, so nothing was done: choose again.");
  return node;
}

/** Give the beads among all that are selected that have an action; where one was chosen, that one. */
export function chosen(node: Chosen, all: Chosen[], action: string): BeadNode[] {
  if (all.length < 2) return [beadOf(node)];
  return all.filter((each) => each?.kind === "bead").filter(({ bead }) => bead.actions.includes(action));
}

/** The folder that is meant: of the row, else the only one, else the one that the person picks. */
export async function folderOf(node: Chosen): Promise<{ folder?: string }> {
  if (node !== undefined) return { folder: node.kind === "run" ? node.run.folder : node.project.folder };
  const folders = vscode.workspace.workspaceFolders ?? [];
  if (folders.length === 0) throw new Advice("No folder is open here: open the one that this is for first.");
  if (folders.length === 1) return {};
  const { uri } = await unlessCalledOff(vscode.window.showWorkspaceFolderPick());
  return { folder: uri.fsPath };
}
