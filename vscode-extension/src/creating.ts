/** How beads come to be: from the palette, under another, from what is selected, from what a comment says is to do. */
import * as vscode from "vscode";
import type { BeadsTree } from "./beadsTree";
import type { Server } from "./client";
import { type Chosen, folderOf } from "./commands";
import { typed } from "./editing";
import { UI } from "./ids";
import { attempt } from "./outcomes";
import { onPlace } from "./places";
import type { BeadPage, NewBead } from "./protocol";
import { marked, titleFrom } from "./words";

/** Milliseconds that a word in the status bar stays. */
const SHORTLY = 8_000;

export function registerCreating(server: Server, tree: BeadsTree, log: vscode.LogOutputChannel): vscode.Disposable {
  /** Ask for the title and make the bead; say so, and show where it stands. */
  const create = async (given: Omit<NewBead, "title"> & { title?: string }, about = ""): Promise<BeadPage["bead"]> => {
    const title = await typed(about ? `New bead ${about}` : "New bead", given.title, "Its title. The rest can be written on its page.");
    const { bead } = (await server.ask("beadwork.create", { ...given, title })).page;
    vscode.window.setStatusBarMessage(`$(check) Made ${bead.id}: ${bead.title}`, SHORTLY);
    await tree.refresh();
    return bead;
  };
  const register = (id: string, action: (node: Chosen) => unknown): vscode.Disposable =>
    vscode.commands.registerCommand(id, (node: Chosen) => attempt(log, id, () => action(node)));
  return vscode.Disposable.from(
    register(UI.createBead, async (node) => {
      const where = await folderOf(node);
      const { id } = await create(where);
      await vscode.commands.executeCommand(UI.openPage, await tree.reveal(id, where.folder, false));
    }),
    register(UI.createFromSelection, async () => {
      const editor = vscode.window.activeTextEditor;
      if (editor === undefined) throw new Error("There is no editor with a selection: select what the bead is about first.");
      const { document, selection } = editor;
      const folder = vscode.workspace.getWorkspaceFolder(document.uri)?.uri.fsPath;
      const text = document.getText(selection);
      const where = folder === undefined ? await folderOf(undefined) : { folder };
      const { id } = await create({ ...where, title: titleFrom(text), file: document.uri.fsPath, line: selection.start.line + 1, text }, "from the selection");
      await tree.reveal(id, where.folder, false);
    }),
    onPlace(tree, log, UI.createChild, "edit", "Create Child", async ({ folder, id: parent }) => {
      const { id } = await create({ folder, parent }, `under ${parent}`);
      await tree.reveal(id, folder, false);
    }),
    server.handle("beadwork.create", (given) => attempt(log, "beadwork.create", async () => {
      const { id } = await create(given, "from what is to do here");
      await mark(given, id);
      await tree.reveal(id, given.folder, false);
    })),
  );
}

/** Write the id of the bead that was made behind the mark of its line, if that is still what it was. */
async function mark({ file = "", line = 0, text = "" }: NewBead, bead: string): Promise<void> {
  const uri = file.startsWith("file:") ? vscode.Uri.parse(file) : vscode.Uri.file(file);
  const document = vscode.workspace.textDocuments.find((each) => each.uri.toString() === uri.toString());
  const before = document && line > 0 && line <= document.lineCount ? document.lineAt(line - 1) : undefined;
  const after = before?.text.trim() === text ? marked(before.text, bead) : undefined;
  if (before === undefined || after === undefined) return;
  const edit = new vscode.WorkspaceEdit();
  edit.replace(uri, before.range, after);
  await vscode.workspace.applyEdit(edit);
}
