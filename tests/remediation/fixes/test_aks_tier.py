"""The tier of AKS clusters: what exactly would be sent, and what is left to people."""

import pytest

from remediation.fixes.aks.cluster import POOL_READ_ONLY
from remediation.plan import Safety, Write
from rules.model import Resource
from tests.builders import Json
from tests.remediation.fixes.aks_plans import SECRET, VERSION, advised, planned
from tests.rules.aks_clusters import STOPPED
from tests.rules.examples.aks import CLUSTER_ID, cluster, pool, resource


def test_a_cluster_moves_to_the_standard_tier_after_approval() -> None:
    """The whole cluster goes back, with nothing in it that only Azure sets."""
    made = planned("standard-tier", resource(cluster(tier="Free")))
    assert made.safety is Safety.APPROVE
    (write,) = made.writes
    assert (write.verb, write.resource_id, write.api_version) == ("PUT", CLUSTER_ID, VERSION)
    assert write.etag == "etag-of-cluster"
    shown = {name: value for name, value in pool().items() if name not in POOL_READ_ONLY}
    assert write.body == {
        "location": "westeurope",
        "tags": None,
        "sku": {"name": "Base", "tier": "Standard"},
        "identity": {"type": "SystemAssigned"},
        "properties": {
            "kubernetesVersion": "1.33",
            "dnsPrefix": "aksml",
            "agentPoolProfiles": [shown],
            "nodeResourceGroup": "MC_rg-ml_aksml_westeurope",
            "networkProfile": {"networkPlugin": "azure", "loadBalancerSku": "standard"},
        },
    }
    assert made.undo == (Write("PUT", CLUSTER_ID, VERSION, {**write.body, "sku": {"name": "Base", "tier": "Free"}}),)
    assert (made.before, made.after) == ({"sku.tier": "Free"}, {"sku.tier": "Standard"})
    assert made.cost.monthly_usd == 73
    assert "delete it" in made.code.warning
    assert len(made.to_confirm) == 1


FULL = {
    "identity": {
        "type": "UserAssigned",
        "principalId": "p",
        "userAssignedIdentities": {"/x": {"principalId": "p", "clientId": "c"}},
    },
    "properties": {
        "addonProfiles": {"azurepolicy": {"enabled": True, "identity": {"clientId": "c"}}},
        "networkProfile": {"loadBalancerProfile": {"effectiveOutboundIPs": [{"id": "/ip"}], "managedOutboundIPs": {}}},
        "podIdentityProfile": {"userAssignedIdentities": [{"name": "n", "provisioningState": "Assigned"}]},
        "oidcIssuerProfile": {"enabled": True, "issuerURL": "https://x/"},
        "identityProfile": {"kubeletidentity": {"clientId": "c"}},
        "ingressProfile": {"webAppRouting": None},
        "agentPoolProfiles": [pool(vnetSubnetID="/subnet", localDNSProfile={"mode": "Preferred", "state": "Enabled"})],
    },
}


def test_what_only_azure_sets_is_left_out_however_deep_it_is() -> None:
    body = cluster(tier="Free")
    body |= {"identity": FULL["identity"], "properties": body["properties"] | FULL["properties"]}
    made = planned("standard-tier", resource(body))
    sent = made.writes[0].body
    assert sent["identity"] == {"type": "UserAssigned", "userAssignedIdentities": {"/x": {}}}
    properties = sent["properties"]
    assert properties["addonProfiles"] == {"azurepolicy": {"enabled": True}}
    assert properties["networkProfile"] == {"loadBalancerProfile": {"managedOutboundIPs": {}}}
    assert properties["podIdentityProfile"] == {"userAssignedIdentities": [{"name": "n"}]}
    assert properties["oidcIssuerProfile"] == {"enabled": True}
    assert properties["ingressProfile"] == {"webAppRouting": None}
    assert properties["identityProfile"] == {"kubeletidentity": {"clientId": "c"}}
    assert properties["agentPoolProfiles"][0]["localDNSProfile"] == {"mode": "Preferred"}
    confirm = " ".join(made.to_confirm)
    assert "subnets/join/action" in confirm
    assert "userAssignedIdentities/assign/action" in confirm


NOT_WRITTEN_BACK = {
    "no SKU": ({"sku": None}, "did not say its SKU"),
    "no tier": ({"sku": {"name": "Base"}}, "did not say its SKU"),
    "Automatic": ({"sku": {"name": "Automatic", "tier": "Free"}}, "not a Base cluster"),
    "no eTag": ({"eTag": None}, "no eTag"),
    "no location": ({"location": None}, "did not show all of it"),
    "stopped": (cluster(**STOPPED, tier="Free"), "is stopped"),
    "no pools": (cluster(agentPoolProfiles=None, tier="Free"), "did not show all of it"),
}


@pytest.mark.parametrize(("changes", "reason"), NOT_WRITTEN_BACK.values(), ids=NOT_WRITTEN_BACK)
def test_a_cluster_that_is_not_all_there_is_not_written_back(changes: Json, reason: str) -> None:
    advice = advised("standard-tier", Resource.of(cluster(tier="Free") | changes))
    assert reason in advice.why_no_plan
    assert "az aks update --resource-group rg-ml --name aksml --tier standard" in advice.steps[0]


PROXY = {"httpProxyConfig": {"httpProxy": f"http://user:{SECRET}@proxy.example:8080/"}}


def test_a_cluster_behind_a_proxy_with_a_password_is_for_people() -> None:
    advice = advised("standard-tier", resource(cluster(tier="Free", **PROXY)))
    assert "names a user" in advice.why_no_plan
    assert "--tier standard" in advice.steps[0]
    plain = {"httpProxyConfig": {"httpProxy": "http://proxy.example:8080/", "noProxy": ["me@example.com"]}}
    assert planned("standard-tier", resource(cluster(tier="Free", **plain))).writes
