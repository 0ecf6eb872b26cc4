/** Paths in the output of a run are links: to the person's own file where it is there, else to the checkout's. */
import * as vscode from "vscode";
import { firstThere } from "./pageLinks";
import { type Named, pathsIn } from "./runPaths";
import type { RunTerminals } from "./runTerminal";

class FileLink extends vscode.TerminalLink {
  constructor(readonly named: Named, readonly file: string) {
    super(named.at, named.length, file);
  }
}

/** Have links in the terminals of runs. VS Code asks for those of a line when the pointer is on it. */
export function linkPaths(terminals: RunTerminals): vscode.Disposable {
  return vscode.window.registerTerminalLinkProvider({
    provideTerminalLinks: async ({ line, terminal }): Promise<FileLink[]> => {
      const run = terminals.runIn(terminal);
      const links = (run ? pathsIn(line, run) : []).map(async (named) => ({ named, file: await firstThere(named.files) }));
      return (await Promise.all(links)).flatMap(({ named, file }) => (file === undefined ? [] : [new FileLink(named, file)]));
    },
    handleTerminalLink: async ({ file, named: { line, column } }: FileLink): Promise<void> => {
      const at = new vscode.Position(Math.max(0, line - 1), Math.max(0, column - 1));
      await vscode.commands.executeCommand("vscode.open", vscode.Uri.file(file), line > 0 ? { selection: new vscode.Range(at, at) } : {});
    },
  });
}
