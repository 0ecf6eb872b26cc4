/**
 * What a person does about a finding in a file. The quick fixes are the server's; here they ask for what only a
 * person knows, and show what came of it. The findings themselves come as diagnostics, with nothing done here.
 */
import * as vscode from "vscode";
import type { Server } from "./client";
import { type Chosen, type Desk, folderOf } from "./desk";
import { UI } from "./ids";
import { brief, unlessCalledOff, unlessRefused } from "./outcomes";
import { openFile } from "./page";
import { within } from "./pageLinks";
import { beadsMade } from "./present";
import type { Commands, Finding } from "./protocol";
import type { RunTerminals } from "./runTerminal";
import { following, order, PRIORITIES, type Spot, subjectOf, verdict } from "./words";

interface Shown extends Spot { uri: vscode.Uri; diagnostic: vscode.Diagnostic }

export function handleFindings(desk: Desk, terminals: RunTerminals): void {
  const { server, tree } = desk;
  const handle = <C extends keyof Commands>(command: C, action: (given: Commands[C][0]) => Promise<void>): void =>
    desk.keep(server.handle(command, (given) => desk.attempt(command, () => action(given))));
  desk.on(UI.nextFinding, () => walk(1));
  desk.on(UI.previousFinding, () => walk(-1));
  desk.on(UI.reviewSummary, (node) => summarize(server, node));
  handle("beadwork.createBeads", async (given) => {
    const { made } = await server.ask("beadwork.createBeads", given);
    brief(beadsMade(made));
  });
  handle("beadwork.dismiss", async (given) => {
    const asked = vscode.window.showInputBox({ title: "Dismiss the finding", prompt: "Why does it not count? Later reviews are told.", ignoreFocusOut: true });
    await server.ask("beadwork.dismiss", { ...given, reason: await unlessCalledOff(asked) });
  });
  handle("beadwork.fix", async (given) => {
    const run = await unlessRefused(() => server.ask("beadwork.fix", given));
    if (run) terminals.show(run);
  });
  handle("beadwork.openBead", async (given) => {
    const { page } = await server.ask("beadwork.openBead", given);
    await tree.reveal(page.bead.id, given.folder);
  });
  handle("beadwork.copyFinding", async (given) => {
    const { text } = await server.ask("beadwork.copyFinding", given);
    await vscode.env.clipboard.writeText(text);
    brief("The finding is in the clipboard.");
  });
}

/** Give what of the findings is shown in files, in their order. */
function shown(): Shown[] {
  return vscode.languages.getDiagnostics().flatMap(([uri, all]) => all.filter(({ source }) => source === "beadwork")
    .map((diagnostic) => ({ uri, diagnostic, file: uri.toString(), ...spot(diagnostic.range.start) }))).sort(order);
}

const spot = ({ line, character }: vscode.Position): { line: number; character: number } => ({ line, character });

async function walk(step: 1 | -1): Promise<void> {
  const [all, editor] = [shown(), vscode.window.activeTextEditor];
  const at = following(all, editor && { file: editor.document.uri.toString(), ...spot(editor.selection.active) }, step);
  const next = all[at];
  if (next === undefined) {
    brief("There are no findings here.");
    return;
  }
  await goTo(next);
  brief(`${at + 1} of ${all.length}: ${next.diagnostic.message.split("\n")[0] ?? ""}`);
}

async function goTo({ uri, diagnostic: { range } }: Shown): Promise<void> {
  await vscode.window.showTextDocument(uri, { selection: new vscode.Range(range.start, range.start) });
}

/** Show what the newest review came to, or the one that the person picks, and go to what they choose of it. */
async function summarize(server: Server, node: Chosen): Promise<void> {
  const { folder, reviews, findings } = (await server.ask("beadwork.findings", await folderOf(node))).findings;
  const of = (subject: string): Finding[] => findings.filter((each) => each.subject === subject).sort((one, other) => one.priority - other.priority);
  const about = node?.kind === "run" ? reviews.filter(({ subject }) => subject === node.run.bead) : reviews;
  if (about.length === 0) return void vscode.window.showInformationMessage("Nothing has been reviewed here yet.");
  const items = about.map((review) => ({ label: subjectOf(review.subject), description: verdict(review, of(review.subject)), review }));
  const picked = items.length === 1 ? items[0] : await vscode.window.showQuickPick(items, { title: "Reviews", placeHolder: "Which review?" });
  if (picked === undefined) return;
  const rows = of(picked.review.subject).map((finding) => ({
    label: `${PRIORITIES[finding.priority] ?? ""}: ${finding.title}`, description: [finding.path, finding.line].filter(Boolean).join(":"), finding,
  }));
  const placeHolder = rows.length === 0 ? "Nothing is open" : "Go to a finding";
  const chosen = await vscode.window.showQuickPick(rows, { title: verdict(picked.review, of(picked.review.subject)), placeHolder, matchOnDescription: true });
  if (chosen) await show(folder, chosen.finding);
}

/** Go to where a finding is shown, else to the line that was reviewed; one about no file stands on the page of its bead. */
async function show(folder: string, { id, bead, title, subject, path, line }: Finding): Promise<void> {
  const there = shown().find(({ diagnostic: { code, message } }) => code === (bead || id) && message.startsWith(title));
  if (there) await goTo(there);
  else if (path === "") await vscode.commands.executeCommand(UI.openPage, { folder, id: subject });
  else await openFile(within([folder], path), path, line ?? 0);
}
