// VS Code in a browser, as a person handles it: what the scenarios beside this file are written with.
// Usage of a scenario: node NAME.mjs '{"url", "playwright", "chromium", "screenshots", …}'
// Every wait is for something that is seen; there are no pauses.
import { createRequire } from "node:module";
import { join } from "node:path";

const DEADLINE = 60_000;

export const given = JSON.parse(process.argv[2]);

export class Workbench {
  static async open() {
    const { chromium } = createRequire(join(given.playwright, "scenario.js"))("playwright-core");
    const browser = await chromium.launch({
      executablePath: given.chromium,
      args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
    });
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.setDefaultTimeout(DEADLINE);
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.goto(given.url);
    await page.locator(".monaco-workbench").waitFor();
    return new Workbench(browser, page);
  }

  constructor(browser, page) {
    this.browser = browser;
    this.page = page;
  }

  /**
   * Open the Beads view; its icon's name goes on with the badge's words when something is running.
   * A click just after VS Code opened by itself what was open before a reload closes it: then it is clicked again.
   */
  async openBeads() {
    const heading = this.page.locator(".part.sidebar").getByRole("heading", { name: /^Beadwork/ });
    await this.insist(heading, 3, () => this.page.getByRole("tab", { name: /^Beadwork/ }).click());
    await this.tree().waitFor();
  }

  /** Do `act` until `wanted` is seen, as a person does again what nothing came of; fail when it was done `times` times. */
  async insist(wanted, times, act) {
    for (let time = 1; time <= times && !(await wanted.isVisible()); time++) {
      await act();
      await wanted.waitFor({ timeout: DEADLINE / times }).catch((error) => {
        if (time === times) throw error;
      });
    }
  }

  tree() {
    return this.page.getByRole("tree", { name: /^Beads/ });
  }

  /** A row by the text that is seen in it: its name for screen readers is another one. */
  row(text) {
    return this.tree().getByRole("treeitem").filter({ hasText: text });
  }

  group(title) {
    return this.tree().locator('[role=treeitem][aria-level="1"]').filter({ hasText: title });
  }

  /** Wait until the bead's row stands under the group with that title. */
  async awaitInGroup(bead, title) {
    await this.until(async () => {
      const rows = await this.rows();
      const at = rows.findIndex(({ text }) => text.startsWith(bead));
      const heads = rows.slice(0, Math.max(at, 0)).filter(({ level }) => level === "1");
      return heads.at(-1)?.text.startsWith(title) ?? false;
    }, async () => `${bead} is not in the group ${title}: ${JSON.stringify(await this.rows())}`);
  }

  async rows() {
    return this.tree().getByRole("treeitem").evaluateAll((all) => all.map((row) => ({
      level: row.getAttribute("aria-level"),
      label: row.getAttribute("aria-label"),
      text: row.innerText.replaceAll("\n", " ").replaceAll("\u00a0", " ").trim(),
    })));
  }

  async inline(row, action) {
    await row.hover();
    await row.getByRole("button", { name: action, exact: true }).click();
  }

  /** Choose from the menu of a row. */
  async menu(row, action) {
    await row.click({ button: "right" });
    await this.page.getByRole("menuitem", { name: action, exact: true }).hover();
    await this.page.keyboard.press("Enter"); // a menu takes no click in its first moments
  }

  /** An entry of the list that a person is asked to choose from. */
  choice(text) {
    return this.page.locator(".quick-input-widget .quick-input-list .monaco-list-row").filter({ hasText: text });
  }

  /** The terminal that is in front, as it is rendered. */
  terminal() {
    return this.page.locator(".part.panel .terminal-wrapper.active .xterm-rows");
  }

  /** Wait until the terminal in front shows `text`. */
  async awaitOutput(text) {
    await this.until(
      async () => (await this.output()).includes(text),
      async () => `the terminal does not show ${JSON.stringify(text)}: ${await this.output()}`,
    );
  }

  /** Type a line into the terminal that is in front. */
  async type(line) {
    await this.page.locator(".part.panel .terminal-wrapper.active textarea.xterm-helper-textarea").focus();
    await this.page.keyboard.type(line);
    await this.page.keyboard.press("Enter");
  }

  async output() {
    const rows = await this.terminal().locator("> div").allInnerTexts();
    return rows.map((row) => row.replaceAll("\u00a0", " ").trimEnd()).join("\n");
  }

  /** A row of Problems. */
  problem(text) {
    return this.page.locator('.markers-panel [role=treeitem][aria-level="2"]').filter({ hasText: text });
  }

  /** The row of a file in Problems, by what is seen of its path. */
  problemFile(text) {
    return this.page.locator('.markers-panel [role=treeitem][aria-level="1"]').filter({ hasText: text });
  }

  /**
   * Choose from what is offered at the cursor, with the keyboard.
   * Up to a second after a fix, or after other Problems, VS Code asks for its light bulb; what a person asked for and is
   * not answered by then is forgotten without a word. So the light bulb is awaited, and after long it is asked for again.
   */
  async quickFix(title) {
    const editor = this.page.locator(".part.editor .monaco-editor textarea, .part.editor .monaco-editor .native-edit-context").first();
    const offered = this.page.locator(".action-widget .monaco-list-row.action");
    const bulb = this.page.locator('.part.editor [class*="lightbulb" i]').filter({ visible: true }).first();
    await this.insist(offered.filter({ hasText: title }), 3, async () => {
      await editor.focus();
      await bulb.waitFor({ timeout: DEADLINE / 20 }).catch(() => undefined); // a person can do without it
      await this.page.keyboard.press("Escape"); // what is offered, but not this, would be accepted by the same keys
      await this.page.keyboard.press("Control+.");
    });
    await this.screenshot(`quick-fix-${title.split(" ")[0].toLowerCase()}`);
    const all = await offered.allInnerTexts();
    for (let steps = all.findIndex((each) => each.includes(title)); steps > 0; steps--) await this.page.keyboard.press("ArrowDown");
    await this.page.locator(".action-widget .monaco-list-row.focused").filter({ hasText: title }).waitFor();
    await this.page.keyboard.press("Enter");
    await this.page.locator(".action-widget .monaco-list-row.action").first().waitFor({ state: "hidden" }); // else the next would only close this one
  }

  /** Play a part of a scenario; what fails in it says in which. */
  async chapter(part) {
    try {
      await part(this);
    } catch (error) {
      throw new Error(`in “${part.name}”: ${error.message}`, { cause: error });
    }
  }

  /** What the view shows in place of rows. */
  welcome() {
    return this.page.locator(".part.sidebar .welcome-view-content").filter({ visible: true }).first();
  }

  dialog() {
    return this.page.locator(".monaco-dialog-box");
  }

  toast(text) {
    return this.page.locator(".notifications-toasts").getByRole("dialog", { name: text });
  }

  async run(command) {
    await this.page.keyboard.press("F1");
    await this.page.getByRole("textbox", { name: /Type the name of a command/ }).fill(`>${command}`);
    await this.page.getByRole("listbox", { name: /Type the name of a command/ }).getByRole("option", { name: command }).first().click();
  }

  async screenshot(name) {
    await this.page.screenshot({ path: join(given.screenshots, `${name}.png`) });
  }

  /** Ask `condition` once per animation frame until it holds; after the deadline fail with `why`. */
  async until(condition, why) {
    const end = Date.now() + DEADLINE;
    while (!(await condition())) {
      if (Date.now() > end) throw new Error(await why());
      await this.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
    }
  }
}

/** Open VS Code, play `scenario`, and end with 0 when it held; else leave a screenshot and say what did not. */
export async function play(scenario) {
  const workbench = await Workbench.open();
  try {
    await scenario(workbench);
  } catch (error) {
    console.error(error.stack, error.cause?.stack ?? "");
    process.exitCode = 1;
    await workbench.screenshot("failure");
  } finally {
    await workbench.browser.close();
  }
}

export function expect(holds, message) {
  if (!holds) throw new Error(message);
}
