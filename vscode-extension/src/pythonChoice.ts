/** The Python that the Python extension has chosen for the first folder; asked for, and never waited for long. */
import * as vscode from "vscode";

/** What we use of that extension's public interface. */
interface PythonApi {
  environments: {
    getActiveEnvironmentPath(resource?: vscode.Uri): unknown;
    resolveEnvironment(path: unknown): Promise<{ executable: { uri?: vscode.Uri } } | undefined>;
    onDidChangeActiveEnvironmentPath: vscode.Event<unknown>;
  };
}

/** Milliseconds for that extension to wake up and answer. */
const PATIENCE = 4_000;
let listening: vscode.Disposable | undefined;

/** Give its path, and say from then on when there is another; undefined when nothing is chosen. */
export async function chosenPython(log: vscode.LogOutputChannel, onChange: () => void): Promise<string | undefined> {
  const extension = vscode.extensions.getExtension<PythonApi>("ms-python.python");
  if (extension === undefined) return undefined;
  const late = new Promise<never>((_, reject) => setTimeout(() => reject(new Error("it did not answer in time")), PATIENCE));
  const ask = async (): Promise<string | undefined> => {
    const { environments } = await extension.activate();
    listening ??= environments.onDidChangeActiveEnvironmentPath(onChange);
    const active = environments.getActiveEnvironmentPath(vscode.workspace.workspaceFolders?.[0]?.uri);
    return (await environments.resolveEnvironment(active))?.executable.uri?.fsPath;
  };
  return Promise.race([ask(), late]).catch((error: unknown) => {
    log.warn(`The Python extension was asked for its choice: ${String(error)}`);
    return undefined;
  });
}
