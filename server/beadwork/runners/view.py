"""What a program in the sandbox sees of the file system, as arguments for bubblewrap.

The system is there, read-only. Places that hold a person's things are covered with empty, read-only folders:
all homes, run-time sockets, removable disks, Beadwork's own state. Then what is needed is laid over the
covers: toolchains of the home folder, what the box names, and, writable, the checkout, the private home and
/tmp.

What it leaves out: the network, which stays as it is, with what listens on loopback and in the abstract
socket name space.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import attrs

from beadwork.runners.port import Box, RunnerError

COVERED = (
    "/home",
    "/root",
    "/run",
    "/var/run",
    "/media",
    "/mnt",
    "/var/mail",
    "/var/spool",
    "/var/tmp",  # noqa: S108  (covered, not used)
)
"""Folders where nothing is for the agent: homes, sockets (docker, dbus, ssh), other disks, mail, jobs."""

MASKED = (
    "/etc/shadow",
    "/etc/shadow-",
    "/etc/gshadow",
    "/etc/gshadow-",
    "/etc/sudoers",
    "/etc/sudoers.d",
    "/etc/ssl/private",
    "/etc/letsencrypt",
    "/etc/wireguard",
    "/etc/NetworkManager/system-connections",
    "/etc/krb5.keytab",
    "/etc/kubernetes",
    "/etc/rancher",
    "/etc/docker",
    "/etc/ssh",
    "/var/backups",
    "/var/lib/docker",
    "/var/lib/containerd",
)
"""Secrets of the system. A plain user could not read most of them; an agent that is run by root could."""

NAMED_BY = (
    "SSH_AUTH_SOCK",
    "XDG_RUNTIME_DIR",
    "GNUPGHOME",
    "GPG_AGENT_INFO",
    "XAUTHORITY",
    "KUBECONFIG",
    "DOCKER_CONFIG",
)
"""Variables of our own environment whose paths are covered wherever they point."""

TOOLCHAINS = (
    # Each is programs and libraries. Where a tool keeps a login beside them, only parts without it are named:
    # no .cargo/credentials.toml, .npmrc, .netrc, .pypirc, .docker, .config/gh, .aws, .azure, .kube, .ssh.
    "bin",
    ".local/bin",
    ".local/lib",
    ".local/pipx",
    ".local/share/pipx",
    ".local/share/uv/python",
    ".local/share/uv/tools",
    ".local/share/mise/installs",
    ".local/share/mise/shims",
    ".local/share/fnm",
    ".local/share/pnpm",
    ".local/share/rtx/installs",
    ".pyenv",
    ".rye/shims",
    ".rye/py",
    "miniconda3",
    "anaconda3",
    "miniforge3",
    "mambaforge",
    ".cargo/bin",
    ".cargo/env",
    ".cargo/registry",
    ".cargo/git",
    ".rustup",
    "go/bin",
    "go/pkg",
    "sdk",
    ".nvm",
    ".volta/bin",
    ".volta/tools",
    ".bun/bin",
    ".deno/bin",
    ".npm-global",
    ".yarn/bin",
    ".asdf",
    ".rbenv",
    ".rvm",
    ".gem/ruby",
    ".sdkman/candidates",
    ".jenv",
    ".dotnet",
    ".ghcup/bin",
    ".ghcup/ghc",
    ".opam",
    ".elan",
    ".juliaup",
    ".swiftly",
    ".nix-profile",
)
"""What of the user's home is readable inside: where toolchains are installed for one user."""

TOOLCHAIN_VARIABLES = {
    "ASDF_DATA_DIR": ".asdf",
    "DOTNET_ROOT": ".dotnet",
    "JENV_ROOT": ".jenv",
    "NVM_DIR": ".nvm",
    "OPAMROOT": ".opam",
    "PYENV_ROOT": ".pyenv",
    "RBENV_ROOT": ".rbenv",
    "RUSTUP_HOME": ".rustup",
    "SDKMAN_DIR": ".sdkman",
}
"""By which variables toolchains find themselves: HOME inside is a private one, where they find nothing."""

_RESOLVER = "/etc/resolv.conf"
_TEMPORARY = Path("/tmp")  # noqa: S108  (private inside: it lies in the box's home)
_FIXED = frozenset(
    map(
        Path,
        ("/", "/bin", "/boot", "/dev", "/etc", "/lib", "/lib64", "/proc", "/sbin", "/sys", "/usr", "/var"),
    )
)
"""Folders that are never covered, whatever names them: a box without them runs nothing."""


@attrs.frozen
class View:
    """What is covered besides COVERED and MASKED, for one user."""

    homes: tuple[Path, ...]
    """Home folders of the user; the toolchains of each stay readable."""
    hidden: tuple[Path, ...]
    """More places to cover: Beadwork's state, sockets the environment names."""


def view_of(homes: Iterable[Path], state: Path, environment: Mapping[str, str]) -> View:
    """Give what must be covered for a user with these `homes`, whose environment is `environment`."""
    named = [Path(environment[name]) for name in NAMED_BY if environment.get(name, "").startswith("/")]
    for name in ("DOCKER_HOST", "CONTAINER_HOST", "DBUS_SESSION_BUS_ADDRESS"):
        _, found, path = environment.get(name, "").partition("unix:")
        path = path.removeprefix("path=").removeprefix("//").partition(",")[0]
        if found and path.startswith("/"):
            named.append(Path(path))
    return View(tuple(dict.fromkeys(homes)), (state, *named))


def toolchain_variables(view: View) -> Mapping[str, str]:
    """Give the variables for the toolchains that are in the user's home."""
    return {
        variable: str(home / folder)
        for variable, folder in TOOLCHAIN_VARIABLES.items()
        for home in view.homes
        if os.path.isdir(home / folder)  # noqa: PTH112  (Path.is_dir raises where a folder may not be entered)
    }


class Layout:
    """The mounts of one box, in their order, and what they leave to be seen."""

    def __init__(self, view: View, box: Box, temporary: Path) -> None:
        """Lay out `box`; `temporary` becomes /tmp inside.

        Raises RunnerError when the box would open a place that has to be covered.
        """
        self.arguments = ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]
        self._covered = _outermost(_folders(view))
        self._shown: list[Path] = []
        for folder in self._covered:
            self.arguments += ["--tmpfs", str(folder)]
        self.arguments += ["--bind", str(temporary), str(_TEMPORARY)]
        for toolchain in (home / name for home in view.homes for name in TOOLCHAINS):
            self._show(toolchain)
        if not self.shows(Path(_RESOLVER)):  # a link into /run, with systemd
            self._show(Path(_RESOLVER))
        for path in box.readable:
            self._allow(path, "--ro-bind")
        self._allow(box.home, "--bind")
        self._allow(box.checkout, "--ro-bind" if box.read_only else "--bind")
        for folder in self._covered:
            self.arguments += ["--remount-ro", str(folder)]
        for file in _files(view):
            if not self._is_covered(file):
                self.arguments += ["--ro-bind", "/dev/null", str(file)]

    def shows(self, path: Path) -> bool:
        """Say whether `path` can be seen inside under its real name."""
        real = path.resolve()
        return not self._is_covered(real) or any(_below(real, shown) for shown in self._shown)

    def _allow(self, path: Path, how: str) -> None:
        opened = [folder for folder in self._covered if _below(folder, path.resolve())]
        if opened:
            raise RunnerError(
                f"{path} cannot be in a sandbox: it would open {opened[0]} to the agent. "
                "Keep Beadwork's state in a folder of its own.",
            )
        self._show(path, how)

    def _show(self, path: Path, how: str = "--ro-bind") -> None:
        """Lay `path` over the covers, under its real name, and make the links that lead there."""
        real = path.resolve()
        if not os.path.exists(real):  # noqa: PTH110  (Path.exists raises where a folder may not be entered)
            return
        # Over a system that is there anyway only what is to be writable needs a mount of its own.
        if how == "--bind" or not self.shows(real):
            self.arguments += [how, str(real), str(real)]
            self._shown.append(real)
        for link in _links_of(path.absolute()):
            if not self.shows(link.parent / "."):
                self.arguments += ["--symlink", str(link.resolve()), str(link)]

    def _is_covered(self, real: Path) -> bool:
        return any(_below(real, folder) for folder in (*self._covered, _TEMPORARY))


def _links_of(path: Path) -> list[Path]:
    """Give the first symbolic link on the way to `path`, if there is one; its target is taken as a whole."""
    return [step for step in (*reversed(path.parents), path) if step.is_symlink()][:1]


def _folders(view: View) -> list[Path]:
    """Give the folders to cover, as they really are (a mount cannot go over a symbolic link)."""
    named = (*map(Path, (*COVERED, *MASKED)), *view.homes, *view.hidden)
    return [
        real
        for real in (path.resolve() for path in named)
        if _is_folder(real) and real not in _FIXED and not _below(real, _TEMPORARY)
    ]


def _files(view: View) -> list[Path]:
    """Give the files and sockets to cover, one by one, that this user could open."""
    reals = [path.resolve() for path in (*map(Path, MASKED), *view.hidden)]
    return [real for real in reals if os.access(real, os.R_OK) and not _is_folder(real)]


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # below a folder that this user may not enter, so neither may the agent
        return False


def _outermost(folders: Sequence[Path]) -> list[Path]:
    unique = sorted(set(folders))
    return [
        folder for folder in unique if not any(_below(folder, other) for other in unique if other != folder)
    ]


def _below(path: Path, folder: Path) -> bool:
    return path == folder or folder in path.parents
