"""The app's own settings on this machine, and its own storage: for the commands that run the app or speak to it."""

import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from azure.core.exceptions import AzureError, ClientAuthenticationError, HttpResponseError

from remediation import wiring
from remediation.ports import Services

PROJECT: Final = Path(__file__).resolve().parents[1]
SERVED: Final = PROJECT / ".local" / "served-storage.txt"
"""Where `serve` notes how to reach the Azurite that it runs; gone when it ends."""
LOGIN: Final = "run `az login`, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET of a service principal"
ROLES: Final = "the roles Storage Table Data Contributor and Storage Queue Data Contributor"
NOT_SERVED: Final = (
    f"{wiring.STORAGE}: the development storage is run by `python -m local serve`, which does not run; start it, or "
    "set the connection string of the app's storage"
)


class NotReady(Exception):
    """Something is missing; each line names it and the fix."""

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines))


def bullets(missing: Exception) -> str:
    """What is missing, one item a line."""
    return "\n".join(f"  · {line}" for line in str(missing).splitlines())


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


def is_development_storage(settings: dict[str, str]) -> bool:
    """Whether the app's storage is the Azurite that `serve` runs."""
    return settings.get(wiring.STORAGE, "").strip().lower().startswith("usedevelopmentstorage")


@contextmanager
def services(file: Path) -> Iterator[Services]:
    """The app's store, queues and policy, for as long as a command speaks to them. Raises NotReady, also for what the
    storage answers."""
    settings = read_settings(file)
    if problems := wiring.problems(settings, chats=False):
        raise NotReady(*map(str, problems))
    served = is_development_storage(settings)
    if served:
        settings[wiring.STORAGE] = _served()
    built = wiring.build(settings, chats=False)
    hush()
    try:
        yield built
    except AzureError as error:
        raise NotReady(NOT_SERVED if served else f"{wiring.STORAGE}: {_why(error)}") from None


def hush() -> None:
    """What is missing is said in one line, not in the SDKs' own."""
    for name in wiring.QUIET:
        logging.getLogger(name).setLevel(logging.CRITICAL)


def _served() -> str:
    try:
        return SERVED.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise NotReady(NOT_SERVED) from None


def _why(error: AzureError) -> str:
    if isinstance(error, ClientAuthenticationError) and error.response is None:
        return f"Azure login: there is none on this machine; {LOGIN}"
    if isinstance(error, HttpResponseError) and error.status_code in (401, 403):
        return f"the storage account refused ({error.status_code}); give the login {ROLES} on it, or copy its key again"
    return f"the storage account does not answer ({type(error).__name__}); check its name and its network rules"
