/** A line that a person types into a terminal: what it is by now, and when it is done. Leaves out where it goes. */
import { clean } from "./transcript";

const ENTER = "\r";
const CLEAR = new Set(["\x03", "\x15"]);
const BACK = new Set(["\x7f", "\b"]);

export class LineInput {
  /** What was typed of a line that is not done. */
  text = "";

  /** Take in what the terminal sends; gives the lines that are done. Keys that write nothing change nothing. */
  take(data: string): string[] {
    if (data.startsWith("\x1b") && !data.startsWith("\x1b[200~")) return [];
    const done: string[] = [];
    for (const sign of data.replaceAll(/\x1b\[20[01]~/g, "").replaceAll(/\r?\n/g, ENTER)) { // eslint-disable-line no-control-regex -- a paste
      if (sign === ENTER) {
        if (this.text.trim() !== "") done.push(this.text.trim());
        this.text = "";
      } else if (CLEAR.has(sign)) this.text = "";
      else if (BACK.has(sign)) this.text = this.text.replace(/.$/su, "");
      else this.text += clean(sign);
    }
    return done;
  }
}
