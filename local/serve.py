"""`python -m local serve`: the function app on this machine against a real Azure, once everything it needs is there."""

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
from local.settings import LOGIN, PROJECT, SERVED, NotReady, bullets, hush, is_development_storage, read_settings
from remediation import wiring

DATA: Final = PROJECT / ".local" / "azurite"
SUBSCRIPTIONS_API: Final = "2022-12-01"
SECONDS: Final = 30
EVENT_GRID_PATH: Final = "/runtime/webhooks/EventGrid"
KEYS: Final = PROJECT / ".local" / "functions-host-keys.json"


def main(file: Path, *, port: int) -> int:
    """Run until Ctrl-C. Returns 2, having said what is missing, when it cannot start."""
    hush()
    with ExitStack() as stack:
        try:
            settings = read_settings(file)
            if problems := wiring.problems(settings):
                raise NotReady(*map(str, problems))
            settings = _with_storage(settings, stack)
            check_azure(settings)
        except (NotReady, AzuriteFailed, NodeFailed) as missing:
            print(f"Cannot serve yet:\n{bullets(missing)}", file=sys.stderr)
            return 2
        return _run(settings, port)


def _with_storage(settings: dict[str, str], stack: ExitStack) -> dict[str, str]:
    """Reach the app's own storage; for `UseDevelopmentStorage=true` that is an Azurite that keeps its data here."""
    if is_development_storage(settings):
        DATA.mkdir(parents=True, exist_ok=True)
        azurite = stack.enter_context(Azurite(DATA))
        SERVED.write_text(azurite.connection_string, encoding="utf-8")
        stack.callback(SERVED.unlink, missing_ok=True)
        return settings | {wiring.STORAGE: azurite.connection_string}
    if connection := settings.get(wiring.STORAGE):
        try:
            QueueServiceClient.from_connection_string(connection, retry_total=0).get_service_properties(timeout=SECONDS)
        except AzureError as error:
            raise NotReady(f"{wiring.STORAGE}: the storage account does not answer ({type(error).__name__})") from None
    return settings


def check_azure(settings: Mapping[str, str], given_as: str = wiring.SUBSCRIPTIONS) -> None:
    """Log in, and read each subscription once. Raises NotReady."""
    endpoint = (settings.get(wiring.ARM_ENDPOINT) or wiring.PUBLIC_CLOUD).rstrip("/")
    audience = (settings.get(wiring.ARM_AUDIENCE) or endpoint).rstrip("/")
    try:
        token = wiring.credential(settings).get_token(f"{audience}/.default").token
    except ClientAuthenticationError:
        raise NotReady(f"Azure login: there is none on this machine; {LOGIN}") from None
    missing = [
        f"{given_as}: {subscription} cannot be read ({reason}); give the login the role Reader on it"
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
    print("What it does stands in the journal: python -m local journal")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    command = [sys.executable, "-m", "local.functions_host", "--app", str(PROJECT), "--port", str(port)]
    return subprocess.call(command, cwd=PROJECT, env=dict(settings), preexec_fn=_interruptible)


def _interruptible() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
