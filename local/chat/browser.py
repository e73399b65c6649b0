"""A headless Chromium to look at the page with, spoken to by the DevTools protocol over a pair of pipes.

Used by tests and for pictures of the page. Found on the PATH, or unpacked from the npm package @sparticuz/chromium
which is installed where there is none.
"""

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from local.node import NodeFailed, install_packages, node

LOCAL = Path(__file__).resolve().parents[1]
FOLDER = LOCAL / "chromium"
PACKAGE = FOLDER / "node_modules" / "@sparticuz" / "chromium"
UNPACKED = LOCAL / ".build" / "chromium"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
ANSWER_SECONDS = 20.0
END_SECONDS = 5.0  # to end by itself, which leaves no child and no half-written profile behind
OPTIONS = (
    "--headless",
    "--remote-debugging-pipe",
    "--no-sandbox",  # the tests may run as root in a container, and only ever open pages of this repository
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)
# Chromium reads commands from descriptor 3 and answers on 4; Python's subprocess cannot renumber descriptors itself.
RENUMBER = "import os,sys; os.dup2(int(sys.argv[1]),3); os.dup2(int(sys.argv[2]),4); os.execv(sys.argv[3],sys.argv[3:])"
UNPACK = (
    "import chromium, {inflate} from '@sparticuz/chromium'; import {join} from 'node:path';"
    "await chromium.executablePath(); await inflate(join(process.argv[1], 'bin', 'al2023.tar.br'));"
)


class BrowserFailed(RuntimeError):
    """Chromium did not answer, or refused a command."""


@dataclass(frozen=True, slots=True)
class Chromium:
    """A binary and what its environment needs in addition."""

    binary: Path
    environment: dict[str, str] = field(default_factory=dict)


def find_chromium() -> Chromium | None:
    """A Chromium of this machine, or else of the npm package, installed for it; None when that is not to be had."""
    for name in NAMES:
        if found := shutil.which(name):
            return Chromium(Path(found))
    with suppress(NodeFailed):
        install_packages(lambda _: None, FOLDER)
        return _unpacked_package()
    return None


def _unpacked_package() -> Chromium:
    binary, libraries = UNPACKED / "chromium", UNPACKED / "al2023" / "lib"
    if not (binary.is_file() and libraries.is_dir()):
        UNPACKED.mkdir(parents=True, exist_ok=True)
        unpack = [str(node()), "--input-type=module", "-e", UNPACK, str(PACKAGE)]
        subprocess.run(unpack, cwd=FOLDER, env={**os.environ, "TMPDIR": str(UNPACKED)}, check=True, timeout=120)
    return Chromium(binary, {"LD_LIBRARY_PATH": str(libraries), "FONTCONFIG_PATH": _fonts()})


def _fonts() -> str:
    """The machine's own fonts where it has any: they look better than the package's single one."""
    return "/etc/fonts" if Path("/etc/fonts/fonts.conf").is_file() else str(UNPACKED / "fonts")


class Browser:
    """A running Chromium with a profile of its own; a context manager that ends it."""

    def __init__(self, chromium: Chromium) -> None:
        self._profile = tempfile.TemporaryDirectory(prefix="chat-browser-", ignore_cleanup_errors=True)
        command_end, self._commands = _pipe()
        self._answers, answer_end = _pipe()
        launcher = [sys.executable, "-I", "-S", "-c", RENUMBER, str(command_end), str(answer_end)]
        self._process = subprocess.Popen(
            [*launcher, str(chromium.binary), *OPTIONS, f"--user-data-dir={self._profile.name}"],
            env={**os.environ, **chromium.environment},
            pass_fds=(command_end, answer_end),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(command_end)
        os.close(answer_end)
        self._unread = b""
        self._last_id = 0
        self.events: list[dict[str, Any]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            with suppress(BrowserFailed, BrokenPipeError):  # it has ended already
                self.send("Browser.close")
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._commands)
        os.close(self._answers)
        self._profile.cleanup()

    def open(self, url: str, width: int = 1400, height: int = 900, *, dark: bool = False) -> "Page":
        """Load `url` in a new tab of this size in CSS pixels. Use Page.wait_until for what it draws later."""
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        page = Page(self, self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"])
        for domain in ("Page", "Runtime", "Log", "Network"):
            page.send(f"{domain}.enable")
        page.resize(width, height)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        page.send("Emulation.setEmulatedMedia", features=[scheme])
        page.send("Page.navigate", url=url)
        return page

    def send(self, method: str, session: str | None = None, **params: Any) -> dict[str, Any]:
        """The result of one DevTools command. Raises BrowserFailed when Chromium refuses it or does not answer."""
        self._last_id += 1
        command = {"id": self._last_id, "method": method, "params": params}
        os.write(self._commands, json.dumps(command | ({"sessionId": session} if session else {})).encode() + b"\0")
        deadline = time.monotonic() + ANSWER_SECONDS
        while (answer := self._read(deadline)).get("id") != self._last_id:
            self.events.append(answer)
        if "error" in answer:
            raise BrowserFailed(f"{method}: {answer['error']['message']}")
        result: dict[str, Any] = answer["result"]
        return result

    def _read(self, deadline: float) -> dict[str, Any]:
        while b"\0" not in self._unread:
            ready, _, _ = select.select([self._answers], [], [], max(0.0, deadline - time.monotonic()))
            more = os.read(self._answers, 1 << 20) if ready else b""
            if not more:
                raise BrowserFailed("Chromium ended" if ready else f"Chromium did not answer in {ANSWER_SECONDS} s")
            self._unread += more
        line, _, self._unread = self._unread.partition(b"\0")
        message: dict[str, Any] = json.loads(line)
        return message


class Page:
    """One tab."""

    def __init__(self, browser: Browser, session: str) -> None:
        self._browser = browser
        self._session = session

    def send(self, method: str, **params: Any) -> dict[str, Any]:
        return self._browser.send(method, self._session, **params)

    def resize(self, width: int, height: int) -> None:
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def evaluate(self, expression: str) -> Any:
        """The JSON value of a JavaScript expression, awaited if it is a promise."""
        answer = self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise BrowserFailed(str(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def wait_until(self, expression: str, timeout: float = 10.0) -> None:
        """Return when the expression is true. Raises TimeoutError after `timeout` seconds."""
        deadline = time.monotonic() + timeout
        while not self.evaluate(f"Boolean({expression})"):
            if time.monotonic() > deadline:
                raise TimeoutError(f"not true within {timeout} s: {expression}")
            time.sleep(0.03)

    def screenshot(self, file: Path) -> None:
        """Write what the tab shows now as a PNG."""
        self.send("Page.bringToFront")  # Chromium does not draw a tab behind another one
        file.write_bytes(base64.b64decode(self.send("Page.captureScreenshot", format="png")["data"]))

    @property
    def complaints(self) -> list[str]:
        """What the page's console shows as an error: exceptions, refused content, failed requests."""
        return [text for event in self._events() if (text := _complaint(event))]

    @property
    def requested(self) -> list[str]:
        """The address of every request the page made."""
        sent = (event for event in self._events() if event["method"] == "Network.requestWillBeSent")
        return [event["params"]["request"]["url"] for event in sent]

    def _events(self) -> list[dict[str, Any]]:
        self.evaluate("0")  # events wait in the pipe until something reads it
        return [event for event in self._browser.events if event.get("sessionId") == self._session]


def _pipe() -> tuple[int, int]:
    """A pipe whose descriptors are above 10, so that renumbering to 3 and 4 cannot overwrite them."""
    ends = os.pipe()
    reader, writer = (fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in ends)
    for end in ends:
        os.close(end)
    return reader, writer


def _complaint(event: dict[str, Any]) -> str | None:
    match event:
        case {"method": "Runtime.exceptionThrown", "params": {"exceptionDetails": details}}:
            return str(details.get("exception", details).get("description", details))
        case {"method": "Log.entryAdded", "params": {"entry": {"level": "error", "text": text}}}:
            return str(text)
        case {"method": "Runtime.consoleAPICalled", "params": {"type": "error", "args": args}}:
            return str(args)
        case _:
            return None
