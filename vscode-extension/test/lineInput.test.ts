import assert from "node:assert/strict";
import { test } from "node:test";
import { LineInput } from "../src/lineInput";

test("a line is done with Enter, and not before", () => {
  const input = new LineInput();
  assert.deepEqual(input.take("be "), []);
  assert.deepEqual(input.take("brief"), []);
  assert.equal(input.text, "be brief");
  assert.deepEqual(input.take("\r"), ["be brief"]);
  assert.equal(input.text, "");
});

test("backspace takes a whole character away, Ctrl+C and Ctrl+U all of them", () => {
  const input = new LineInput();
  input.take("grüß🙂\x7f\x7f");
  assert.equal(input.text, "grü");
  for (const key of ["\x03", "\x15"]) {
    input.take("words");
    assert.deepEqual(input.take(key), []);
    assert.equal(input.text, "");
  }
});

test("keys that write nothing, and empty lines, say nothing", () => {
  const input = new LineInput();
  assert.deepEqual(input.take("\x1b[A"), []);
  assert.deepEqual(input.take("  \r"), []);
  assert.equal(input.text, "");
});

test("what is pasted is lines, without control characters", () => {
  const input = new LineInput();
  assert.deepEqual(input.take("\x1b[200~one\ntwo\x07\r\nthree\x1b[201~"), ["one", "two"]);
  assert.equal(input.text, "three");
});
