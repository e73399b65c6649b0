"""What the tests of the rules about AKS clusters share: clusters and pools, and what one rule says of them."""

from rules.model import Resource, Rule, Status
from tests.builders import Json, judged
from tests.rules.examples.aks import pool

STOPPED: Json = {"powerState": {"code": "Stopped"}}
AUTOMATIC = {"sku": {"name": "Automatic", "tier": "Standard"}}
USER = pool("cpu", "User")


def verdict(rule: Rule, body: Json) -> tuple[Status, str]:
    found = judged(rule, Resource.of(body))
    return found.status, found.because


def machines(**scale: object) -> Json:
    """What a pool of single virtual machines has instead of a count."""
    return {"type": "VirtualMachines", "count": None, "virtualMachinesProfile": {"scale": scale}}


def without(name: str, shown: Json) -> Json:
    """A pool of which Azure does not show one property."""
    return {member: value for member, value in shown.items() if member != name}
