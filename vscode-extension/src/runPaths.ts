/** Paths that a line of a run's output names, and the files that may be meant. Leaves out whether they are there. */
import { isAbsolute, join, normalize, relative } from "node:path";
import type { Run } from "./protocol";

/** A path in a line. `files`: the person's own first, then the checkout's. Line and column are from 1, 0 where not said. */
export interface Named { at: number; length: number; files: string[]; line: number; column: number }

const NAME = "[^\\s\"'`()<>\\[\\]{}:,;|*?=]";

/** Give the paths that `text` may name; most of them are none of a file. */
export function pathsIn(text: string, { folder, checkout, readableLog }: Run): Named[] {
  const roots = [checkout, folder].filter(Boolean).map(literal);
  const log = readableLog === "" ? "" : `${literal(readableLog)}|`;
  const pattern = new RegExp(`(${log}(?:(?:${roots.join("|")})/)?${NAME}+)(?::(\\d+)(?::(\\d+))?)?`, "gu");
  return [...text.matchAll(pattern)].flatMap((match): Named[] => {
    const [whole, path = "", line = "0", column = "0"] = match;
    const name = path.replace(/\.+$/, "");
    const files = name === readableLog ? [name] : meant(name, folder, checkout);
    const length = whole.length - (path.length - name.length);
    return files.length === 0 ? [] : [{ at: match.index, length, files, line: Number(line), column: Number(column) }];
  });
}

function meant(name: string, folder: string, checkout: string): string[] {
  const from = [checkout, folder].find((root) => root !== "" && name.startsWith(`${root}/`));
  const path = normalize(from === undefined ? name : relative(from, name));
  if (isAbsolute(path) || path.startsWith("..") || path === "." || !/[./]/.test(path)) return [];
  return [folder, checkout].filter(Boolean).map((root) => join(root, path));
}

function literal(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
