/** The rows of the view of beads as VS Code draws them. What it leaves out: their words (present.ts). */
import * as vscode from "vscode";
import { UI } from "./ids";
import { beadRow, CLOSED, counted, isActive, notice } from "./present";
import { type BeadNode, type ErrorNode, type GroupNode, hasNoBeads, type MoreNode, type Node, type ProjectNode } from "./treeModel";

const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;

/** Give the row of a node, open or not when it is first shown; `grouped` is whether beads stand in groups. */
export function itemOf(node: Node, parent: boolean, grouped: boolean): vscode.TreeItem {
  switch (node.kind) {
    case "project":
      return projectItem(node);
    case "group":
      return groupItem(node);
    case "bead":
      return beadItem(node, parent, grouped);
    case "more":
      return moreItem(node);
    case "error":
      return errorItem(node);
  }
}

function projectItem({ project }: ProjectNode): vscode.TreeItem {
  const none = hasNoBeads(project);
  const item = new vscode.TreeItem(project.name, none ? None : Expanded);
  item.iconPath = new vscode.ThemeIcon("root-folder");
  item.description = none ? "no beads" : notice(project);
  item.tooltip = project.folder;
  item.contextValue = "project";
  item.accessibilityInformation = { label: ["Folder " + project.name, item.description].filter(Boolean).join(", ") };
  return item;
}

function groupItem({ id, group }: GroupNode): vscode.TreeItem {
  const item = new vscode.TreeItem(group.title, group.group === CLOSED && !id.endsWith("?") ? Collapsed : Expanded);
  item.description = String(group.count);
  item.contextValue = `group.${group.group}`;
  item.tooltip = `${group.title}: ${counted(group.count, "bead")}`;
  item.accessibilityInformation = { label: `${group.title}, ${counted(group.count, "bead")}` };
  return item;
}

function beadItem(node: BeadNode, parent: boolean, grouped: boolean): vscode.TreeItem {
  const row = beadRow(node.bead, Date.now(), grouped);
  const item = new vscode.TreeItem(row.label, !parent ? None : node.bead.group === CLOSED ? Collapsed : Expanded);
  item.description = row.description;
  item.tooltip = row.tooltip;
  item.iconPath = new vscode.ThemeIcon(row.icon, row.color === undefined ? undefined : new vscode.ThemeColor(row.color));
  item.contextValue = row.capabilities;
  item.accessibilityInformation = { label: row.spoken };
  const active = isActive(node.bead.run);
  item.command = { command: active ? UI.showOutput : UI.openPage, title: active ? "Show Output" : "Open Page", arguments: [node] };
  return item;
}

function moreItem(node: MoreNode): vscode.TreeItem {
  const item = new vscode.TreeItem(`Show all ${node.group.count} closed beads`);
  item.iconPath = new vscode.ThemeIcon("ellipsis");
  item.command = { command: UI.refresh, title: "Show All", arguments: [node] };
  item.accessibilityInformation = { label: `${node.group.beads.length} are shown. Show all ${node.group.count} closed beads` };
  return item;
}

function errorItem({ project }: ErrorNode): vscode.TreeItem {
  const message = project.error?.message ?? "";
  const item = new vscode.TreeItem(message);
  item.iconPath = new vscode.ThemeIcon("warning", new vscode.ThemeColor("list.warningForeground"));
  item.tooltip = [message, project.error?.detail].filter(Boolean).join("\n\n");
  item.command = { command: UI.showLog, title: "Show Log" };
  item.accessibilityInformation = { label: `Error: ${message}` };
  return item;
}
