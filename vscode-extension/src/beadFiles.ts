/**
 * The texts of a bead as files that VS Code's own editor opens: `beadwork-bead:/demo-12/description.md?FOLDER`. Save changes the bead.
 *
 * VS Code takes a file to be the one it read unless it is newer and of another size. So what changed elsewhere is both
 * here, and VS Code asks before it overwrites that. What it leaves out: files that come and go.
 */
import * as vscode from "vscode";
import type { Server } from "./client";
import type { Desk, Place } from "./desk";
import type { BeadPage, Change } from "./protocol";

export const TEXTS = { description: "Description", design: "Design", acceptance: "Acceptance Criteria", notes: "Notes" } as const;
type Field = keyof typeof TEXTS;

const BEAD_SCHEME = "beadwork-bead";

/** Whether a field of a bead is one of its texts. */
export function isText(field: string): field is Field {
  return field in TEXTS;
}

/** Open one of a bead's texts in an editor. */
export async function showText({ folder, id }: Place, field: Field): Promise<void> {
  const uri = vscode.Uri.from({ scheme: BEAD_SCHEME, path: `/${encodeURIComponent(id)}/${field}.md`, query: folder });
  await vscode.window.showTextDocument(uri, { preview: false });
}

/** Have the texts of beads as files. */
export function serveTexts(desk: Desk): void {
  const files = new BeadFiles(desk.server);
  desk.keep(
    vscode.workspace.registerFileSystemProvider(BEAD_SCHEME, files, { isCaseSensitive: true }),
    desk.server.onBeadsChanged((folder) => files.look(folder)),
    desk.server.onStarted(() => files.look()),
  );
}

class BeadFiles implements vscode.FileSystemProvider {
  private readonly changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  readonly onDidChangeFile = this.changed.event;
  /** What VS Code was told last of each text. */
  private readonly known = new Map<string, { text: string; mtime: number; size: number }>();

  constructor(private readonly server: Server) {}

  /** Let VS Code look at the texts that are open, of one folder or all. */
  look(folder?: string): void {
    const open = vscode.workspace.textDocuments.map(({ uri }) => uri).filter(({ scheme, query }) => scheme === BEAD_SCHEME && (folder ?? query) === query);
    this.changed.fire(open.map((uri) => ({ type: vscode.FileChangeType.Changed, uri })));
  }

  async stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    const page = await this.page(uri);
    const { mtime, size } = this.saw(uri, page);
    const readOnly = page.bead.actions.includes("edit") ? {} : { permissions: vscode.FilePermission.Readonly };
    return { type: vscode.FileType.File, ctime: 0, mtime, size, ...readOnly };
  }

  async readFile(uri: vscode.Uri): Promise<Uint8Array> {
    return Buffer.from(this.saw(uri, await this.page(uri)).text);
  }

  async writeFile(uri: vscode.Uri, content: Uint8Array): Promise<void> {
    const { place, field } = named(uri);
    const change: Change = { [field]: Buffer.from(content).toString() };
    this.saw(uri, (await this.server.ask("beadwork.change", { ...place, ...change })).page);
  }

  watch(): vscode.Disposable {
    return new vscode.Disposable(() => undefined); // the server tells of all of them
  }

  readDirectory = refuse;
  createDirectory = refuse;
  delete = refuse;
  rename = refuse;

  private async page(uri: vscode.Uri): Promise<BeadPage> {
    return (await this.server.ask("beadwork.show", named(uri).place)).page;
  }

  private saw(uri: vscode.Uri, page: BeadPage): { text: string; mtime: number; size: number } {
    const [text, before] = [page[named(uri).field], this.known.get(uri.toString())];
    if (before?.text === text) return before;
    const size = Buffer.byteLength(text);
    const now = { text, mtime: Math.max(Date.parse(page.updatedAt) || 0, (before?.mtime ?? 0) + 1), size: size === before?.size ? size + 1 : size };
    this.known.set(uri.toString(), now);
    return now;
  }
}

function named(uri: vscode.Uri): { place: Place; field: Field } {
  const [, id = "", field = ""] = /^\/([^/]+)\/(\w+)\.md$/.exec(uri.path) ?? [];
  if (!isText(field)) throw vscode.FileSystemError.FileNotFound(uri);
  return { place: { folder: uri.query, id: decodeURIComponent(id) }, field };
}

function refuse(): never {
  throw vscode.FileSystemError.NoPermissions("A bead has these texts and no others.");
}
