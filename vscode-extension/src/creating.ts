/** How beads come to be: from the palette, under another, from what is selected, from what a comment says is to do. */
import * as vscode from "vscode";
import { type Desk, folderOf } from "./desk";
import { typed } from "./editing";
import { UI } from "./ids";
import { Advice, brief } from "./outcomes";
import type { NewBead } from "./protocol";
import type { BeadNode } from "./treeModel";
import { marked, titleFrom } from "./words";

export function registerCreating(desk: Desk): void {
  const { server, tree } = desk;
  /** Ask for the title, make the bead, and show where it stands. */
  const create = async ({ title, ...given }: Partial<NewBead>, about: string): Promise<BeadNode> => {
    const entitled = await typed(`New bead ${about}`, title, "Its title. The rest can be written on its page.");
    const { bead } = (await server.ask("beadwork.create", { ...given, title: entitled })).page;
    brief(`$(check) Made ${bead.id}: ${bead.title}`);
    await tree.refresh();
    return tree.reveal(bead.id, given.folder, false);
  };
  desk.on(UI.createBead, async (node) => vscode.commands.executeCommand(UI.openPage, await create(await folderOf(node), "")));
  desk.on(UI.createFromSelection, async () => {
    const editor = vscode.window.activeTextEditor;
    if (editor === undefined) throw new Advice("There is no editor with a selection: select what the bead is about first.");
    const { document, selection } = editor;
    const folder = vscode.workspace.getWorkspaceFolder(document.uri)?.uri.fsPath;
    const text = document.getText(selection);
    const place = document.uri.scheme === "file" ? { file: document.uri.fsPath, line: selection.start.line + 1, text } : { description: text };
    await create({ ...(folder === undefined ? await folderOf(undefined) : { folder }), title: titleFrom(text), ...place }, "from the selection");
  });
  desk.onBead(UI.createChild, "edit", "Create Child", ({ folder, id: parent }) => create({ folder, parent }, `under ${parent}`));
  desk.keep(server.handle("beadwork.create", (given) => desk.attempt("beadwork.create", async () =>
    mark(given, (await create(given, "from what is to do here")).bead.id))));
}

/** Write the id of the bead that was made behind the mark of its line, if that is still what it was. */
async function mark({ title, file = "", line = 0, text = "" }: NewBead, bead: string): Promise<void> {
  const uri = file.startsWith("file:") ? vscode.Uri.parse(file) : vscode.Uri.file(file);
  const document = vscode.workspace.textDocuments.find((each) => each.uri.toString() === uri.toString());
  const before = document && line > 0 && line <= document.lineCount ? document.lineAt(line - 1) : undefined;
  const after = before?.text.trim() === text ? marked(before.text, title, bead) : undefined;
  if (before === undefined || after === undefined) return;
  const edit = new vscode.WorkspaceEdit();
  edit.replace(uri, before.range, after);
  await vscode.workspace.applyEdit(edit);
}
