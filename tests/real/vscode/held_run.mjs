// The scripted agent of these tests waits for a file in its checkout's .git; here it is made.
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Let the run of `bead` go on. Fails when there is no checkout of it. */
export function letGo(state, bead) {
  const checkouts = join(state, "checkouts");
  const found = readdirSync(checkouts).map((project) => join(checkouts, project, bead)).filter(existsSync);
  if (found.length !== 1) throw new Error(`${bead} has ${found.length} checkouts under ${checkouts}`);
  mkdirSync(join(found[0], ".git"), { recursive: true });
  writeFileSync(join(found[0], ".git", "go"), "");
}
