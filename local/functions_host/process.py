"""The functions host as a child process, for the demo, the tests and the benchmarks."""

import math
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlencode

from local.functions_host.keys import KEYS_VARIABLE, random_keys, to_json

PROJECT = Path(__file__).resolve().parents[2]
READY_TIMEOUT = 60.0
STOP_TIMEOUT = 20.0  # longer than the host takes to let its work end
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ")
_INHERITED_PREFIXES = ("PYTHON", "COVERAGE")
_READY = re.compile(r"^ready (http://\S+)", re.MULTILINE)
_FAILED = re.compile(r"^functions host cannot start: (.*)", re.MULTILINE | re.DOTALL)


class HostFailed(RuntimeError):
    """The host did not start; the message is what it said."""


class FunctionsHost:
    """Run the functions app of a folder for the length of a `with` block.

    `settings` are the app settings: the child's environment on top of PATH, HOME, LANG and what Python and coverage
    read. `log` gets what the host and the app print (appended); without it the log lasts as long as the block. The
    port, chosen at the first start when not given, and the keys stay the same over `kill` and `start`.
    The host never outlives the process that started it. `module` is what runs as the host.
    """

    def __init__(
        self,
        app_dir: Path,
        settings: Mapping[str, str],
        *,
        port: int | None = None,
        lease_seconds: float = 600,
        log: Path | None = None,
        module: str = "local.functions_host",
    ) -> None:
        self._module = module
        self._app = app_dir.resolve()
        self._settings = dict(settings)
        self._port = port or 0
        self._lease = max(1, math.ceil(lease_seconds))
        self._log = log or _temporary_log()
        self._log_is_temporary = log is None
        self._keys = random_keys()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end."""
        return f"http://127.0.0.1:{self._port}"

    def event_grid_url(self, function: str) -> str:
        """The webhook to deliver events for `function` to, its key included."""
        query = urlencode({"functionName": function, "code": self._keys.event_grid})
        return f"{self.url}/runtime/webhooks/EventGrid?{query}"

    @property
    def function_key(self) -> str:
        """Opens every HTTP function of level function."""
        return self._keys.function

    @property
    def master_key(self) -> str:
        """Opens everything."""
        return self._keys.master

    @property
    def pid(self) -> int:
        """The id of the process that runs, or ran last."""
        if self._process is None:
            raise HostFailed("the functions host was never started")
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.poll() is None

    def log_text(self) -> str:
        """All that the host and the app have printed."""
        return self._log.read_text(encoding="utf-8", errors="replace") if self._log.is_file() else ""

    def start(self) -> None:
        """Start it and wait until it listens, at most READY_TIMEOUT seconds. Raises HostFailed."""
        if self.alive:
            return
        before = len(self.log_text())
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(
                self._command(),
                cwd=self._app,
                env=self._environment(),
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            self._port = self._wait_until_ready(self._process, before)
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        """Let it end its work (SIGTERM), and kill it when that takes longer than STOP_TIMEOUT seconds."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._process.communicate()

    def kill(self) -> None:
        """End it at once (SIGKILL), as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self._clean_up()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self._clean_up()

    def _clean_up(self) -> None:
        if self._log_is_temporary:
            self._log.unlink(missing_ok=True)

    def _command(self) -> list[str]:
        # -P: the app's folder must not hide the package this module is in.
        options = {"--app": self._app, "--port": self._port, "--lease": self._lease}
        pairs = [str(part) for option in options.items() for part in option]
        return [sys.executable, "-P", "-m", self._module, *pairs, "--end-with-stdin"]

    def _environment(self) -> dict[str, str]:
        inherited = {
            name: value
            for name, value in os.environ.items()
            if name in _INHERITED or name.startswith(_INHERITED_PREFIXES)
        }
        path = os.pathsep.join(filter(None, [str(PROJECT), os.environ.get("PYTHONPATH")]))
        return {
            **inherited,
            "PYTHONPATH": path,
            "PYTHONUNBUFFERED": "1",
            **self._settings,
            KEYS_VARIABLE: to_json(self._keys),
        }

    def _wait_until_ready(self, process: subprocess.Popen[bytes], before: int) -> int:
        deadline = time.monotonic() + READY_TIMEOUT
        while time.monotonic() < deadline:
            ended = process.poll() is not None
            said = self.log_text()[before:]
            if ready := _READY.search(said):
                return int(ready.group(1).rpartition(":")[2])
            if ended:
                failed = _FAILED.search(said)
                raise HostFailed(failed.group(1).strip() if failed else f"the functions host ended:\n{said[-3000:]}")
            time.sleep(0.02)
        raise HostFailed(f"the functions host was not ready within {READY_TIMEOUT:.0f} s:\n{self.log_text()[-3000:]}")


def _temporary_log() -> Path:
    descriptor, name = tempfile.mkstemp(prefix="functions-host-", suffix=".log")
    os.close(descriptor)
    return Path(name)
