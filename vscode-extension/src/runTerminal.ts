/** A run's output as a terminal in the panel, from its first event to its summary, also after it has ended. */
import * as vscode from "vscode";
import { messageOf, type Server } from "./client";
import { closing, heading, transcribe } from "./transcript";
import type { Output, Run } from "./protocol";

/** The terminals of this window: one for each run that is looked at. */
export class RunTerminals implements vscode.Disposable {
  private readonly open = new Map<string, { terminal: vscode.Terminal; feed: RunFeed }>();
  private readonly parts: vscode.Disposable[];

  constructor(private readonly server: Server) {
    this.parts = [
      server.onOutput((output) => this.open.get(output.run)?.feed.take(output)),
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

  /** Show the output of a run. An ended run of the same bead gives way to it. */
  show(run: Run): void {
    for (const [other, { terminal, feed }] of this.open) {
      if (other !== run.id && feed.bead === run.bead && feed.folder === run.folder && feed.ended) terminal.dispose();
    }
    const terminal = this.open.get(run.id)?.terminal ?? this.make(run);
    terminal.show(true);
  }

  private make(run: Run): vscode.Terminal {
    const feed = new RunFeed(this.server, run);
    const iconPath = new vscode.ThemeIcon("play-circle");
    const terminal = vscode.window.createTerminal({ name: `Beadwork: ${run.bead}`, pty: feed, iconPath });
    this.open.set(run.id, { terminal, feed });
    return terminal;
  }
}

class RunFeed implements vscode.Pseudoterminal {
  private readonly writer = new vscode.EventEmitter<string>();
  readonly onDidWrite = this.writer.event;
  readonly bead: string;
  readonly folder: string;
  ended = false;
  private opened = false;
  /** The last event that was written. */
  private seq = 0;

  constructor(private readonly server: Server, private readonly run: Run) {
    this.bead = run.bead;
    this.folder = run.folder;
  }

  open(): void {
    this.opened = true;
    this.writer.fire(heading(this.run));
    this.follow();
  }

  close(): void {
    this.opened = false;
    if (this.ended || !this.server.running) return;
    // The run goes on; nobody waits for this answer, and a server that has just gone needs no telling.
    this.server.ask("beadwork.output", { run: this.run.id, follow: false }).catch(() => undefined);
  }

  /** Ask for the events after the last one that was written: at the start, and when the server was started again. */
  follow(): void {
    if (!this.opened || this.ended) return;
    this.server.ask("beadwork.output", { run: this.run.id, after: this.seq, follow: true }).catch((error: unknown) => this.say(error));
  }

  take({ events, ended }: Output): void {
    for (const event of events) {
      if (event.seq <= this.seq) continue;
      this.seq = event.seq;
      this.writer.fire(transcribe(event));
    }
    if (!ended || this.ended) return;
    this.ended = true;
    this.server
      .ask("beadwork.log", { run: this.run.id, after: this.seq, limit: 1 })
      .then(({ run }) => this.writer.fire(closing(run)), (error: unknown) => this.say(error));
  }

  private say(error: unknown): void {
    this.writer.fire(`\r\n${messageOf(error)}\r\n`);
  }
}
