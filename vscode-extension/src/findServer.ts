/**
 * What starts the server: the person's own program, else what comes with the extension, run by a Python that fits.
 *
 * Nothing that comes with a workspace is asked: the settings are of machine scope, and PATH entries that depend on
 * the current folder are passed over.
 */
import { accessSync, constants, existsSync, statSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";
import { firstFit } from "./findPython";
import { SETTING } from "./ids";

/** The server cannot be started; the message says what to do about it. */
export class ServerNotFound extends Error {}

export interface Search {
  /** The settings; empty where they are not set. */
  path: string;
  python: string;
  /** The folder of what comes with the extension. */
  bundle: string;
  /** The PATH. */
  programs: string;
  /** Give the Python that is chosen for this workspace, if one is. */
  chosen: () => Promise<string | undefined>;
}

/** A command without what it is to do. */
export interface Program {
  command: string;
  args: string[];
  /** Whether it would be another if another Python were chosen for this workspace. */
  follows: boolean;
}

const PYTHONS = ["python3.14", "python3.13", "python3.12", "python3.11", "python3", "python"];

/** Throws ServerNotFound, and PythonNotFound when what is missing is a Python. */
export async function findServer({ path, python, bundle, programs, chosen }: Search): Promise<Program> {
  if (path !== "") return { command: named(SETTING.serverPath, path), args: [], follows: false };
  if (!existsSync(join(bundle, "libs"))) return { command: installed(programs), args: [], follows: false };
  const launcher = join(bundle, "run.py");
  const choice = python === "" ? await chosen() : undefined;
  const all = python === "" ? [...(choice === undefined ? [] : [choice]), ...onPath(PYTHONS, programs)] : [named(SETTING.python, python)];
  const command = await firstFit(all, launcher);
  return { command, args: ["-I", "-S", launcher, "beadwork"], follows: command === choice };
}

function installed(programs: string): string {
  const [found] = onPath(["beadwork"], programs);
  if (found !== undefined) return found;
  throw new ServerNotFound(`There is no beadwork program on the PATH. Install it, or name it in the setting ${SETTING.serverPath}.`);
}

function named(setting: string, program: string): string {
  if (!isAbsolute(program)) throw new ServerNotFound(`The setting ${setting} is "${program}", but must be an absolute path.`);
  if (!isProgram(program)) throw new ServerNotFound(`The setting ${setting} names "${program}", which is no program.`);
  return program;
}

/** Give the programs of these names, the first name first. */
function onPath(names: string[], path: string): string[] {
  const folders = path.split(delimiter).filter(isAbsolute);
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).filter(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false; // it is not there, or not ours to run: either way no program
  }
}
