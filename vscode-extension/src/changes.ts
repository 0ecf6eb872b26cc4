/** What a bead's branch changed, in VS Code's own diff editor. Both sides are files at a commit, as the server has them. */
import * as vscode from "vscode";
import type { Server } from "./client";
import { SCHEME } from "./ids";
import type { ChangedFile, Changes } from "./protocol";

/** Gives the texts of files at commits to editors that show them. A commit never changes, so neither do they. */
export class Contents implements vscode.TextDocumentContentProvider {
  constructor(private readonly server: Server) {}

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const [folder = "", commit = ""] = JSON.parse(uri.query) as string[];
    const { text } = await this.server.ask("beadwork.content", { folder, commit, path: uri.path.slice(1) });
    return text ?? "";
  }
}

/** Show what changed: one file in a diff, several in the list of diffs. */
export async function showChanges(changes: Changes): Promise<void> {
  const title = `${changes.branch} since ${changes.baseRef}`;
  const [only, ...more] = changes.files;
  if (only === undefined) void vscode.window.showInformationMessage(`${changes.branch} changes nothing since ${changes.baseRef}.`);
  else if (more.length === 0) await vscode.commands.executeCommand("vscode.diff", before(changes, only), after(changes, only), `${only.path} (${title})`);
  else await vscode.commands.executeCommand("vscode.changes", title, changes.files.map((file) => sides(changes, file)));
}

/** What a row of the list is called by, and its sides; a side that there is not is left out. */
function sides(changes: Changes, file: ChangedFile): [vscode.Uri, vscode.Uri | undefined, vscode.Uri | undefined] {
  const [left, right] = [before(changes, file), after(changes, file)];
  return [file.kind === "deleted" ? left : right, file.kind === "added" ? undefined : left, file.kind === "deleted" ? undefined : right];
}

const before = (changes: Changes, file: ChangedFile): vscode.Uri => at(changes.folder, changes.base, file.oldPath);
const after = (changes: Changes, file: ChangedFile): vscode.Uri => at(changes.folder, changes.head, file.path);

function at(folder: string, commit: string, path: string): vscode.Uri {
  return vscode.Uri.from({ scheme: SCHEME, path: `/${path}`, query: JSON.stringify([folder, commit]) });
}
