"""Builds the page's bundle with esbuild, and asks the official renderer what it thinks of a card."""

import hashlib
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from local.node import NodeFailed, install_packages, node

LOCAL = Path(__file__).resolve().parents[1]
SOURCES = LOCAL / "chat" / "page"
BUILT = LOCAL / ".build" / "chat"
BUILD_TIMEOUT = 120.0
CHECK_TIMEOUT = 30.0
ESBUILD_OPTIONS = (
    "--bundle",
    "--minify",
    "--jsx=automatic",
    "--target=es2022",
    "--legal-comments=linked",
    "--log-level=warning",
    '--define:process.env.NODE_ENV="production"',
)


def build_page(progress: Callable[[str], None]) -> Path:
    """The folder with index.html, page.js and page.css, built first when a source or the lock has changed.

    `progress` gets a line when there is work to do. Raises NodeFailed with what esbuild said.
    """
    stamp, wanted = BUILT / "stamp", _fingerprint()
    if not stamp.is_file() or stamp.read_text() != wanted:
        modules = install_packages(progress)
        progress("building the chat page …")
        BUILT.mkdir(parents=True, exist_ok=True)
        stamp.unlink(missing_ok=True)
        esbuild = modules / "esbuild" / "bin" / "esbuild"
        _run([esbuild, SOURCES / "page.jsx", f"--outdir={BUILT}", *ESBUILD_OPTIONS], BUILD_TIMEOUT)
        shutil.copyfile(SOURCES / "index.html", BUILT / "index.html")
        stamp.write_text(wanted)
    return BUILT


def card_problems(card: dict[str, Any]) -> list[str]:
    """What Microsoft's adaptivecards library has against this card; empty when it takes it. Needs no browser."""
    install_packages(lambda _: None)
    answer = _run([SOURCES / "check.mjs"], CHECK_TIMEOUT, json.dumps(card))
    return [str(problem) for problem in json.loads(answer)]


def _fingerprint() -> str:
    """Changes whenever a build would give another result."""
    digest = hashlib.sha256("\n".join(ESBUILD_OPTIONS).encode())
    for file in (*sorted(SOURCES.iterdir()), LOCAL / "package-lock.json"):
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def _run(command: list[Path | str], timeout: float, text: str = "") -> str:
    """What the Node.js program printed. Raises NodeFailed when it fails or takes longer than `timeout` seconds."""
    try:
        done = subprocess.run([node(), *command], input=text, capture_output=True, text=True, timeout=timeout)
    except subprocess.TimeoutExpired:
        raise NodeFailed(f"{Path(command[0]).name} did not finish within {timeout:.0f} s") from None
    if done.returncode != 0:
        raise NodeFailed(f"{Path(command[0]).name} failed:\n{done.stderr.strip()}")
    return done.stdout
