"""`python -m local onboard`: puts a subscription under the bot's protection.

Looks with the caller's own login at what `infra/onboard.bicep` needs, shows what that would create, and prints the
command that deploys it, or runs it and then scans the subscription once. Reads only; what is changed, the Azure CLI
changes.
"""

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

from azure.core.exceptions import ClientAuthenticationError

from local import options, scan
from local.bicep.template import Deployed, Template
from local.role import GUID
from local.settings import LOGIN, NotReady, bullets, hush
from remediation import wiring
from remediation.adapters.arm import Arm
from remediation.ports import CloudError, Gone

PROJECT: Final = Path(__file__).resolve().parents[1]
TEMPLATE: Final = PROJECT / "infra" / "onboard.bicep"
HUB: Final = {
    "botPrincipalId": "HA_BOT_PRINCIPAL_ID",
    "appId": "HA_BOT_APP_ID",
    "storageId": "HA_BOT_STORAGE_ID",
    "eventsIdentityId": "HA_BOT_EVENTS_IDENTITY_ID",
}
"""Parameters of the template, and the outputs of the hub's deployment that they are."""
OUTPUTS: Final = 'set -a; eval "$(azd env get-values)"; set +a'
NEEDED: Final = (
    "Microsoft.Resources/deployments/write",
    "Microsoft.Resources/subscriptions/resourceGroups/write",
    "Microsoft.Authorization/roleDefinitions/write",
    "Microsoft.Authorization/roleAssignments/write",
    "Microsoft.EventGrid/systemTopics/write",
    "Microsoft.EventGrid/eventSubscriptions/write",
)
"""What whoever deploys the template must be allowed to do in the subscription; Owner is."""
PROVIDER: Final = "Microsoft.EventGrid"
EVENT_GRID_API: Final = "2025-02-15"
PERMISSIONS_API: Final = "2022-04-01"
PROVIDERS_API: Final = "2021-04-01"
SITES_API: Final = "2025-05-01"


@dataclass(frozen=True, slots=True)
class Wish:
    """What to onboard, and how: the options of the command."""

    subscription: str
    mode: str
    delivery: str
    location: str
    extension: bool = False
    apply: bool = False

    @property
    def scope(self) -> str:
        """The subscription's id in Azure."""
        return f"/subscriptions/{self.subscription.lower()}"


def main(wish: Wish, environment: Mapping[str, str] = os.environ) -> int:
    """Check, show and print the command, or run it. Returns 1 if something is in the way, 2 without what it takes to
    look, and with `apply` what the Azure CLI returned, then the first scan."""
    hush()
    try:
        parameters = _parameters(wish, environment)
        arm = _arm(environment)
        topic, problems = _look(arm, wish, parameters)
        parameters |= topic
        print(f"Onboarding {wish.scope} in mode {wish.mode}:")
        for line in _changes(arm, wish, parameters):
            print(f"  {line}")
    except NotReady as missing:
        print(f"Cannot look yet:\n{bullets(missing)}", file=sys.stderr)
        return 2
    if problems:
        print(f"Not ready:\n{bullets(NotReady(*problems))}", file=sys.stderr)
        return 1
    return _deploy(wish, parameters)


def _parameters(wish: Wish, environment: Mapping[str, str]) -> dict[str, Any]:
    """What is known from the options and the hub. Raises NotReady."""
    if not GUID.fullmatch(wish.subscription):
        raise NotReady(f"--subscription {wish.subscription}: must be a subscription id (az account list shows them)")
    if missing := [name for name in HUB.values() if not environment.get(name)]:
        raise NotReady(f"{', '.join(missing)}: not set; deploy the hub (azd up), then run {OUTPUTS}")
    return {
        "mode": wish.mode,
        "delivery": wish.delivery,
        **{parameter: environment[output] for parameter, output in HUB.items()},
    }


def _arm(environment: Mapping[str, str]) -> Arm:
    endpoint = environment.get(wiring.ARM_ENDPOINT) or wiring.PUBLIC_CLOUD
    audience = environment.get(wiring.ARM_AUDIENCE) or endpoint
    credential = wiring.credential(environment)
    try:
        credential.get_token(f"{audience.rstrip('/')}/.default")
    except ClientAuthenticationError:
        raise NotReady(f"Azure login: there is none on this machine; {LOGIN}") from None
    return Arm(credential, endpoint, audience)


def _look(arm: Arm, wish: Wish, parameters: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The parameters about the system topic, and what is in the way. Raises NotReady."""
    own = {"topicName": ""}, list[str]()
    topic, problems = own if wish.extension else _topic(arm, wish, str(parameters["eventsIdentityId"]))
    problems += _forbidden(arm, wish)
    provider = _get(arm, f"{wish.scope}/providers/{PROVIDER}", PROVIDERS_API) or {}
    if provider.get("registrationState") != "Registered":
        fix = f"az provider register --namespace {PROVIDER} --subscription {wish.subscription} --wait"
        problems.append(f"{PROVIDER} is not registered in the subscription; run {fix}")
    function = f"{parameters['appId']}/functions/on_resource_event"
    if wish.delivery == "function" and _get(arm, function, SITES_API) is None:
        problems.append("the app has no function on_resource_event yet; run azd deploy, or use --delivery queue")
    return topic, problems


def _topic(arm: Arm, wish: Wish, identity: str) -> tuple[dict[str, Any], list[str]]:
    """Azure allows one system topic for a subscription: the one that is there is used, and is left as it is."""
    listed = _get(arm, f"{wish.scope}/providers/{PROVIDER}/systemTopics", EVENT_GRID_API) or {}
    for topic in listed.get("value", ()):
        if str(topic["properties"].get("source")).lower() != wish.scope:
            continue
        group, name = str(topic["id"]).split("/")[4], str(topic["name"])
        identities = (topic.get("identity") or {}).get("userAssignedIdentities") or {}
        found = {"topicName": name, "topicGroup": group, "topicExists": True}
        if identity.lower() in map(str.lower, identities):
            return found, []
        fix = (
            f"az eventgrid system-topic update --subscription {wish.subscription} --resource-group {group} "
            f"--name {name} --mi-user-assigned {identity}"
        )
        why = f"the subscription's system topic {name} cannot write dead letters"
        return found, [f"{why}; run {fix}, or use --extension"]
    return {}, []


def _forbidden(arm: Arm, wish: Wish) -> list[str]:
    """What the login may not do of what the deployment does."""
    path = f"{wish.scope}/providers/Microsoft.Authorization/permissions"
    granted = (_get(arm, path, PERMISSIONS_API) or {}).get("value", ())
    missing = [action for action in NEEDED if not any(_allows(each, action) for each in granted)]
    if not missing:
        return []
    return [f"your login may not {', '.join(missing)} in the subscription; have an Owner run this"]


def _allows(permission: Mapping[str, Any], action: str) -> bool:
    """Whether one entry of the permissions allows an action: what it leaves out, others may give."""
    allowed, left_out = permission.get("actions") or (), permission.get("notActions") or ()
    return any(_matches(action, each) for each in allowed) and not any(_matches(action, each) for each in left_out)


def _matches(action: str, pattern: str) -> bool:
    return fnmatchcase(action.lower(), pattern.lower())


def _changes(arm: Arm, wish: Wish, parameters: Mapping[str, Any]) -> Iterator[str]:
    """A line for each resource of the template: `+` is new, `=` is there already and set as the template says, `?`
    cannot be seen."""
    for resource in Template(TEMPLATE, parameters, wish.scope, wish.location).resources():
        try:
            sign = "+" if _get(arm, resource.id, resource.api_version) is None else "="
        except NotReady:
            sign = "?"
        yield f"{sign} {resource.type} {_shown(resource)}"


def _shown(resource: Deployed) -> str:
    properties = resource.body.get("properties", {})
    match resource.type.rpartition("/")[2]:
        case "roleDefinitions":
            return f"{properties['roleName']}: {len(properties['permissions'][0]['actions'])} actions"
        case "roleAssignments":
            return f"to {properties['principalId']}"
        case "eventSubscriptions":
            values = properties["filter"]["advancedFilters"][0]["values"]
            return f"{resource.id.rpartition('/')[2]}: writes and deletes of {len(values)} kinds"
        case _:
            return resource.id.rpartition("/")[2]


def _get(arm: Arm, path: str, api_version: str) -> dict[str, Any] | None:
    """What Azure answers, None where there is nothing. Raises NotReady."""
    try:
        answer = arm.request("GET", path, api_version).json()
    except Gone:
        return None
    except CloudError as error:
        raise NotReady(f"{path}: cannot be read ({error}); check the id, and give your login the role Reader") from None
    return answer if isinstance(answer, dict) else {}


def _deploy(wish: Wish, parameters: Mapping[str, Any]) -> int:
    values = (
        f"{name}={str(value).lower() if isinstance(value, bool) else value}" for name, value in parameters.items()
    )
    command = [
        *("az", "deployment", "sub", "create", "--subscription", wish.subscription, "--name", "ha-bot-onboard"),
        *("--location", wish.location, "--template-file", str(TEMPLATE.relative_to(PROJECT)), "--parameters", *values),
    ]
    after = f"azd env set HA_BOT_SUBSCRIPTIONS <all onboarded subscriptions, with {wish.subscription}> && azd provision"
    scanning = ["scan", "--subscription", wish.subscription]
    if not wish.apply:
        print(f"\nIn the project's folder, run (--what-if shows it without doing it):\n\n  {shlex.join(command)}")
        print(f"\nThen let the bot act there, and look at everything once (--apply does the latter):\n  {after}")
        print(f"  python -m local {shlex.join(scanning)}")
        return 0
    if shutil.which("az") is None:
        print("The Azure CLI is not on this machine; install it, or deploy from where it is.", file=sys.stderr)
        return 2
    sys.stdout.flush()
    if status := subprocess.call(command, cwd=PROJECT):
        return status
    print(f"\nNow let the bot act there:\n  {after}\n\nThe first scan, with your login:\n")
    return scan.main(options.parse(scanning))
