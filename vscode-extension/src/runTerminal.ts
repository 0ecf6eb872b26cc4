/**
 * A run's output as a terminal in the panel, from its first event to its summary, also after it has ended.
 *
 * A line that is typed into it is told to the agent, or answers the one question that it asks.
 */
import * as vscode from "vscode";
import { messageOf, type Server } from "./client";
import { LineInput } from "./lineInput";
import { called, isActive, isResting } from "./present";
import { closing, heading, hint, transcribe } from "./transcript";
import type { Output, Run } from "./protocol";

const PROMPT = "\x1b[33m»\x1b[0m ";
const CLEAR_LINE = "\r\x1b[K";

/** The terminals of this window: one for each run that is looked at. */
export class RunTerminals implements vscode.Disposable {
  private readonly open = new Map<string, { terminal: vscode.Terminal; feed: RunFeed }>();
  private readonly parts: vscode.Disposable[];

  constructor(private readonly server: Server) {
    this.parts = [
      server.onOutput((output) => this.open.get(output.run)?.feed.take(output)),
      server.onRunChanged((run) => this.open.get(run.id)?.feed.saw(run)),
      server.onStarted(() => this.open.forEach(({ feed }) => feed.follow())),
      vscode.window.onDidCloseTerminal((closed) => {
        for (const [run, { terminal }] of this.open) if (terminal === closed) this.open.delete(run);
      }),
    ];
  }

  dispose(): void {
    for (const part of this.parts) part.dispose();
    for (const { terminal } of this.open.values()) terminal.dispose();
  }

  /** Whether the output of a run is what the person has in front of them. */
  inFront(run: Run): boolean {
    const terminal = this.open.get(run.id)?.terminal;
    return terminal !== undefined && vscode.window.activeTerminal === terminal;
  }

  /** Show the output of a run. An ended one that is called the same gives way to it. */
  show(run: Run): void {
    for (const [other, { terminal, feed }] of this.open) {
      if (other !== run.id && feed.name === called(run) && feed.folder === run.folder && feed.ended) terminal.dispose();
    }
    const terminal = this.open.get(run.id)?.terminal ?? this.make(run);
    terminal.show(true);
  }

  private make(run: Run): vscode.Terminal {
    const feed = new RunFeed(this.server, run);
    const iconPath = new vscode.ThemeIcon("play-circle");
    const terminal = vscode.window.createTerminal({ name: feed.name, pty: feed, iconPath });
    this.open.set(run.id, { terminal, feed });
    return terminal;
  }
}

class RunFeed implements vscode.Pseudoterminal {
  private readonly writer = new vscode.EventEmitter<string>();
  readonly onDidWrite = this.writer.event;
  readonly name: string;
  readonly folder: string;
  /** Whether the run has ended for good, and all of it was written. */
  ended = false;
  private opened = false;
  /** Whether the server sends no more until the run goes on. */
  private rests = false;
  /** The last event that was written. */
  private seq = 0;
  private phase: string | null | undefined;
  private readonly input = new LineInput();

  constructor(private readonly server: Server, private run: Run) {
    this.name = called(run);
    this.folder = run.folder;
  }

  open(): void {
    this.opened = true;
    this.write(heading(this.run));
    if (isActive(this.run) || isResting(this.run)) this.write(hint());
    this.follow();
  }

  close(): void {
    this.opened = false;
    if (this.ended || !this.server.running) return;
    // The run goes on; nobody waits for this answer, and a server that has just gone needs no telling.
    this.server.ask("beadwork.output", { run: this.run.id, follow: false }).catch(() => undefined);
  }

  /** Ask for the events after the last one that was written: at the start, when the run or the server went on. */
  follow(): void {
    if (!this.opened || this.ended) return;
    this.rests = false;
    this.server.ask("beadwork.output", { run: this.run.id, after: this.seq, follow: true }).catch((error: unknown) => this.say(error));
  }

  saw(run: Run): void {
    this.run = run;
    if (this.rests && isActive(run)) this.follow();
  }

  take({ events, ended }: Output): void {
    for (const event of events) {
      if (event.seq <= this.seq) continue;
      this.seq = event.seq;
      if (event.kind === "state" && event.phase === this.phase) continue; // it waits, or goes on, in the same phase
      if (event.kind === "state") this.phase = event.phase;
      this.write(transcribe(event));
    }
    if (!ended || this.ended) return;
    this.server
      .ask("beadwork.log", { run: this.run.id, after: this.seq, limit: 1 })
      .then(({ run }) => this.came(run), (error: unknown) => this.say(error));
  }

  handleInput(data: string): void {
    const lines = this.input.take(data);
    this.writer.fire(CLEAR_LINE + this.typed());
    for (const line of lines) this.send(line).catch((error: unknown) => this.say(error));
  }

  /** The server sends no more: the run has ended or rests, unless it has gone on again meanwhile. */
  private came(run: Run): void {
    this.run = run;
    if (isActive(run)) {
      this.follow();
      return;
    }
    this.write(closing(run));
    this.rests = isResting(run);
    this.ended = !this.rests;
  }

  /** A run that has ended is left alone: a stray line would begin a new one. */
  private async send(line: string): Promise<void> {
    const { id, ask } = this.run;
    if (this.ended) throw new Error("This run has ended; “Tell the Agent…” in the list of beads goes on with it.");
    const answers = ask !== null && ask.questions.length === 1;
    const { refused } = answers
      ? await this.server.ask("beadwork.answer", { run: id, texts: [line], ask: ask.id })
      : await this.server.ask("beadwork.tell", { run: id, text: line });
    if (refused) this.say(new Error(refused.message));
  }

  /** Write above the line that is being typed. */
  private write(text: string): void {
    const typed = this.typed();
    this.writer.fire(typed === "" ? text : CLEAR_LINE + text + typed);
  }

  private typed(): string {
    return this.input.text === "" ? "" : PROMPT + this.input.text;
  }

  private say(error: unknown): void {
    this.write(`\r\n${messageOf(error)}\r\n`);
  }
}
