/** A line that a person types into a terminal: what it is by now, and when it is done. Leaves out where it goes. */

/** Lets the terminal say what is pasted: several lines are then one message, which Enter sends. */
export const TELL_PASTES = "\x1b[?2004h";

/* eslint-disable no-control-regex -- control characters are what this is about */
/** A key or a character; what begins with Escape writes nothing. */
const SIGNS = /\x1b\[[0-?]*[ -/]*[@-~]|\x1bO.|\x1b.?|\r\n|./gsu;
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;
const WIDE = /[\u1100-\uffff]|[^\0-\uffff]/u;
/* eslint-enable */

export class LineInput {
  /** What was typed of a message that is not done. */
  text = "";
  private pasting = false;

  /** Take in what the terminal sends; gives the messages that are done. Keys that write nothing change nothing. */
  take(data: string): string[] {
    const done: string[] = [];
    for (const sign of data.match(SIGNS) ?? []) {
      if (sign === "\x1b[200~" || sign === "\x1b[201~") this.pasting = sign === "\x1b[200~";
      else if (sign.startsWith("\x1b")) continue;
      else if (/^[\r\n]/.test(sign) && this.pasting) this.text += "\n";
      else if (/^[\r\n]/.test(sign)) {
        if (this.text.trim() !== "") done.push(this.text.trim());
        this.text = "";
      } else if (sign === "\x03" || sign === "\x15") this.text = "";
      else if (sign === "\x7f" || sign === "\b") this.text = this.text.replace(/.$/su, "");
      else this.text += sign.replaceAll(CONTROLS, "");
    }
    return done;
  }

  /** Give the end of it, as far as it fits into so many columns: a line that wraps could not be taken back. */
  tail(columns: number): string {
    const signs = Array.from(this.text.replaceAll("\n", "⏎").replaceAll("\t", " "));
    let from = signs.length;
    for (let room = columns; from > 0 && (room -= WIDE.test(signs[from - 1] ?? "") ? 2 : 1) >= 0; from--);
    return from === 0 ? signs.join("") : `…${signs.slice(from + 1).join("")}`;
  }
}
