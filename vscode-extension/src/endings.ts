/**
 * Says how runs ended that went on while this window was open. What needs a person is a notification, with what they
 * can do about it; the rest is a word in the status bar. A walk is one message, at its end.
 */
import { setTimeout as moment } from "node:timers/promises";
import * as vscode from "vscode";
import type { Finishing } from "./finishing";
import { UI, VIEW } from "./ids";
import { brief, obstacles } from "./outcomes";
import { called, isActive, isResting, walked, words } from "./present";
import type { Desk } from "./desk";
import type { Run } from "./protocol";

const PROBLEMS = "workbench.actions.view.problems";
/** Milliseconds between two looks at whether a walk is over. */
const PACE = 2_000;
/** Characters of a word in the status bar. */
const LONGEST = 120;

export class Endings {
  /** The runs that go on or rest, each with its walk. */
  private readonly going = new Map<string, string>();
  /** What has ended of each walk that goes on. */
  private readonly walks = new Map<string, Run[]>();

  constructor(private readonly desk: Desk, private readonly finishing: Finishing) {
    desk.keep(desk.server.onRunChanged((run) => this.saw(run)));
  }

  private saw(run: Run): void {
    if (isActive(run) || isResting(run)) this.going.set(run.id, isActive(run) ? run.walk : "");
    else if (this.going.delete(run.id) && run.state !== "cancelled") {
      void this.desk.attempt(called(run), () => (run.walk === "" ? this.tell(run) : this.tellOfWalk(run)));
    }
  }

  private async tell(run: Run): Promise<void> {
    const { refused } = run.results;
    const what = refused ? [refused.message, ...obstacles(refused)] : [`${words(run.state)}.`, run.summary];
    const said = `${called(run)}: ${what.filter(Boolean).join(" ")}`;
    const fine = run.state === "completed";
    const offers = new Map([...this.finishing.offers(run), ...offersOf(run)]);
    if (!fine || pullOf(run) || (run.verb === "review" && (await this.found(run)))) await show(said, fine, offers);
    else brief(`$(check) ${said.replaceAll(/\s+/g, " ").slice(0, LONGEST)}`);
  }

  /** Whether a review found something that nobody has seen to. */
  private async found({ folder, bead }: Run): Promise<boolean> {
    const { findings } = await this.desk.server.ask("beadwork.findings", { folder, id: bead });
    return findings.findings.some(({ state }) => state === "open");
  }

  /** The first of a walk's runs that ends waits for the end of the walk, and tells of all. */
  private async tellOfWalk(run: Run): Promise<void> {
    const others = this.walks.get(run.walk);
    if (others) return void others.push(run);
    const runs = [run];
    this.walks.set(run.walk, runs);
    try {
      do await moment(PACE);
      while ([...this.going.values()].includes(run.walk) || (await this.goesOn(run)));
    } finally {
      this.walks.delete(run.walk);
    }
    const offers = new Map([["Show Beads", () => vscode.commands.executeCommand(`${VIEW}.focus`)]]);
    await show(walked(runs), runs.every(({ state }) => state === "completed"), offers);
  }

  private async goesOn({ folder }: Run): Promise<boolean> {
    const { queue } = await this.desk.server.ask("beadwork.queue", {});
    return queue.walks.some((walk) => walk.folder === folder);
  }
}

type Offers = Map<string, () => Thenable<unknown>>;

async function show(said: string, fine: boolean, offers: Offers): Promise<void> {
  const message = fine ? vscode.window.showInformationMessage : vscode.window.showWarningMessage;
  const chosen = await message(said, ...offers.keys());
  if (chosen !== undefined) await offers.get(chosen)?.();
}

function pullOf({ results }: Run): string | undefined {
  const url = results.publish?.pullRequest?.url;
  return url?.startsWith("https://") ? url : undefined;
}

function offersOf(run: Run): Offers {
  const ordered = (command: string) => () => vscode.commands.executeCommand(command, { kind: "run", id: run.id, run });
  const [completed, review] = [run.state === "completed", run.verb === "review"];
  const offers: Offers = new Map();
  if (review && completed) offers.set("Show Findings", () => vscode.commands.executeCommand(PROBLEMS)).set("Show Summary", ordered(UI.reviewSummary));
  if (review && run.readableLog) offers.set("Open Log", () => vscode.window.showTextDocument(vscode.Uri.file(run.readableLog)));
  const pull = pullOf(run);
  if (completed && pull) offers.set("Open Pull Request", () => vscode.env.openExternal(vscode.Uri.parse(pull)));
  if (!review) offers.set("Show Output", ordered(UI.showOutput));
  if (run.retryable && !completed) offers.set("Retry", ordered(UI.retry));
  return offers;
}
