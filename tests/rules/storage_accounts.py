"""What the tests of the rules about storage accounts share: accounts, and what one rule says of them."""

from typing import Any

from rules.model import Resource, Rule, Status, Use
from tests.builders import Json, judged, storage_account

PASS, FAIL, NO, UNKNOWN = Status.PASS, Status.FAIL, Status.NOT_APPLICABLE, Status.UNKNOWN

type Case = tuple[Json, Status, str]


def verdict(rule: Rule, body: Json, *uses: Use, children: Json | None = None) -> tuple[Status, str]:
    found = judged(rule, Resource.of(body, children or {}, uses))
    return found.status, found.because


def at(location: object, sku: object = "Standard_LRS", kind: object = "StorageV2", **properties: Any) -> Json:
    return storage_account(sku, kind, location=location, properties=properties)


def account(sku: object = "Standard_LRS", kind: object = "StorageV2", **properties: Any) -> Json:
    return at("westeurope", sku, kind, **properties)


CONVERTING = {"accountMigrationInProgress": True}
