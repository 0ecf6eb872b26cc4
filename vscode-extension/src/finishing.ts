/**
 * What a person can do with work that is done: gates, publish, land, close. The server says what stands in the way,
 * at once or at the end of the run; here the person is asked whether to go on, and it is asked for again.
 */
import * as vscode from "vscode";
import { Contents, showChanges } from "./changes";
import { chosen, type Desk, type Place, placeOf } from "./desk";
import { SCHEME, UI } from "./ids";
import { obstacles, said, unlessCalledOff } from "./outcomes";
import { onward, type Overruled, type Way } from "./onward";
import { counted } from "./present";
import type { Refused, Run, RunAnswer } from "./protocol";
import type { RunTerminals } from "./runTerminal";

/** What was asked for, to be asked for again with more that is overruled. */
interface Wish {
  /** What a person calls it: "Close". */
  name: string;
  bead: Place;
  step: (overruled: Overruled) => Promise<RunAnswer>;
  overruled: Overruled;
}

const OPEN_OUTPUT = "Open Output";

export class Finishing {
  /** The runs that this window asked for, for as long as they go on. */
  private readonly wishes = new Map<string, Wish>();

  constructor(private readonly desk: Desk, private readonly terminals: RunTerminals) {
    const { server, tree } = desk;
    desk.keep(vscode.workspace.registerTextDocumentContentProvider(SCHEME, new Contents(server)));
    desk.onBead(UI.gates, "gates", "Run Gates", (bead) => this.begin("Run Gates", bead, () => server.ask("beadwork.gates", { ...bead, anew: true })));
    desk.onBead(UI.publish, "publish", "Publish", (bead) => this.begin("Publish", bead, (more) => server.ask("beadwork.publish", { ...bead, ...more })));
    desk.onBead(UI.land, "land", "Land", (bead) => this.begin("Land", bead, (more) => server.ask("beadwork.land", { ...bead, ...more })));
    desk.onBead(UI.resolve, "resolve", "Resolve Conflicts", (bead) => this.resolve(bead));
    desk.on(UI.close, async (node, all) => {
      const beads = node ? chosen(node, all, "close") : [await tree.pick("close", "Close")];
      await this.close(beads.map(placeOf));
    });
    desk.onBead(UI.reopen, "reopen", "Reopen", async (bead) => said(await server.ask("beadwork.reopen", bead)));
    desk.onBead(UI.showChanges, "changes", "Show Changes", (bead) => this.changes(bead, "base"));
    desk.onBead(UI.showChangesSinceReview, "changes", "Show Changes Since the Last Review", (bead) => this.changes(bead, "review"));
  }

  /** Give what a person can do about the end of a run: only where it was asked for can it be asked for again. */
  offers(run: Run): Map<string, () => Thenable<unknown>> {
    const wish = this.wishes.get(run.id);
    this.wishes.delete(run.id);
    const { refused } = run.results;
    const offers = new Map<string, () => Thenable<unknown>>();
    const way = wish && refused && onward(refused, wish.name);
    if (wish && way) offers.set(way.title, () => this.go(wish, way));
    const file = refused && outputOf(refused);
    if (file !== undefined) offers.set(OPEN_OUTPUT, () => vscode.window.showTextDocument(vscode.Uri.file(file)));
    return offers;
  }

  private async close(beads: Place[]): Promise<void> {
    const prompt = "Why? It is written to the bead. Left empty, it says what was done.";
    const title = `Close ${beads.length > 3 ? counted(beads.length, "bead") : beads.map(({ id }) => id).join(", ")}`;
    const reason = await unlessCalledOff(vscode.window.showInputBox({ title, prompt, ignoreFocusOut: true }));
    for (const bead of beads) await this.begin("Close", bead, (more) => this.desk.server.ask("beadwork.close", { ...bead, reason, ...more }));
  }

  private resolve(bead: Place): Promise<void> {
    return this.begin("Work", bead, (more) => this.desk.server.ask("beadwork.resolve", { ...bead, ...more }));
  }

  private async changes(bead: Place, since: "base" | "review"): Promise<void> {
    await showChanges((await this.desk.server.ask("beadwork.changes", { ...bead, since })).changes);
  }

  private async begin(name: string, bead: Place, step: Wish["step"], overruled: Overruled = {}): Promise<void> {
    const wish = { name, bead, step, overruled };
    const { run, refused } = await step(overruled);
    if (run) {
      this.wishes.set(run.id, wish);
      this.terminals.show(run);
      return;
    }
    const way = onward(refused, name);
    const page = (): Thenable<unknown> => vscode.commands.executeCommand(UI.openPage, bead);
    if (await agreed(refused, way, page) && way) await this.go(wish, way);
  }

  private async go({ name, bead, step, overruled }: Wish, way: Way): Promise<void> {
    if (way.resolve) await this.resolve(bead);
    else await this.begin(name, bead, step, { ...overruled, ...way.overrules });
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
  if (chosen === OPEN_OUTPUT && file !== undefined) await vscode.window.showTextDocument(vscode.Uri.file(file));
  return chosen !== undefined && chosen === way?.title;
}

function outputOf(refused: Refused): string | undefined {
  return refused.obstacles.find(({ file }) => file !== "")?.file;
}
