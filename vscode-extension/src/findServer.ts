/**
 * Where the server's program is: the person's own setting, then the PATH.
 *
 * Nothing that comes with a workspace is asked: the setting is of machine scope, and PATH entries that depend on
 * the current folder are passed over.
 */
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";

/** The program cannot be found; the message says what to do about it. */
export class ServerNotFound extends Error {}

/** Give the absolute path of the program. Throws ServerNotFound. */
export function findServer(setting: string, path: string, windows = process.platform === "win32"): string {
  if (setting !== "") {
    if (!isAbsolute(setting)) {
      throw new ServerNotFound(`The setting beadwork.server.path is "${setting}", but must be an absolute path.`);
    }
    if (!isProgram(setting)) {
      throw new ServerNotFound(`The setting beadwork.server.path names "${setting}", which is no program.`);
    }
    return setting;
  }
  const name = windows ? "beadwork.exe" : "beadwork";
  const found = path.split(delimiter).filter(isAbsolute).map((folder) => join(folder, name)).find(isProgram);
  if (found === undefined) {
    throw new ServerNotFound(
      "There is no beadwork program on the PATH. Install it, or name it in the setting beadwork.server.path.",
    );
  }
  return found;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false; // it is not there, or not ours to run: either way no program
  }
}
