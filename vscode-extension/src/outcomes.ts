/** What came of what a person asked for, where it is not what they wanted: errors and refusals. */
import * as vscode from "vscode";
import { messageOf } from "./client";
import type { Refused, Run, RunAnswer } from "./protocol";

/** Milliseconds that a word in the status bar stays. */
const SHORTLY = 8_000;

/** What a person has to do first, or again: nothing broke, so the log has no more to say. */
export class Advice extends Error {}

/** Say something in the status bar, for a while. */
export function brief(text: string): void {
  vscode.window.setStatusBarMessage(text, SHORTLY);
}

/** Give what a person chose or typed. Throws when they call it off. */
export async function unlessCalledOff<T>(asked: Thenable<T | undefined>): Promise<T> {
  const given = await asked;
  if (given === undefined) throw new vscode.CancellationError();
  return given;
}

/** Do something for a person; an error is shown and logged, and what they called off is nothing to speak of. */
export async function attempt<T>(log: vscode.LogOutputChannel, name: string, action: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof vscode.CancellationError) return undefined;
    if (error instanceof Advice) return void vscode.window.showWarningMessage(error.message);
    log.error(`${name}: ${messageOf(error)}`);
    const chosen = await vscode.window.showErrorMessage(messageOf(error), "Show Log");
    if (chosen !== undefined) log.show();
    return undefined;
  }
}

/** Give the run that came of it; a refusal is shown, and where it can be forced the person is asked whether to. */
export async function unlessRefused(step: (force: { force?: boolean }) => Promise<RunAnswer>): Promise<Run | undefined> {
  let answer = await step({});
  if (answer.refused?.canForce) {
    if (!(await insists(answer.refused))) return undefined;
    answer = await step({ force: true });
  }
  said(answer);
  return answer.run;
}

/** Show a refusal, if it is one. */
export function said({ refused }: { refused?: Refused | undefined }): void {
  if (refused) void vscode.window.showWarningMessage([refused.message, ...obstacles(refused)].join(" "));
}

/** Give a refusal with all that stands in the way, in lines. */
export function obstacles({ message, obstacles: all }: Refused): string[] {
  return all.flatMap((each) => [
    ...(message.includes(each.message) ? [] : [each.message]),
    each.paths.filter((path) => !each.message.includes(path) && !message.includes(path)).join(", "),
  ]).filter(Boolean);
}

/** Make one refusal of several; undefined when there is none. */
export function together(all: Refused[]): Refused | undefined {
  const [first, ...more] = all;
  if (first === undefined || more.length === 0) return first;
  return {
    code: first.code,
    message: `${all.length} beads were not queued.`,
    blockedBy: [...new Set(all.flatMap(({ blockedBy }) => blockedBy))],
    canForce: all.some(({ canForce }) => canForce),
    obstacles: all.flatMap(({ code, message, obstacles }) => [{ code, message, file: "", paths: [] }, ...obstacles]),
  };
}

async function insists(refused: Refused): Promise<boolean> {
  const anyway = "Work Anyway";
  const { message, blockedBy } = refused;
  const over = blockedBy.length > 0 ? [`The run would be recorded as forced over ${blockedBy.join(", ")}.`] : [];
  const detail = [...obstacles(refused), ...over].join("\n");
  return (await vscode.window.showWarningMessage(message, { modal: true, detail }, anyway)) === anyway;
}
