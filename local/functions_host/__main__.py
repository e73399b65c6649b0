"""python -m local.functions_host: run a functions app on the desk.

Prints `ready URL (n functions)` on stdout once it listens, then logs to stderr until SIGTERM or Ctrl-C.
Exit status: 0 after a stop, 2 for bad settings, 3 when function_app.py cannot be loaded, 1 for anything else.
"""

import argparse
import asyncio
import contextlib
import os
import re
import signal
import sys
import threading
from collections.abc import Mapping
from dataclasses import astuple
from pathlib import Path

from local.functions_host import host, log, worker
from local.functions_host.errors import CannotStart
from local.functions_host.keys import KEYS_VARIABLE, Keys, from_json, load_keys
from local.functions_host.settings import host_options, load_settings_file

ORPHAN_TIMEOUT = 15.0  # seconds to stop in, once nobody is left who could wait for it
EXIT_TIMEOUT = 3.0  # seconds for the interpreter to end after the host has stopped


def main() -> int:
    """Run until told to stop; the exit status."""
    arguments = _parser().parse_args()
    if arguments.end_with_stdin:
        threading.Thread(target=_end_with_stdin, daemon=True).start()
    try:
        if arguments.settings:
            for name, value in load_settings_file(arguments.settings).items():
                os.environ.setdefault(name, value)
        app: Path = arguments.app.resolve()
        keys = _keys(arguments.keys or app / ".local" / "functions-host-keys.json")
        log.set_up(_secrets(keys, os.environ))
        # As in Azure, and as PYTHONPATH there: the app's folder is the working directory.
        os.chdir(app)
        asyncio.run(_serve(app, keys, arguments.port, arguments.lease))
    except CannotStart as error:
        print(f"functions host cannot start: {error}", file=sys.stderr)
        return error.exit_status
    _exit_within(EXIT_TIMEOUT)
    return 0


async def _serve(app: Path, keys: Keys, port: int, lease: int) -> None:
    """Load, listen, wait for a signal, stop."""
    functions = await worker.load(app)
    options = host_options(app, os.environ)
    running = await host.start(functions, options, os.environ, keys, port, lease)
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    print(f"ready {running.url} ({len(functions)} functions)", flush=True)
    await stopping.wait()
    await host.stop(running)


def _exit_within(seconds: float) -> None:
    """Bound a normal exit: it would wait for a function that does not return, and no thread can be stopped."""
    timer = threading.Timer(seconds, os._exit, (1,))
    timer.daemon = True
    timer.start()


def _end_with_stdin() -> None:
    """Stop when stdin ends, that is: when whoever started this process has ended, however that happened."""
    while os.read(0, 1024):
        pass
    _exit_within(ORPHAN_TIMEOUT)
    os.kill(os.getpid(), signal.SIGTERM)


def _keys(path: Path) -> Keys:
    # Taken out of the environment: it is not an app setting, the app has no business with it.
    given = os.environ.pop(KEYS_VARIABLE, None)
    return from_json(given) if given else load_keys(path)


def _secrets(keys: Keys, environment: Mapping[str, str]) -> list[str]:
    accounts = [key for value in environment.values() for key in re.findall("AccountKey=([^;]+)", value)]
    return [*astuple(keys), *accounts]


def _lease(text: str) -> int:
    seconds = int(text)
    if seconds < 1:
        raise argparse.ArgumentTypeError("a lease lasts at least 1 second")
    return seconds


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local.functions_host", description="Run a functions app here.")
    parser.add_argument("--app", type=Path, default=Path(), help="folder with function_app.py (default: this one)")
    parser.add_argument("--port", type=int, default=7071, help="port on 127.0.0.1; 0 takes a free one (default: 7071)")
    parser.add_argument("--settings", type=Path, help="app settings, as local.settings.json; the environment wins")
    parser.add_argument("--keys", type=Path, help="file of the access keys, made when missing (default: under .local/)")
    parser.add_argument(
        "--lease",
        type=_lease,
        default=600,
        help="seconds a queue message is hidden while it is worked on (default: 600)",
    )
    parser.add_argument("--end-with-stdin", action="store_true", help="stop when stdin is closed")
    return parser


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main())
