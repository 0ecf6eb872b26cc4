/** A run that is about no bead has no row, so it is a progress here, where a person can cancel it. */
import * as vscode from "vscode";
import type { Server } from "./client";
import { called, isActive, progressOf } from "./present";
import type { Run } from "./protocol";

/** Show `run` until it ends or rests, or nothing is heard of it any more. */
export async function showProgress(server: Server, run: Run): Promise<void> {
  const options = { location: vscode.ProgressLocation.Notification, title: called(run), cancellable: true };
  await vscode.window.withProgress(options, async (progress, cancelled) => {
    const listening: vscode.Disposable[] = [];
    try {
      await new Promise<void>((resolve, reject) => {
        listening.push(
          server.onStopped(() => resolve()),
          server.onRunChanged((now) => {
            if (now.id !== run.id) return;
            progress.report({ message: progressOf(now) });
            if (!isActive(now)) resolve();
          }),
          cancelled.onCancellationRequested(() => {
            server.ask("beadwork.cancel", { run: run.id }).then(() => resolve(), reject);
          }),
        );
      });
    } finally {
      for (const each of listening) each.dispose();
    }
  });
}
