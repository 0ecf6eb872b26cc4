/** Which bead a command is about. What it leaves out: what is done with it. */
import * as vscode from "vscode";
import type { BeadsTree } from "./beadsTree";
import { command } from "./outcomes";
import type { Subject } from "./treeModel";

/** A bead, as the server is asked about it. */
export interface Place { folder: string; id: string }

/** Give the bead that a row is about, or what names one already. */
function placeOf(given: Subject | Place): Place {
  if (!("kind" in given)) return given;
  return given.kind === "run" ? { folder: given.run.folder, id: given.run.bead } : { folder: given.project.folder, id: given.bead.id };
}

/** Register a command about one bead: of the row it is chosen on, else the one that the person picks of those that have `needs`. */
export function onPlace(
  tree: BeadsTree, log: vscode.LogOutputChannel, id: string, needs: string, title: string, action: (place: Place) => unknown,
): vscode.Disposable {
  return command(log, id, async (given: Subject | Place | undefined) => action(placeOf(given ?? (await tree.pick(needs, title)))));
}
