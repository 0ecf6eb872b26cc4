/** What a person changes of a bead: they choose or type, and the server changes it. What can be chosen is the server's to say. */
import * as vscode from "vscode";
import { serveTexts, showText, TEXTS } from "./beadFiles";
import { choose } from "./choosing";
import type { Desk, Place } from "./desk";
import { UI } from "./ids";
import { unlessCalledOff } from "./outcomes";
import { PRIORITIES } from "./words";
import type { Bead, Change, Choices } from "./protocol";

export function registerEditing(desk: Desk): void {
  const { server, tree } = desk;
  const register = (id: string, title: string, action: (place: Place) => unknown): void => desk.onBead(id, "edit", title, action);
  const edit = (id: string, title: string, ask: (bead: Bead, choices: () => Promise<Choices>) => Promise<Change>): void =>
    register(id, title, async (place) => {
      const { bead } = (await server.ask("beadwork.show", place)).page;
      const change = await ask(bead, async () => (await server.ask("beadwork.choices", { folder: place.folder })).choices);
      await server.ask("beadwork.change", { ...place, ...change });
    });
  serveTexts(desk);
  edit(UI.editTitle, "Edit Title", async ({ id, title }) => ({ title: await typed(`Title of ${id}`, title) }));
  edit(UI.editStatus, "Change Status", async ({ id, status }, choices) =>
    ({ status: (await choose(`Status of ${id}`, (await choices()).statuses, [status], "one"))[0] ?? status }));
  edit(UI.editType, "Change Type", async ({ id, type }, choices) =>
    ({ type: (await choose(`Type of ${id}`, (await choices()).types, [type], "one"))[0] ?? type }));
  edit(UI.editPriority, "Change Priority", async ({ id, priority }) => {
    const [chosen = ""] = await choose(`Priority of ${id}`, PRIORITIES, [PRIORITIES[priority] ?? ""], "one");
    return { priority: PRIORITIES.indexOf(chosen) };
  });
  edit(UI.editAssignee, "Change Assignee", async ({ id, assignee }, choices) => {
    const nobody = "nobody";
    const [chosen = ""] = await choose(`Assignee of ${id}`, [nobody, ...(await choices()).assignees], [assignee || nobody], "one or new");
    return { assignee: chosen === nobody ? "" : chosen };
  });
  edit(UI.editLabels, "Change Labels", async ({ id, labels }, choices) => {
    const chosen = await choose(`Labels of ${id}`, [...new Set([...labels, ...(await choices()).labels])], labels, "several or new");
    const without = (all: string[], others: string[]): string[] => all.filter((label) => !others.includes(label));
    return { addLabels: without(chosen, labels), removeLabels: without(labels, chosen) };
  });
  register(UI.editText, "Edit Text", async (place) => {
    const items = (Object.keys(TEXTS) as (keyof typeof TEXTS)[]).map((field) => ({ label: TEXTS[field], field }));
    const asked = vscode.window.showQuickPick(items, { title: `Text of ${place.id}`, placeHolder: "Opens in an editor; Save changes the bead" });
    await showText(place, (await unlessCalledOff(asked)).field);
  });
  register(UI.addDependency, "Add Dependency", async (place) => {
    const ways = [`${place.id} is blocked by…`, `${place.id} blocks…`];
    const way = await unlessCalledOff(vscode.window.showQuickPick(ways, { title: `Dependency of ${place.id}` }));
    const other = (await tree.pick("", way, { folder: place.folder })).bead.id;
    const [id, on] = way === ways[0] ? [place.id, other] : [other, place.id];
    await server.ask("beadwork.depend", { folder: place.folder, id, on });
  });
  register(UI.addComment, "Add Comment", async (place) => {
    await server.ask("beadwork.comment", { ...place, text: await typed(`Comment on ${place.id}`) });
  });
}

/** Let the person type a line that is not empty. Throws when they call it off. */
export async function typed(title: string, value = "", prompt = ""): Promise<string> {
  const validateInput = (line: string): string => (line.trim() === "" ? "It cannot be empty." : "");
  return (await unlessCalledOff(vscode.window.showInputBox({ title, value, prompt, validateInput, ignoreFocusOut: true }))).trim();
}
