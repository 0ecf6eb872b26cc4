/** What agents ask, as questions of VS Code: a notification, then a list to choose from or a box to write in. */
import * as vscode from "vscode";
import { answered } from "./choosing";
import type { Desk } from "./desk";
import { brief, unlessCalledOff } from "./outcomes";
import { called } from "./present";
import type { Ask, Question, Run } from "./protocol";
import type { RunTerminals } from "./runTerminal";

const ANSWER = "Answer";
const TOO_LATE = "not-asking";

interface Item extends vscode.QuickPickItem { answer: string }

export class Questions {
  /** What each run asks, as last heard: the id of the question. */
  private readonly known = new Map<string, string>();
  /** The questions that the person was told of; one stays the same when nobody waits for it in the turn any more. */
  private readonly announced = new Set<string>();
  private open: { run: string; hide: () => void } | undefined;

  constructor(private readonly desk: Desk, private readonly terminals: RunTerminals) {
    desk.keep(desk.server.onRunChanged((run) => this.saw(run)), { dispose: () => this.open?.hide() });
  }

  /** Ask the person what the agent of `run` asks, and pass the answer on. Throws what the server answers with. */
  async answer(run: Run): Promise<void> {
    if (run.ask === null) return;
    const texts: string[] = [];
    for (const [at, question] of run.ask.questions.entries()) {
      const place = run.ask.questions.length > 1 ? ` (${at + 1} of ${run.ask.questions.length})` : "";
      texts.push(await unlessCalledOff(this.choose(run, run.ask, question, `${called(run)} asks${place}`)));
    }
    const { refused } = await this.desk.server.ask("beadwork.answer", { run: run.id, texts, ask: run.ask.id });
    if (refused?.code === TOO_LATE) brief(refused.message);
    else if (refused) void vscode.window.showWarningMessage(refused.message);
  }

  private saw(run: Run): void {
    const before = this.known.get(run.id);
    const now = run.state === "needs_input" ? run.ask?.id : undefined;
    if (before === now) return;
    if (before !== undefined && this.open?.run === run.id) {
      this.open.hide();
      this.announced.delete(named(run, before));
      brief(`${called(run)}: the question was answered elsewhere, or waits no more.`);
    }
    if (now === undefined) this.known.delete(run.id);
    else {
      this.known.set(run.id, now);
      if (this.announced.has(named(run, now))) return;
      this.announced.add(named(run, now));
      void this.desk.attempt("beadwork.answer", () => this.announce(run));
    }
  }

  /** Nothing opens under the hands of a person who types elsewhere: only one who looks at the run is asked at once. */
  private async announce(run: Run): Promise<void> {
    const looking = vscode.window.state.focused && this.terminals.inFront(run) && this.open === undefined;
    const asks = `${called(run)} asks: ${run.ask?.questions[0]?.text ?? ""}`;
    if (looking || (await vscode.window.showInformationMessage(asks, ANSWER)) === ANSWER) await this.answer(run);
  }

  private async choose(run: Run, ask: Ask, question: Question, title: string): Promise<string | undefined> {
    const withdrawn = new vscode.CancellationTokenSource();
    const open = { run: run.id, hide: () => withdrawn.cancel() };
    this.open = open;
    try {
      if (question.choices.length > 0) return await picked(ask, question, title, withdrawn.token);
      return await vscode.window.showInputBox({ title, prompt: question.text, ignoreFocusOut: true }, withdrawn.token);
    } finally {
      if (this.open === open) this.open = undefined;
      withdrawn.dispose();
    }
  }
}

/** A question by its name: an agent that went on may ask another under the same id. */
function named(run: Run, ask: string): string {
  return [run.id, run.resumed, ask].join(" ");
}

/** Let a person choose; no choice is marked before they did something, so that a stray Enter chooses nothing. */
function picked(ask: Ask, question: Question, title: string, withdrawn: vscode.CancellationToken): Promise<string | undefined> {
  const pick = vscode.window.createQuickPick<Item>();
  const own = ask.kind === "question" && !question.several;
  const choices = question.choices.map(({ label, description }): Item => ({ label, description, answer: label }));
  const offer = (words: string): void => {
    const answer = words.trim();
    pick.items = own && answer !== "" ? [...choices, { label: answer, description: "in these words", answer, alwaysShow: true }] : choices;
  };
  pick.title = `${title}: ${[question.text, ask.title].filter((text, at, all) => text && !(at === 1 && all[0]?.includes(text))).join(" ")}`;
  pick.placeholder = own ? "Choose, or type other words" : question.several ? "Choose one or more" : "Choose";
  pick.canSelectMany = question.several;
  pick.ignoreFocusOut = true;
  offer("");
  pick.onDidChangeValue(offer);
  withdrawn.onCancellationRequested(() => pick.hide());
  const answer = answered(pick, () => {
    const chosen = (question.several ? pick.selectedItems : pick.activeItems.slice(0, 1)).map(({ answer }) => answer);
    return chosen.length === 0 ? undefined : chosen.join(", ");
  });
  pick.activeItems = [];
  return answer;
}
