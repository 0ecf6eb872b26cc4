/** The server's life in this window: found, started, asked, started again, stopped. One at a time. */
import * as vscode from "vscode";
import {
  CloseAction,
  ErrorAction,
  ErrorCodes,
  ExecuteCommandRequest,
  LanguageClient,
  type LanguageClientOptions,
  ResponseError,
  State,
  TransportKind,
} from "vscode-languageclient/node";
import { PythonNotFound } from "./findPython";
import { findServer, type Program } from "./findServer";
import { CLIENT_ID, CONTEXT, SETTING, UI } from "./ids";
import { NOTIFICATION, type Commands, type Output, type Run } from "./protocol";
import { chosenPython } from "./pythonChoice";

const RESTARTS = 3;
/** Milliseconds within which more ends than RESTARTS are too many. */
const PATIENCE = 180_000;
/** What the server calls the levels of a log channel, from "off" to "error". */
const LEVELS = ["CRITICAL", "DEBUG", "DEBUG", "INFO", "WARNING", "ERROR"];
const UNTRUSTED = "This workspace is in Restricted Mode, so Beadwork does nothing here until you trust it.";

const LOST: ReadonlySet<number> = new Set([
  ErrorCodes.ConnectionInactive,
  ErrorCodes.MessageReadError,
  ErrorCodes.MessageWriteError,
  ErrorCodes.PendingResponseRejected,
]);

export class Server implements vscode.Disposable {
  private readonly emitters = {
    started: new vscode.EventEmitter<void>(),
    stopped: new vscode.EventEmitter<void>(),
    beadsChanged: new vscode.EventEmitter<string>(),
    findingsChanged: new vscode.EventEmitter<string>(),
    runChanged: new vscode.EventEmitter<Run>(),
    output: new vscode.EventEmitter<Output>(),
  };
  /** Fires when the server can be asked, also after it was started again. */
  readonly onStarted = this.emitters.started.event;
  readonly onStopped = this.emitters.stopped.event;
  /** Fires with the folder whose beads may have changed. */
  readonly onBeadsChanged = this.emitters.beadsChanged.event;
  readonly onFindingsChanged = this.emitters.findingsChanged.event;
  readonly onRunChanged = this.emitters.runChanged.event;
  readonly onOutput = this.emitters.output.event;

  private client: LanguageClient | undefined;
  private readonly handlers = new Map<string, (given: never) => unknown>();
  /** Starts and stops go one after the other, whoever asks for them. */
  private queue: Promise<void> = Promise.resolve();

  /** Whether it was ever to be started. */
  private begun = false;
  private follows = false;
  /** When it ended by itself. */
  private ends: number[] = [];

  constructor(private readonly log: vscode.LogOutputChannel, private readonly bundle: string) {}

  get running(): boolean {
    return this.client?.state === State.Running;
  }

  /** Ask for one of the server's commands; the first starts it, and what is starting is waited for. Throws when it is not running, or answers with an error. */
  async ask<C extends keyof Commands>(command: C, argument: Commands[C][0]): Promise<Commands[C][1]> {
    if (!this.begun) await this.restart();
    if (!this.running) await this.queue;
    if (!this.client || !this.running) throw new Error("The Beadwork server is not running.");
    const params = { command, arguments: [argument] };
    try {
      return (await this.client.sendRequest(ExecuteCommandRequest.type, params)) as Commands[C][1];
    } catch (error) {
      throw connectionLost(error) ? new Error("The Beadwork server went away before it answered.") : error;
    }
  }

  /** Let `action` do what a person chose from the server's own commands, in place of only asking for it. */
  handle<C extends keyof Commands>(command: C, action: (given: Commands[C][0]) => unknown): vscode.Disposable {
    this.handlers.set(command, action);
    return new vscode.Disposable(() => this.handlers.delete(command));
  }

  /** Find the program, for a command of its own. Throws where nothing may be started, or nothing is there to start. */
  find(): Promise<Program> {
    if (!vscode.workspace.isTrusted) return Promise.reject(new Error(UNTRUSTED));
    const settings = vscode.workspace.getConfiguration();
    return findServer({
      path: settings.get(SETTING.serverPath, ""),
      python: settings.get(SETTING.python, ""),
      bundle: this.bundle,
      programs: process.env["PATH"] ?? "",
      chosen: () => chosenPython(this.log, () => this.follows && void this.restart()),
    });
  }

  /** Start it, anew if it runs, once there is something for it to serve and nothing forbids it. */
  refresh(): void {
    const wanted = this.begun || vscode.workspace.workspaceFolders !== undefined;
    if (wanted && vscode.workspace.isTrusted) void this.restart();
  }

  /** Start it, anew if it runs. Throws where nothing may be started. */
  async restart(): Promise<void> {
    if (!vscode.workspace.isTrusted) throw new Error(UNTRUSTED);
    this.ends = [];
    await this.again();
  }

  stop(): Promise<void> {
    return this.inTurn(() => this.end());
  }

  dispose(): void {
    for (const emitter of Object.values(this.emitters)) emitter.dispose();
  }

  private again(): Promise<void> {
    this.begun = true;
    return this.inTurn(async () => {
      await this.end();
      await this.begin();
    });
  }

  private inTurn(step: () => Promise<void>): Promise<void> {
    this.queue = this.queue.then(step);
    return this.queue;
  }

  private async begin(): Promise<void> {
    this.show("starting");
    try {
      const program = await this.find();
      this.follows = program.follows;
      this.log.info(`Starting ${[program.command, ...program.args].join(" ")}`);
      this.client = this.make(program);
      await this.client.start();
    } catch (error) {
      this.client = undefined;
      const why = connectionLost(error) ? "It ended at once; the log has what it said." : messageOf(error);
      if (error instanceof PythonNotFound) this.failed(why, "nopython");
      else this.failed(`The Beadwork server could not be started. ${why}`);
    }
  }

  private async end(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    try {
      await client?.dispose();
    } catch (error) {
      this.log.warn(`The server did not stop as it should: ${messageOf(error)}`);
    }
    this.show("stopped");
  }

  private make({ command, args }: Program): LanguageClient {
    let joined = false;
    const options: LanguageClientOptions = {
      documentSelector: [{ scheme: "file" }],
      outputChannel: this.log,
      initializationOptions: { beadwork: { notifications: true, asks: true } },
      middleware: {
        executeCommand: (command, given, next): unknown => {
          const handler = this.handlers.get(command);
          return handler === undefined ? next(command, given) : handler(given[0] as never);
        },
      },
      initializationFailedHandler: () => false,
      errorHandler: {
        error: () => ({ action: ErrorAction.Continue, handled: true }),
        closed: () => ({ action: CloseAction.DoNotRestart, handled: true, message: "The server is gone." }),
      },
    };
    const env = { ...process.env, BEADWORK_LOG_LEVEL: LEVELS[this.log.logLevel] };
    const run = { command, args: [...args, "serve"], transport: TransportKind.stdio, options: { env } };
    const client: LanguageClient = new Quiet(CLIENT_ID, "Beadwork", run, options);
    const hear = (name: string, take: (told: never) => void): vscode.Disposable =>
      client.onNotification(name, (told: unknown) => {
        if (this.client === client) take(told as never);
      });
    hear(NOTIFICATION.beadsChanged, ({ folder }: { folder: string }) => this.emitters.beadsChanged.fire(folder));
    hear(NOTIFICATION.findingsChanged, ({ folder }: { folder: string }) => this.emitters.findingsChanged.fire(folder));
    hear(NOTIFICATION.executionChanged, ({ run }: { run: Run }) => this.emitters.runChanged.fire(run));
    hear(NOTIFICATION.output, (output: Output) => this.emitters.output.fire(output));
    client.onDidChangeState(({ newState }) => {
      joined ||= newState === State.Running;
      if (this.client !== client) return;
      if (newState === State.Running) this.show("running");
      if (newState === State.Stopped && joined) this.ended();
    });
    return client;
  }

  /** A server that ended by itself is started again, but not for ever, and only if it ever worked. */
  private ended(): void {
    const now = Date.now();
    this.ends = [...this.ends.filter((end) => now - end < PATIENCE), now];
    if (this.ends.length > RESTARTS) {
      this.failed("The Beadwork server ended by itself again and again, so it is not started any more.");
    } else {
      this.log.warn("The server ended by itself; it is started again.");
      void this.again();
    }
  }

  private show(state: "starting" | "running" | "stopped" | "nopython"): void {
    void vscode.commands.executeCommand("setContext", CONTEXT.server, state);
    if (state === "running") this.emitters.started.fire();
    if (state === "stopped" || state === "nopython") this.emitters.stopped.fire();
  }

  private failed(message: string, state: "stopped" | "nopython" = "stopped"): void {
    this.log.error(message);
    this.show(state);
    const offers: Record<string, string> =
      state === "nopython"
        ? { "Choose a Python…": UI.openSettings, "Look Again": UI.restart }
        : { "Open Settings": UI.openSettings, "Show Log": UI.showLog };
    void vscode.window.showErrorMessage(message, ...Object.keys(offers)).then((chosen) => {
      const command = chosen === undefined ? undefined : offers[chosen];
      if (command !== undefined) void vscode.commands.executeCommand(command);
    });
  }
}

/** What the library insists on telling a person, of connections only, is told by `failed`, once. */
class Quiet extends LanguageClient {
  override error(message: string, data?: unknown, show: boolean | "force" = true): void {
    super.error(message, data, show !== "force" && show);
  }
}

/** Whether an error is only the client library's word for a server that has gone. */
function connectionLost(error: unknown): boolean {
  return error instanceof ResponseError && LOST.has(error.code);
}

/** Give what went wrong in words. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
