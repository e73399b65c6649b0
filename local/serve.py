"""`python -m local serve`: the function app on this machine against a real Azure, once everything it needs is there."""

import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import requests
from azure.core.exceptions import AzureError, ClientAuthenticationError
from azure.storage.queue import QueueServiceClient

from local.azurite import Azurite, AzuriteFailed
from local.node import NodeFailed
from remediation import wiring

PROJECT: Final = Path(__file__).resolve().parents[1]
DATA: Final = PROJECT / ".local" / "azurite"
SUBSCRIPTIONS_API: Final = "2022-12-01"
SECONDS: Final = 30
EVENT_GRID_PATH: Final = "/runtime/webhooks/EventGrid"
KEYS: Final = PROJECT / ".local" / "functions-host-keys.json"
LOGIN: Final = "run `az login`, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET of a service principal"


class NotReady(Exception):
    """Something is missing; each line names it and the fix."""

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines))


def main(file: Path, *, port: int) -> int:
    """Run until Ctrl-C. Returns 2, having said what is missing, when it cannot start."""
    for name in wiring.QUIET:
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what is missing is said below, in one line
    with ExitStack() as stack:
        try:
            settings = read_settings(file)
            if problems := wiring.problems(settings):
                raise NotReady(*map(str, problems))
            settings = _with_storage(settings, stack)
            _check_azure(settings)
        except (NotReady, AzuriteFailed, NodeFailed) as missing:
            print(f"Cannot serve yet:\n{_bullets(str(missing))}", file=sys.stderr)
            return 2
        return _run(settings, port)


def read_settings(file: Path) -> dict[str, str]:
    """The app settings of a file in the form of local.settings.json; the environment wins. Raises NotReady."""
    if not file.is_file():
        if wiring.SUBSCRIPTIONS in os.environ:
            return dict(os.environ)
        raise NotReady(f"{file}: no such file; copy local.settings.example.json to it and fill it in")
    try:
        values = json.loads(file.read_text(encoding="utf-8"))["Values"]
        return {name: str(value) for name, value in values.items() if value is not None} | dict(os.environ)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise NotReady(f"{file}: must be JSON with an object Values, as local.settings.example.json is") from None


def _with_storage(settings: dict[str, str], stack: ExitStack) -> dict[str, str]:
    """Reach the app's own storage; for `UseDevelopmentStorage=true` that is an Azurite that keeps its data here."""
    if settings.get(wiring.STORAGE, "").strip().lower().startswith("usedevelopmentstorage"):
        DATA.mkdir(parents=True, exist_ok=True)
        azurite = stack.enter_context(Azurite(DATA))
        return settings | {wiring.STORAGE: azurite.connection_string}
    if connection := settings.get(wiring.STORAGE):
        try:
            QueueServiceClient.from_connection_string(connection, retry_total=0).get_service_properties(timeout=SECONDS)
        except AzureError as error:
            raise NotReady(f"{wiring.STORAGE}: the storage account does not answer ({type(error).__name__})") from None
    return settings


def _check_azure(settings: Mapping[str, str]) -> None:
    """Log in, and read each subscription once. Raises NotReady."""
    endpoint = (settings.get(wiring.ARM_ENDPOINT) or wiring.PUBLIC_CLOUD).rstrip("/")
    audience = (settings.get(wiring.ARM_AUDIENCE) or endpoint).rstrip("/")
    try:
        token = wiring.credential(settings).get_token(f"{audience}/.default").token
    except ClientAuthenticationError:
        raise NotReady(f"Azure login: there is none on this machine; {LOGIN}") from None
    missing = [
        f"{wiring.SUBSCRIPTIONS}: {subscription} cannot be read ({reason}); give the login the role Reader on it"
        for subscription in sorted(wiring.subscriptions(settings))
        if (reason := _unreadable(endpoint, subscription, token))
    ]
    if missing:
        raise NotReady(*missing)


def _unreadable(endpoint: str, subscription: str, token: str) -> str:
    """Why a subscription cannot be read, empty when it can."""
    try:
        answer = requests.get(
            f"{endpoint}/subscriptions/{subscription}",
            params={"api-version": SUBSCRIPTIONS_API},
            headers={"Authorization": f"Bearer {token}"},
            timeout=SECONDS,
        )
    except requests.RequestException as error:
        return f"{endpoint} does not answer: {type(error).__name__}"
    return "" if answer.ok else f"Azure answered {answer.status_code}"


def _run(settings: Mapping[str, str], port: int) -> int:
    """The functions host in the foreground; Ctrl-C reaches it, and it ends by itself."""
    print(f"Serving {', '.join(sorted(wiring.subscriptions(settings)))} in mode {wiring.mode(settings)}.")
    print("Event Grid can deliver to the queue `events` of the app's storage, or (through a tunnel) to the webhook")
    print(f"  http://127.0.0.1:{port}{EVENT_GRID_PATH}?functionName=on_resource_event&code=KEY")
    print(f"  with the key `event_grid` of {KEYS}")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    command = [sys.executable, "-m", "local.functions_host", "--app", str(PROJECT), "--port", str(port)]
    return subprocess.call(command, cwd=PROJECT, env=dict(settings), preexec_fn=_interruptible)


def _interruptible() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _bullets(text: str) -> str:
    return "\n".join(f"  · {line}" for line in text.splitlines())
