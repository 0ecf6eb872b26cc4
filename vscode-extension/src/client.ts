/** The server's life in this window: found, started, asked, started again, stopped. One at a time. */
import * as vscode from "vscode";
import {
  CloseAction,
  ErrorAction,
  ErrorCodes,
  type ErrorHandler,
  ExecuteCommandRequest,
  LanguageClient,
  type LanguageClientOptions,
  ResponseError,
  State,
  TransportKind,
} from "vscode-languageclient/node";
import { findServer } from "./findServer";
import { CLIENT_ID, CONTEXT, SETTING, UI } from "./ids";
import { NOTIFICATION, type Commands, type Output, type Run } from "./protocol";

const RESTARTS = 3;
/** Milliseconds within which more ends than RESTARTS are too many. */
const PATIENCE = 180_000;

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
    runChanged: new vscode.EventEmitter<Run>(),
    output: new vscode.EventEmitter<Output>(),
  };
  /** Fires when the server can be asked, also after it was started again. */
  readonly onStarted = this.emitters.started.event;
  readonly onStopped = this.emitters.stopped.event;
  /** Fires with the folder whose beads may have changed. */
  readonly onBeadsChanged = this.emitters.beadsChanged.event;
  readonly onRunChanged = this.emitters.runChanged.event;
  readonly onOutput = this.emitters.output.event;

  private client: LanguageClient | undefined;
  private readonly handlers = new Map<string, (given: never) => unknown>();
  /** Starts and stops go one after the other, whoever asks for them. */
  private queue: Promise<void> = Promise.resolve();

  constructor(private readonly log: vscode.LogOutputChannel) {}

  get running(): boolean {
    return this.client?.state === State.Running;
  }

  /** Ask for one of the server's commands. Throws when it is not running, or answers with an error. */
  async ask<C extends keyof Commands>(command: C, argument: Commands[C][0]): Promise<Commands[C][1]> {
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

  restart(): Promise<void> {
    return this.inTurn(async () => {
      await this.end();
      await this.begin();
    });
  }

  stop(): Promise<void> {
    return this.inTurn(() => this.end());
  }

  dispose(): void {
    for (const emitter of Object.values(this.emitters)) emitter.dispose();
  }

  private inTurn(step: () => Promise<void>): Promise<void> {
    this.queue = this.queue.then(step);
    return this.queue;
  }

  private async begin(): Promise<void> {
    this.show("starting");
    try {
      const setting = vscode.workspace.getConfiguration().get(SETTING.serverPath, "");
      const program = findServer(setting, process.env["PATH"] ?? "");
      this.log.info(`Starting ${program}`);
      this.client = this.make(program);
      await this.client.start();
    } catch (error) {
      this.client = undefined;
      const why = connectionLost(error) ? "It ended at once; the log has what it said." : messageOf(error);
      this.failed(`The Beadwork server could not be started. ${why}`);
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

  private make(program: string): LanguageClient {
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
      errorHandler: this.errorHandler(() => joined && this.client === client),
    };
    const run = { command: program, args: ["serve"], transport: TransportKind.stdio };
    const client: LanguageClient = new LanguageClient(CLIENT_ID, "Beadwork", run, options);
    client.onNotification(NOTIFICATION.beadsChanged, ({ folder }: { folder: string }) => this.emitters.beadsChanged.fire(folder));
    client.onNotification(NOTIFICATION.executionChanged, ({ run }: { run: Run }) => this.emitters.runChanged.fire(run));
    client.onNotification(NOTIFICATION.output, (output: Output) => this.emitters.output.fire(output));
    client.onDidChangeState(({ newState }) => {
      joined ||= newState === State.Running;
      if (this.client !== client) return;
      if (newState === State.Running) this.show("running");
      if (newState === State.Stopped) this.show("stopped");
    });
    return client;
  }

  /** A server that ended by itself is started again, but not for ever, and only if it ever worked. */
  private errorHandler(ours: () => boolean): ErrorHandler {
    const ends: number[] = [];
    return {
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed: () => {
        if (!ours()) return { action: CloseAction.DoNotRestart, handled: true };
        const now = Date.now();
        ends.push(now);
        const recent = ends.filter((end) => now - end < PATIENCE).length;
        if (recent <= RESTARTS) {
          this.log.warn("The server ended by itself; it is started again.");
          return { action: CloseAction.Restart, handled: true };
        }
        this.failed("The Beadwork server ended by itself again and again, so it is not started any more.");
        return { action: CloseAction.DoNotRestart, handled: true };
      },
    };
  }

  private show(state: "starting" | "running" | "stopped"): void {
    void vscode.commands.executeCommand("setContext", CONTEXT.server, state);
    if (state === "running") this.emitters.started.fire();
    if (state === "stopped") this.emitters.stopped.fire();
  }

  private failed(message: string): void {
    this.log.error(message);
    this.show("stopped");
    const offers = { "Open Settings": UI.openSettings, "Show Log": UI.showLog } as const;
    void vscode.window.showErrorMessage(message, ...Object.keys(offers)).then((chosen) => {
      if (chosen !== undefined) void vscode.commands.executeCommand(offers[chosen as keyof typeof offers]);
    });
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
