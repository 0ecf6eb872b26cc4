/** Where the links of a bead's page lead, as docs/protocol.md has them. What it leaves out: going there (page.ts). */
import { stat } from "node:fs/promises";
import { isAbsolute, join, relative } from "node:path";

export type Link =
  | { kind: "bead" | "run" | "edit" | "do" | "out"; target: string }
  /** The line is from 1; 0 where none is said. */
  | { kind: "file"; target: string; line: number };

/** Read the address of a link. Throws on one that no page has. */
export function linkOf(href: string): Link {
  const [, scheme = "", rest = ""] = /^([a-z]+):(.*)$/s.exec(href) ?? [];
  switch (scheme) {
    case "https": case "http": case "mailto":
      return { kind: "out", target: href };
    case "bead": case "run": case "edit": case "do":
      return { kind: scheme, target: decodeURIComponent(rest) };
    case "file": {
      const [path = "", line = "0"] = rest.split("#");
      return { kind: "file", target: decodeURIComponent(path), line: Number(line) || 0 };
    }
    default:
      throw new Error(`The page has a link that leads nowhere: ${href}`);
  }
}

/** Give where a path of the repository can be, of these folders; what leads out of one is not in it. */
export function within(folders: string[], path: string): string[] {
  return folders.filter(Boolean).map((folder) => [folder, join(folder, path)] as const)
    .filter(([folder, file]) => !isAbsolute(path) && !relative(folder, file).startsWith("..")).map(([, file]) => file);
}

/** Give the first of these that is a file; undefined when none is. */
export async function firstThere(files: string[]): Promise<string | undefined> {
  const there = await Promise.all(files.map((file) => stat(file).then((found) => found.isFile(), () => false)));
  return files.find((_, at) => there[at]);
}
