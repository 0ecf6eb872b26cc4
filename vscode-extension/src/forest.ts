/** Which bead stands under which: each under the one that it is a part of, where that is listed, too. */
import type { Bead } from "./protocol";

export interface Forest {
  roots: Bead[];
  /** What stands under a bead, by its id. */
  under: Map<string, Bead[]>;
}

/** Give each of `beads` one place, in their order. Where beads are parts of each other in a circle, its first one is a root. */
export function forest(beads: readonly Bead[]): Forest {
  const listed = new Set(beads.map(({ id }) => id));
  const parts = new Map<string, Bead[]>();
  for (const bead of beads) {
    const above = listed.has(bead.parent) ? bead.parent : "";
    const beside = parts.get(above);
    if (beside) beside.push(bead);
    else parts.set(above, [bead]);
  }
  const under = new Map<string, Bead[]>();
  const placed = new Set<string>();
  const plant = (root: Bead): void => {
    placed.add(root.id);
    const growing = [root];
    for (const { id } of growing) {
      const here = (parts.get(id) ?? []).filter((part) => !placed.has(part.id));
      if (here.length > 0) under.set(id, here);
      for (const part of here) placed.add(part.id);
      growing.push(...here);
    }
  };
  const roots = parts.get("") ?? [];
  roots.forEach(plant);
  const circling = beads.filter((bead) => {
    if (placed.has(bead.id)) return false;
    plant(bead);
    return true;
  });
  return { roots: [...roots, ...circling], under };
}
