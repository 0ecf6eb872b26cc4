/**
 * The page of a bead: what the server writes, in an editor of its own that follows its links and keeps itself up to date.
 * Its frame, with style, script and content policy, is media/page.html. What it leaves out: every word on it.
 */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import * as vscode from "vscode";
import { isText, showText } from "./beadFiles";
import { messageOf } from "./client";
import type { Desk, Place } from "./desk";
import { UI } from "./ids";
import { firstThere, linkOf, within } from "./pageLinks";

const TYPE = "beadwork.page";
const EDITS: Readonly<Record<string, string>> = {
  title: UI.editTitle, status: UI.editStatus, type: UI.editType, priority: UI.editPriority, assignee: UI.editAssignee,
  labels: UI.editLabels, comment: UI.addComment, dependency: UI.addDependency,
};
const ACTIONS: Readonly<Record<string, string>> = {
  work: UI.work, review: UI.review, gates: UI.gates, changes: UI.showChanges, publish: UI.publish, land: UI.land, resolve: UI.resolve,
  close: UI.close, reopen: UI.reopen, answer: UI.answer, tell: UI.tell, pause: UI.pause, resume: UI.resume, retry: UI.retry,
  first: UI.moveFirst, cancel: UI.cancel,
};

interface Page { place: Place; panel: vscode.WebviewPanel; html: string; asked: Promise<void>; askedAgain: boolean }

export class Pages {
  private readonly open = new Map<string, Page>();
  private readonly frame: string;

  constructor(private readonly desk: Desk, private readonly media: vscode.Uri) {
    const { server } = desk;
    this.frame = readFileSync(vscode.Uri.joinPath(media, "page.html").fsPath, "utf8");
    desk.onBead(UI.openPage, "", "Open Page", (place) => this.show(place));
    desk.keep(
      server.onStarted(() => this.renew(() => true)),
      ...[server.onBeadsChanged, server.onFindingsChanged].map((on) => on((folder) => this.renew((place) => place.folder === folder))),
      server.onRunChanged((run) => this.renew(({ folder, id }) => folder === run.folder && id === run.bead)),
      vscode.window.registerWebviewPanelSerializer(TYPE, {
        deserializeWebviewPanel: (panel, place: Place) => {
          this.take(panel, place);
          return Promise.resolve();
        },
      }),
      { dispose: () => this.open.forEach(({ panel }) => void panel.dispose()) },
    );
  }

  private show(place: Place): void {
    const known = this.open.get(keyOf(place));
    if (known) known.panel.reveal();
    else this.take(vscode.window.createWebviewPanel(TYPE, place.id, vscode.ViewColumn.Active), place);
  }

  private take(panel: vscode.WebviewPanel, { folder, id }: Place): void {
    const place = { folder, id };
    const page: Page = { place, panel, html: "", asked: Promise.resolve(), askedAgain: false };
    this.open.set(keyOf(place), page);
    panel.iconPath = { light: vscode.Uri.joinPath(this.media, "page-light.svg"), dark: vscode.Uri.joinPath(this.media, "page-dark.svg") };
    panel.webview.options = { enableScripts: true, localResourceRoots: [] };
    panel.webview.onDidReceiveMessage((href: string) => this.desk.attempt(href, () => this.follow(place, href)));
    panel.onDidDispose(() => this.open.delete(keyOf(place)));
    panel.onDidChangeViewState(() => {
      if (!panel.visible) panel.webview.html = this.framed(page); // with this it begins when it is seen again
    });
    this.ask(page);
  }

  private renew(which: (place: Place) => boolean): void {
    for (const page of this.open.values()) if (which(page.place)) this.ask(page);
  }

  /** Changes that come while the server is asked are answered by one more question. */
  private ask(page: Page): void {
    if (page.askedAgain) return;
    page.askedAgain = true;
    page.asked = page.asked.then(() => this.desk.attempt(TYPE, async () => {
      page.askedAgain = false;
      const { title, html } = await this.desk.server.ask("beadwork.page", page.place).catch((error: unknown) =>
        ({ title: page.place.id, html: `<h1>${escaped(page.place.id)}</h1><p>${escaped(messageOf(error))}</p>` }));
      if (this.open.get(keyOf(page.place)) !== page || page.html === html) return;
      const first = page.html === "";
      page.html = html;
      page.panel.title = title;
      if (first || !page.panel.visible) page.panel.webview.html = this.framed(page);
      else await page.panel.webview.postMessage(html);
    }));
  }

  private framed({ place, panel, html }: Page): string {
    const given: Record<string, string> = { nonce: randomBytes(16).toString("hex"), title: escaped(panel.title), place: escaped(JSON.stringify(place)), html };
    return this.frame.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => given[name] ?? "");
  }

  private async follow(place: Place, href: string): Promise<void> {
    const link = linkOf(href);
    const invoke = async (id: string | undefined, given: object): Promise<void> => vscode.commands.executeCommand(id ?? href, given);
    switch (link.kind) {
      case "bead":
        this.show({ ...place, id: link.target });
        return;
      case "run": {
        const { run } = await this.desk.server.ask("beadwork.log", { run: link.target, limit: 1 });
        return invoke(UI.showOutput, { kind: "run", id: run.id, run });
      }
      case "edit":
        return isText(link.target) ? showText(place, link.target) : invoke(EDITS[link.target], place);
      case "do": {
        const { bead } = (await this.desk.server.ask("beadwork.show", place)).page;
        return invoke(ACTIONS[link.target], { kind: "bead", id: keyOf(place), project: { folder: place.folder }, bead });
      }
      case "file": {
        const { bead } = (await this.desk.server.ask("beadwork.show", place)).page;
        return openFile(within([place.folder, bead.run?.checkout ?? ""], link.target), link.target, link.line);
      }
      case "out":
        await vscode.env.openExternal(vscode.Uri.parse(link.target));
    }
  }
}

/** Open the first of these files that is there, at a line from 1. Throws when none is. */
export async function openFile(files: string[], name: string, line: number): Promise<void> {
  const file = await firstThere(files);
  if (file === undefined) throw new Error(`${name} is neither in this folder nor in the bead's checkout.`);
  const at = new vscode.Position(Math.max(0, line - 1), 0);
  await vscode.window.showTextDocument(vscode.Uri.file(file), line > 0 ? { selection: new vscode.Range(at, at) } : {});
}

const keyOf = ({ folder, id }: Place): string => JSON.stringify([folder, id]);

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
