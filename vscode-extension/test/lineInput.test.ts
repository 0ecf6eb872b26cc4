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

test("what is pasted is one message with its line ends, and Enter sends it", () => {
  const input = new LineInput();
  assert.deepEqual(input.take("Look: \x1b[200~one\r\ntwo\x07\rthree\n\x1b[201~"), []);
  assert.equal(input.tail(80), "Look: one⏎two⏎three⏎");
  assert.deepEqual(input.take("\r"), ["Look: one\ntwo\nthree"]);
});

test("a paste that comes in pieces is one, and keys among other signs write nothing", () => {
  const input = new LineInput();
  assert.deepEqual(["\x1b[200~one\r", "two\x1b[201~", "\x1b[D!\x1bOA", "\r"].flatMap((data) => input.take(data)), ["one\ntwo!"]);
});

test("without the signs of a paste each line is one message", () => {
  assert.deepEqual(new LineInput().take("one\rtwo\r\n"), ["one", "two"]);
});

test("what is shown fits into one row, whatever was typed", () => {
  const input = new LineInput();
  input.take("0123456789");
  assert.equal(input.tail(10), "0123456789");
  assert.equal(input.tail(5), "…6789");
  input.take("你好🙂");
  assert.equal(input.tail(7), "…你好🙂");
});

test("no sign of a person's moves the cursor or turns the order round", () => {
  const input = new LineInput();
  input.take("a\u202eb\x9bc");
  assert.equal(input.text, "abc");
});
