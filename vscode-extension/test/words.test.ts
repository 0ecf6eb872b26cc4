import assert from "node:assert/strict";
import { test } from "node:test";
import type { Finding, Review } from "../src/protocol";
import { following, marked, type Spot, titleFrom, verdict } from "../src/words";

const at = (file: string, line: number): Spot => ({ file, line, character: 0 });
const finding = (priority: number): Finding => ({ id: "f", subject: "demo-1", title: "t", priority, path: "a", line: 1, state: "open", bead: "" });

test("the next finding is after the cursor, and after the last comes the first", () => {
  const spots = [at("a", 2), at("a", 9), at("c", 1)];
  assert.equal(following(spots, at("a", 2), 1), 1);
  assert.equal(following(spots, at("b", 5), 1), 2);
  assert.equal(following(spots, at("c", 1), 1), 0);
  assert.equal(following(spots, undefined, 1), 0);
});

test("the one before is before the cursor, and before the first comes the last", () => {
  const spots = [at("a", 2), at("a", 9), at("c", 1)];
  assert.equal(following(spots, at("a", 9), -1), 0);
  assert.equal(following(spots, at("b", 5), -1), 1);
  assert.equal(following(spots, at("a", 2), -1), 2);
  assert.equal(following(spots, undefined, -1), 2);
});

test("a review is summed up with what it found by priority", () => {
  const review: Review = { run: "r", subject: "demo-1", summary: "Nearly there.", prReady: false };
  assert.equal(verdict(review, [finding(3), finding(1), finding(3)]), "Review of demo-1: 3 open findings (1 P1, 2 P3), not ready for a pull request – Nearly there.");
  assert.equal(verdict({ ...review, subject: "@changes", summary: "", prReady: true }, []), "Review of what is not committed: 0 open findings, ready for a pull request");
});

test("the title of a selection is its first line with words, without what makes it a comment", () => {
  assert.equal(titleFrom("\n    // TODO(ada): greet politely\n  greet();"), "greet politely");
  assert.equal(titleFrom("/* Say it in French. */"), "Say it in French.");
  assert.equal(titleFrom("# A demo project\n"), "A demo project");
  assert.equal(titleFrom("  greet(name)"), "greet(name)");
  assert.equal(titleFrom("---\n"), "");
});

test("a bead's id stands behind the mark of its comment, beside who was named there", () => {
  assert.equal(marked("  # TODO: say it", "Say it", "demo-9"), "  # TODO(demo-9): say it");
  assert.equal(marked("x() // FIXME(ada) now", "Now", "demo-9"), "x() // FIXME(ada, demo-9) now");
  assert.equal(marked("TODOS are many; HACK", "HACK in a.md", "demo-9"), "TODOS are many; HACK(demo-9)");
  assert.equal(marked("nothing", "Say it", "demo-9"), undefined);
});

test("of several marks it is the one that the title stands behind", () => {
  assert.equal(marked('x = "TODO"  # TODO: über alles', "Über alles", "d-1"), 'x = "TODO"  # TODO(d-1): über alles');
  assert.equal(marked("# TODO: fix the XXX: again", "Fix the XXX: again", "d-1"), "# TODO(d-1): fix the XXX: again");
});
