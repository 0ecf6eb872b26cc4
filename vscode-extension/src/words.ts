/** How findings, reviews and priorities read, and which finding is the next. What it leaves out: showing them (findings.ts). */
import { counted } from "./present";
import type { Finding, Review } from "./protocol";

export const PRIORITIES = ["P0 critical", "P1 high", "P2 medium", "P3 low", "P4 backlog"];

/** Where something is: lines and characters from 0. */
export interface Spot { file: string; line: number; character: number }

/** Order spots by file, then by where they are in it. */
export function order(one: Spot, other: Spot): number {
  if (one.file !== other.file) return one.file < other.file ? -1 : 1;
  return one.line - other.line || one.character - other.character;
}

/** Give the index of the first of `spots` (ordered) after `from`, or before it; at the end it begins again. */
export function following(spots: Spot[], from: Spot | undefined, step: 1 | -1): number {
  const before = spots.filter((spot) => from !== undefined && order(spot, from) < 0).length;
  const upTo = spots.filter((spot) => from !== undefined && order(spot, from) <= 0).length;
  return step === 1 ? upTo % spots.length : (before + spots.length - 1) % spots.length;
}

/** Say what a review of what is called `subject` came to. */
export function verdict({ subject, summary, prReady }: Review, findings: Finding[]): string {
  const each = PRIORITIES.map((_, at) => ({ at, count: findings.filter(({ priority }) => priority === at).length })).filter(({ count }) => count > 0);
  const counts = each.length === 0 ? "" : ` (${each.map(({ at, count }) => `${count} P${at}`).join(", ")})`;
  const ready = prReady ? "ready for a pull request" : "not ready for a pull request";
  return [`Review of ${subjectOf(subject)}: ${counted(findings.length, "open finding")}${counts}, ${ready}`, summary].filter(Boolean).join(" – ");
}

/** Give what was reviewed, as a person calls it. */
export function subjectOf(subject: string): string {
  return { "@branch": "the current branch", "@changes": "what is not committed" }[subject] ?? subject;
}

/** Give a title from text that a person selected: its first line, without what makes it a comment or says that it is to do. */
export function titleFrom(text: string): string {
  const line = text.split("\n").find((each) => /\p{L}/u.test(each)) ?? "";
  const words = line.replace(/^[\s#/*;%<!-]+/, "").replace(/^(TODO|FIXME|HACK|XXX)\b(\([^()]*\))?[\s:-]*/, "").replace(/\s*(\*\/|-->)\s*$/, "");
  return words.trim().slice(0, 120);
}

/** Put a bead's id behind the mark in `line` that is followed by `title`; undefined when there is no mark. */
export function marked(line: string, title: string, bead: string): string | undefined {
  const marks = [...line.matchAll(/(?<!\w)(TODO|FIXME|HACK|XXX)(?!\w)(?:\(([^()]*)\))?/g)];
  const [word = ""] = title.toLowerCase().split(/[^\p{L}\p{N}]+/u);
  const behind = ({ 0: mark, index }: RegExpExecArray): string => line.slice(index + mark.length).replace(/^[^\p{L}\p{N}]+/u, "");
  const found = marks.find((mark) => behind(mark).toLowerCase().startsWith(word)) ?? marks[0];
  if (found === undefined) return undefined;
  const [all, mark = "", owner] = found;
  return `${line.slice(0, found.index)}${mark}(${[owner, bead].filter(Boolean).join(", ")})${line.slice(found.index + all.length)}`;
}
