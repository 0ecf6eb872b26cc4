/**
 * What a person can do with work that is done: gates, publish, land, close. The server says what stands in the way,
 * at once or at the end of the run; here the person is asked whether to go on, and it is asked for again.
 */
import * as vscode from "vscode";
import type { BeadsTree } from "./beadsTree";
import { chosen } from "./commands";
import { Contents, showChanges } from "./changes";
import type { Server } from "./client";
import { SCHEME, UI } from "./ids";
import { attempt, obstacles, said } from "./outcomes";
import { onward, type Overruled, type Way } from "./onward";
import { onPlace, type Place } from "./places";
import { counted } from "./present";
import type { Refused, Run, RunAnswer } from "./protocol";
import type { RunTerminals } from "./runTerminal";
import type { BeadNode, Node } from "./treeModel";

/** What was asked for, to be asked for again with more that is overruled. */
interface Wish {
  /** What a person calls it: "Close". */
  name: string;
  bead: Place;
  step: (overruled: Overruled) => Promise<RunAnswer>;
  overruled: Overruled;
}

const OPEN_OUTPUT = "Open Output";

export class Finishing implements vscode.Disposable {
  /** The runs that this window asked for, for as long as they go on. */
  private readonly wishes = new Map<string, Wish>();
  private readonly parts: vscode.Disposable;

  constructor(
    private readonly server: Server,
    private readonly tree: BeadsTree,
    private readonly terminals: RunTerminals,
    log: vscode.LogOutputChannel,
  ) {
    const register = (id: string, needs: string, title: string, action: (bead: Place) => Promise<unknown>): vscode.Disposable =>
      onPlace(tree, log, id, needs, title, action);
    this.parts = vscode.Disposable.from(
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, new Contents(server)),
      register(UI.gates, "gates", "Run Gates", (bead) => this.begin("Run Gates", bead, () => server.ask("beadwork.gates", { ...bead, anew: true }))),
      register(UI.publish, "publish", "Publish", (bead) =>
        this.begin("Publish", bead, (more) => server.ask("beadwork.publish", { ...bead, ...more }))),
      register(UI.land, "land", "Land", (bead) =>
        this.begin("Land", bead, (more) => server.ask("beadwork.land", { ...bead, ...more }))),
      register(UI.resolve, "resolve", "Resolve Conflicts", (bead) => this.resolve(bead)),
      vscode.commands.registerCommand(UI.close, (node?: BeadNode, all?: Node[]) => attempt(log, UI.close, async () => {
        const one = node ?? (await tree.pick("close", "Close"));
        await this.close(chosen(one, all ?? [one], "close").map(({ project, bead }) => ({ folder: project.folder, id: bead.id })));
      })),
      register(UI.reopen, "reopen", "Reopen", async (bead) => said(await server.ask("beadwork.reopen", bead))),
      register(UI.showChanges, "changes", "Show Changes", (bead) => this.changes(bead, "base")),
      register(UI.showChangesSinceReview, "changes", "Show Changes Since the Last Review", (bead) => this.changes(bead, "review")),
    );
  }

  dispose(): void {
    this.parts.dispose();
  }

  /** Give what a person can do about the end of a run: only where it was asked for can it be asked for again. */
  offers(run: Run): Map<string, () => Promise<unknown>> {
    const wish = this.wishes.get(run.id);
    this.wishes.delete(run.id);
    const { refused } = run.results;
    if (refused === undefined) return new Map();
    const offers = new Map<string, () => Promise<unknown>>();
    const way = wish && onward(refused, wish.name);
    if (wish && way) offers.set(way.title, () => this.go(wish, way));
    const file = outputOf(refused);
    if (file !== undefined) offers.set(OPEN_OUTPUT, () => open(file));
    return offers;
  }

  private async close(beads: Place[]): Promise<void> {
    const prompt = "Why? It is written to the bead. Left empty, it says what was done.";
    const title = `Close ${beads.length > 3 ? counted(beads.length, "bead") : beads.map(({ id }) => id).join(", ")}`;
    const reason = await vscode.window.showInputBox({ title, prompt, ignoreFocusOut: true });
    if (reason === undefined) return;
    for (const bead of beads) await this.begin("Close", bead, (more) => this.server.ask("beadwork.close", { ...bead, reason, ...more }));
  }

  private resolve(bead: Place): Promise<void> {
    return this.begin("Work", bead, (more) => this.server.ask("beadwork.resolve", { ...bead, ...more }));
  }

  private async changes(bead: Place, since: "base" | "review"): Promise<void> {
    await showChanges((await this.server.ask("beadwork.changes", { ...bead, since })).changes);
  }

  private async begin(name: string, bead: Place, step: Wish["step"]): Promise<void> {
    await this.order({ name, bead, step, overruled: {} });
  }

  private async go(wish: Wish, way: Way): Promise<void> {
    if (way.resolve) await this.resolve(wish.bead);
    else await this.order({ ...wish, overruled: { ...wish.overruled, ...way.overrules } });
  }

  private async order(wish: Wish): Promise<void> {
    const { run, refused } = await wish.step(wish.overruled);
    if (run) {
      this.wishes.set(run.id, wish);
      this.terminals.show(run);
      return;
    }
    const way = onward(refused, wish.name);
    const page = (): Thenable<unknown> => vscode.commands.executeCommand(UI.openPage, this.tree.find(wish.bead.id, wish.bead.folder));
    if (await agreed(refused, way, page) && way) await this.go(wish, way);
  }
}

/** Whether the person wants to go on all the same. A stray Enter takes the first offer: one that overrules nothing. */
async function agreed(refused: Refused, way: Way | undefined, page: () => Thenable<unknown>): Promise<boolean> {
  const file = outputOf(refused);
  const look = file === undefined ? (way?.overrules.force ? ["Open Page"] : []) : [OPEN_OUTPUT];
  const ways = way ? [way.title] : [];
  const offers = way?.overrules.force ? [...look, ...ways] : [...ways, ...look];
  const detail = obstacles(refused).join("\n");
  const chosen = way
    ? await vscode.window.showWarningMessage(refused.message, { modal: true, detail }, ...offers)
    : await vscode.window.showWarningMessage([refused.message, ...obstacles(refused)].join(" "), ...offers);
  if (chosen === "Open Page") await page();
  if (chosen === OPEN_OUTPUT && file !== undefined) await open(file);
  return chosen !== undefined && chosen === way?.title;
}

function outputOf(refused: Refused): string | undefined {
  return refused.obstacles.find(({ file }) => file !== "")?.file;
}

function open(file: string): Promise<unknown> {
  return Promise.resolve(vscode.window.showTextDocument(vscode.Uri.file(file)));
}
