import assert from "node:assert/strict";
import { test } from "node:test";
import { linkOf, within } from "../src/pageLinks";

test("a link of a page says what it is for", () => {
  assert.deepEqual(linkOf("bead:demo%2F1"), { kind: "bead", target: "demo/1" });
  assert.deepEqual(linkOf("edit:priority"), { kind: "edit", target: "priority" });
  assert.deepEqual(linkOf("file:src/a%20b%23.py#12"), { kind: "file", target: "src/a b#.py", line: 12 });
  assert.deepEqual(linkOf("file:README.md"), { kind: "file", target: "README.md", line: 0 });
  assert.deepEqual(linkOf("https://example.org/a#b"), { kind: "out", target: "https://example.org/a#b" });
});

test("any other link leads nowhere", () => {
  for (const href of ["command:workbench.action.quit", "javascript:alert(1)", "vscode://x", "//example.org", "", "data:text/html,x"]) {
    assert.throws(() => linkOf(href), /leads nowhere/);
  }
});

test("a file is in the folder or in the checkout, and nowhere else", () => {
  assert.deepEqual(within(["/p", "/c"], "src/a.py"), ["/p/src/a.py", "/c/src/a.py"]);
  assert.deepEqual(within(["/p", ""], "a/../b.py"), ["/p/b.py"]);
  assert.deepEqual(within(["/p"], "../secret"), []);
  assert.deepEqual(within(["/p"], "a/../../p2/secret"), []);
  assert.deepEqual(within(["/p"], "/etc/passwd"), []);
});
