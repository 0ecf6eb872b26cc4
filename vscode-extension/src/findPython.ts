/** Which Python runs the bundled server: each is asked, by the bundle's own launcher, whether it is fit. */
import { execFile } from "node:child_process";
import { parse } from "node:path";

/** Milliseconds for one to say whether it is fit. */
const PATIENCE = 5_000;
/** How many are named to a person. */
const NAMED = 3;

/** No Python is fit; the message says which were asked, and why not. */
export class PythonNotFound extends Error {}

/** Give the first of `pythons` that is fit. Throws PythonNotFound. */
export async function firstFit(pythons: Iterable<string>, launcher: string): Promise<string> {
  const unfit: string[] = [];
  for (const python of new Set(pythons)) {
    const why = await whyUnfit(python, launcher);
    if (why === "") return python;
    unfit.push(`${python}: ${why}.`);
  }
  const more = unfit.length > NAMED ? [`And ${unfit.length - NAMED} more.`] : [];
  const found = unfit.length > 0 ? [...unfit.slice(0, NAMED), ...more] : ["There is none on the PATH."];
  throw new PythonNotFound(["Beadwork needs Python 3.11 or newer.", ...found].join(" "));
}

/** Run it away from any project and without input. Nothing is said of one that is fit. */
function whyUnfit(python: string, launcher: string): Promise<string> {
  const options = { cwd: parse(launcher).root, timeout: PATIENCE, killSignal: "SIGKILL" } as const;
  return new Promise((answer) => {
    const asked = execFile(python, ["-I", "-S", launcher], options, (error, _, said) => {
      if (error === null) answer("");
      else if (error.killed) answer(`it did not answer within ${PATIENCE / 1000} s`);
      else answer(said.trim().split("\n").at(-1) || "it cannot be run");
    });
    asked.stdin?.end();
  });
}
