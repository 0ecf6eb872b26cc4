/**
 * A run's output as a terminal in the panel, from its first event to its summary, also after it has ended.
 *
 * What is written comes from the server as it is shown. A line that is typed into it is told to the agent, or answers the
 * one question that it asks. What was open is open again after the window was loaded anew.
 */
import * as vscode from "vscode";
import { messageOf, type Server } from "./client";
import { LineInput, TELL_PASTES } from "./lineInput";
import { called, isActive, isResting } from "./present";
import type { Output, Run } from "./protocol";
import { icon } from "./treeItems";

const PROMPT = "\x1b[33m»\x1b[0m ";
const CLEAR_LINE = "\r\x1b[K";
const HINT = "\x1b[2mA line that you type here is told to the agent.\x1b[0m\r\n";
/** So many events of a long run are written. */
const LAST = 5000;
/** Where the ids of the runs are kept whose terminals are open, and how many are opened again. */
const [KEPT, MOST] = ["beadwork.terminals", 10];

/** The terminals of this window: one for each run that is looked at. */
export class RunTerminals {
  private readonly open = new Map<string, { terminal: vscode.Terminal; feed: RunFeed }>();
  /** Runs whose terminals were open before the window was loaded anew, and are not yet again. */
  private before: string[];

  constructor(private readonly server: Server, private readonly context: vscode.ExtensionContext) {
    this.before = context.workspaceState.get<string[]>(KEPT, []);
    context.subscriptions.push(
      server.onOutput((output) => this.open.get(output.run)?.feed.take(output)),
      server.onRunChanged((run) => this.open.get(run.id)?.feed.saw(run)),
      server.onStarted(() => {
        this.open.forEach(({ feed }) => feed.follow());
        void this.openAgain();
      }),
      vscode.window.onDidCloseTerminal((closed) => this.forget(closed)),
      { dispose: () => this.open.forEach(({ terminal }) => terminal.dispose()) },
    );
  }

  /** Whether the output of a run is what the person has in front of them. */
  inFront(run: Run): boolean {
    return this.runIn(vscode.window.activeTerminal)?.id === run.id;
  }

  /** Give the run that is shown in a terminal; undefined for one of somebody else. */
  runIn(terminal: vscode.Terminal | undefined): Run | undefined {
    return [...this.open.values()].find((each) => each.terminal === terminal)?.feed.run;
  }

  /** Show the output of a run. An ended one that is called the same gives way to it. */
  show(run: Run): void {
    for (const [other, { terminal, feed }] of this.open) {
      if (other !== run.id && feed.name === nameOf(run) && feed.run.folder === run.folder && feed.ended) terminal.dispose();
    }
    const terminal = this.open.get(run.id)?.terminal ?? this.make(run);
    terminal.show(true);
  }

  private make(run: Run): vscode.Terminal {
    const feed = new RunFeed(this.server, run);
    const terminal = vscode.window.createTerminal({ name: feed.name, pty: feed, ...icon("play-circle"), isTransient: true });
    this.open.set(run.id, { terminal, feed });
    this.remember();
    return terminal;
  }

  /** Open what was open, behind what the person has in front of them. A run that is gone has no terminal. */
  private async openAgain(): Promise<void> {
    for (const id of this.before) {
      const run = await this.server.ask("beadwork.log", { run: id, limit: 1 }).then((answer) => answer.run, () => undefined);
      if (!this.server.running) return;
      if (run && !this.open.has(id)) this.make(run);
      this.before = this.before.filter((each) => each !== id);
    }
    this.remember();
  }

  private forget(closed: vscode.Terminal): void {
    for (const [run, { terminal }] of this.open) if (terminal === closed) this.open.delete(run);
    if (closed.exitStatus?.reason !== vscode.TerminalExitReason.Shutdown) this.remember();
  }

  private remember(): void {
    void this.context.workspaceState.update(KEPT, [...new Set([...this.before, ...this.open.keys()])].slice(-MOST));
  }
}

class RunFeed implements vscode.Pseudoterminal {
  private readonly writer = new vscode.EventEmitter<string>();
  readonly onDidWrite = this.writer.event;
  readonly name: string;
  /** Whether the run has ended for good, and all of it was written. */
  ended = false;
  private opened = false;
  private asking = false;
  /** Whether the server sends no more until the run goes on. */
  private rests = false;
  /** The last event that was written. */
  private seq = 0;
  private columns = 80;
  private readonly input = new LineInput();

  constructor(private readonly server: Server, public run: Run) {
    this.name = nameOf(run);
  }

  open(size: vscode.TerminalDimensions | undefined): void {
    this.opened = true;
    this.writer.fire(TELL_PASTES);
    this.columns = size?.columns ?? this.columns;
    this.follow();
  }

  setDimensions({ columns }: vscode.TerminalDimensions): void {
    this.columns = columns;
  }

  close(): void {
    this.opened = false;
    if (this.ended || !this.server.running) return;
    // The run goes on; nobody waits for this answer, and a server that has just gone needs no telling.
    this.server.ask("beadwork.output", { run: this.run.id, follow: false }).catch(() => undefined);
  }

  /** Ask for what follows the last event that was written: at the start, when the run or the server went on. */
  follow(): void {
    if (!this.opened || this.ended || this.asking) return;
    this.asking = true;
    const hint = this.seq === 0 && this.listens ? HINT : "";
    this.server
      .ask("beadwork.output", { run: this.run.id, after: this.seq, last: LAST, text: true })
      .then(({ text, next }) => this.take({ text: text + hint, next, ended: false }), (error: unknown) => this.say(error))
      .finally(() => (this.asking = false));
  }

  saw(run: Run): void {
    this.run = run;
    if (this.rests && isActive(run)) this.follow();
  }

  /** Take in what follows. With its end the server sends no more: the run has ended or rests, unless it has gone on meanwhile. */
  take({ text = "", next = this.seq + 1, ended, now }: Omit<Output, "run">): void {
    this.seq = next - 1;
    if (now) this.run = now;
    this.rests = ended && !(now && isActive(now)); // without `now` its log cannot be read, which the server has said
    this.ended ||= this.rests && now !== undefined && !isResting(now);
    this.write(text);
    if (ended && !this.rests) this.follow();
  }

  handleInput(data: string): void {
    const messages = this.input.take(data);
    this.write("");
    for (const message of messages) this.send(message).catch((error: unknown) => this.say(error));
  }

  /** A run that has ended is left alone: a stray line would begin a new one. */
  private async send(message: string): Promise<void> {
    const { id, ask } = this.run;
    if (this.ended) throw new Error("This run has ended; “Tell the Agent…” in the list of beads goes on with it.");
    const answers = ask !== null && ask.questions.length === 1;
    const { refused, run } = answers
      ? await this.server.ask("beadwork.answer", { run: id, texts: [message], ask: ask.id })
      : await this.server.ask("beadwork.tell", { run: id, text: message });
    if (refused) throw new Error(refused.message);
    if (run.state === "queued") this.write(`${called(run)} is queued: its agent is told when it begins.\r\n`);
  }

  /** Write above what is being typed: all of it at once, so that much of it does not hold the window up. */
  private write(text: string): void {
    const line = this.input.text !== "" || this.listens ? PROMPT + this.input.tail(this.columns - 3) : "";
    this.writer.fire(CLEAR_LINE + text + line);
  }

  /** Whether there is an agent that can be told something, now or when it begins. */
  private get listens(): boolean {
    return !this.ended && this.run.agent !== "" && (isActive(this.run) || isResting(this.run));
  }

  private say(error: unknown): void {
    this.write(`${messageOf(error)}\r\n`);
  }
}

function nameOf(run: Run): string {
  return `Beadwork: ${called(run)}`;
}
