/** The rows of the view of beads as VS Code draws them. What it leaves out: their words (present.ts). */
import * as vscode from "vscode";
import { UI } from "./ids";
import { beadRow, CLOSED, counted, isActive, notice } from "./present";
import { hasNoBeads, type Node } from "./treeModel";

/** Give the row of a node; `parent` is whether it has others under it, `grouped` whether beads stand in groups. */
export function itemOf(node: Node, parent: boolean, grouped: boolean): vscode.TreeItem {
  const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
  const { project } = node;
  switch (node.kind) {
    case "project": {
      const none = hasNoBeads(project);
      const description = none ? "no beads" : notice(project);
      const collapsibleState = none ? None : Expanded;
      return row(node, project.name, `Folder ${project.name} ${description}`, { description, collapsibleState, tooltip: project.folder, contextValue: none ? "folder" : "project", ...icon("root-folder") });
    }
    case "group": {
      const { group, title, count } = node.group;
      const tooltip = `${title}, ${counted(count, "bead")}`;
      const collapsibleState = group === CLOSED && !node.id.endsWith("?") ? Collapsed : Expanded;
      return row(node, title, tooltip, { description: String(count), collapsibleState, tooltip, contextValue: `group.${group}` });
    }
    case "bead": {
      const { label, spoken, look, ...more } = beadRow(node.bead, Date.now(), grouped);
      const collapsibleState = !parent ? None : node.bead.group === CLOSED ? Collapsed : Expanded;
      const active = isActive(node.bead.run);
      const command = { command: active ? UI.showOutput : UI.openPage, title: active ? "Show Output" : "Open Page", arguments: [node] };
      return row(node, label, spoken, { ...more, collapsibleState, command, ...icon(...look) });
    }
    case "more": {
      const label = `Show all ${node.group.count} closed beads`;
      return row(node, label, label, { command: { command: UI.refresh, title: label, arguments: [node] }, ...icon("ellipsis") });
    }
    case "error": {
      const { message = "", detail = "" } = project.error ?? {};
      const tooltip = [message, detail].filter(Boolean).join("\n\n");
      return row(node, message, `Error: ${message}`, { tooltip, command: { command: UI.showLog, title: "Show Log" }, ...icon("warning", "list.warningForeground") });
    }
  }
}

/** Give the row of a node, as it is shown and as it is spoken. */
export function row({ id }: { id: string }, label: string, spoken: string, more: Partial<vscode.TreeItem>): vscode.TreeItem {
  return Object.assign(new vscode.TreeItem(label), { id, accessibilityInformation: { label: spoken } }, more);
}

export function icon(name: string, color?: string): { iconPath: vscode.ThemeIcon } {
  return { iconPath: new vscode.ThemeIcon(name, color === undefined ? undefined : new vscode.ThemeColor(color)) };
}
