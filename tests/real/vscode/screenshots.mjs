// The main states of a project as people have it, each as a picture in light and in dark.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { given, play } from "./workbench.mjs";
import { letGo } from "./held_run.mjs";

const HELD = { stall: true, until: ".git/go" };
const FOUND = {
  title: "A voucher without a last day is refused", description: "`last_day` may be None: such a voucher is good for ever.",
  priority: 1, type: "bug", category: "correctness", file: "shop/vouchers.py", line: 8, failure_scenario: "A gift voucher has no last day.",
};
const TRIFLE = { ...FOUND, title: "Both refusals raise ValueError", description: "Callers cannot tell them apart.", priority: 3, type: "task", line: 9, failure_scenario: "" };

/** The page that is in front. */
const shown = (code) => code.page.frameLocator("iframe.webview.ready:visible").frameLocator("iframe#active-frame");

/** Let the agents that begin from now on play `steps`. */
function script(...steps) {
  writeFileSync(given.script, JSON.stringify({ steps }));
}

async function picture(code, name) {
  for (const theme of ["light", "dark"]) {
    await code.page.mouse.move(700, 20); // nothing is hovered
    await code.page.locator(`.monaco-workbench.${theme === "light" ? "vs" : "vs-dark"}`).waitFor();
    const passing = ".monaco-hover:visible, .quick-input-widget:visible, .part.sidebar .monaco-progress-container.active, .statusbar-item:has-text('Activating')";
    await code.until(async () => (await code.page.locator(passing).count()) === 0, async () => "what passes does not pass");
    await code.screenshot(`${name}-${theme}`);
    await code.run("Preferences: Toggle between Light/Dark Themes");
  }
}

async function restricted(code) {
  await code.page.getByRole("tab", { name: /^Beadwork/ }).click();
  await code.welcome().getByRole("button", { name: "Manage Workspace Trust" }).waitFor();
  await picture(code, "restricted");
  await code.welcome().getByRole("button", { name: "Manage Workspace Trust" }).click();
  await code.page.locator(".workspace-trust-editor").getByRole("button", { name: "Trust", exact: true }).click();
  await code.page.locator(".monaco-modal-editor-block").getByRole("button", { name: /^Close/ }).click();
  await code.row("shop-1").first().waitFor();
}

async function widen(code) {
  const { x, width, y } = await code.page.locator(".part.sidebar").boundingBox();
  await code.page.mouse.move(x + width, y + 300);
  await code.page.mouse.down();
  await code.page.mouse.move(x + width + 90, y + 300, { steps: 5 });
  await code.page.mouse.up();
}

async function beads(code) {
  script({ say: "Prices are rounded in one place." }, { write: "shop/prices.py", text: "ROUNDING = 'ROUND_HALF_EVEN'\n" }, { commit: "Round half to even" }, { done: "Prices are rounded half to even." });
  await code.inline(code.row("shop-2"), "Work");
  await code.awaitInGroup("shop-2", "Done to review");
  await code.run("Terminal: Kill All Terminals");
  script({ say: "The shop has customers in two countries." }, { question: "Which currency comes first?", choices: ["EUR", "CHF"] });
  await code.inline(code.row("shop-5"), "Work");
  await code.choice("EUR").waitFor();
  await code.page.keyboard.press("Escape");
  await code.awaitInGroup("shop-5", "Needs you");
  await code.run("Terminal: Kill All Terminals");
  script(
    { say: "I look at how vouchers are taken." }, { run: "cat shop/vouchers.py" },
    { say: "A voucher's last day is never looked at. I compare it with today, and write a test first." },
    { write: "tests/test_vouchers.py", text: given.test }, { write: "shop/vouchers.py", text: given.better }, { run: "git diff --stat" },
    HELD, { commit: "Refuse expired vouchers" }, { done: "Expired vouchers are refused." },
  );
  await code.inline(code.row("shop-1").first(), "Work");
  await code.awaitInGroup("shop-1", "Running");
  await code.awaitOutput("git diff --stat");
  await code.run("Notifications: Clear All Notifications");
  await picture(code, "run");
  await code.run("View: Hide Panel");
  await code.row("shop-3").first().click();
  await shown(code).getByRole("heading", { level: 1, name: /Gift cards/ }).waitFor();
  await picture(code, "beads");
}

async function changes(code) {
  letGo(given.state, "shop-1");
  await code.awaitInGroup("shop-1", "Done to review");
  await code.run("View: Close All Editors");
  await code.menu(code.row("shop-1").first(), "Show Changes");
  await code.page.locator(".part.editor .view-lines").filter({ hasText: "expired" }).first().waitFor();
  await code.run("Notifications: Clear All Notifications");
  await picture(code, "changes");
}

async function review(code) {
  script({ answer: { findings: [FOUND, TRIFLE], summary: "It is nearly there.", pr_ready: false } });
  await code.menu(code.row("shop-1").first(), "Review");
  await code.toast(/2 findings/).getByRole("button", { name: "Show Findings" }).click();
  execFileSync("git", ["checkout", "-q", "bead/shop-1"], { cwd: given.workspace });
  await code.problemFile("checkouts").waitFor({ state: "detached" });
  await code.run("View: Close All Editors");
  await code.problem(FOUND.title).dblclick();
  await code.page.locator(".part.editor .squiggly-error").first().waitFor();
  await code.run("Notifications: Clear All Notifications");
  await picture(code, "review");
}

async function page(code) {
  await code.run("View: Hide Panel");
  await code.run("View: Close All Editors");
  await code.row("shop-1").first().click();
  await shown(code).getByRole("heading", { level: 1, name: /Reject expired vouchers/ }).waitFor();
  await picture(code, "page");
}

await play(async (code) => {
  await code.chapter(restricted);
  await widen(code);
  for (const state of [beads, changes, review, page]) await code.chapter(state);
});
