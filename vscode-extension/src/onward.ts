/** What a person can do about a refusal, as docs/protocol.md has it. What it leaves out: asking them (finishing.ts). */
import type { Refused } from "./protocol";

/** What a person said to go on over. */
export interface Overruled { force?: boolean; updateTree?: boolean }

export interface Way {
  title: string;
  overrules: Overruled;
  /** Whether an agent is to bring the base into the branch, instead. */
  resolve: boolean;
}

/** Give what can be done about a refusal of what is called `name`; undefined when nothing can. */
export function onward(refused: Refused, name: string): Way | undefined {
  const codes = new Set([refused.code, ...refused.obstacles.map(({ code }) => code)]);
  if (codes.has("conflict")) return { title: "Resolve with Agent", overrules: {}, resolve: true };
  if (!refused.canForce) return undefined;
  // Files of the person's own change with it, so nothing else is overruled in the same breath.
  if (codes.size === 1 && codes.has("tree-in-use")) return { title: "Bring My Working Tree Along", overrules: { updateTree: true }, resolve: false };
  return { title: `${name} Anyway`, overrules: { force: true }, resolve: false };
}
