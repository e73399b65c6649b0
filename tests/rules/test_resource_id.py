"""Resource ids: what is accepted, what is refused, and what an id tells."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.resource_id import ResourceId
from tests.builders import GROUP, REGISTRY_ID, STORAGE_ID, SUBSCRIPTION

LOCK = "/providers/Microsoft.Authorization/locks/keep"
ACCEPTED = {
    "a resource": (REGISTRY_ID, "microsoft.containerregistry/registries", "crml"),
    "upper case": (REGISTRY_ID.upper(), "microsoft.containerregistry/registries", "CRML"),
    "lower case, as events write it": (STORAGE_ID.lower(), "microsoft.storage/storageaccounts", "stml"),
    "a child": (
        f"{STORAGE_ID}/blobServices/default",
        "microsoft.storage/storageaccounts/blobservices",
        "default",
    ),
    "a child of a child": (
        f"{STORAGE_ID}/blobServices/default/containers/a",
        "microsoft.storage/storageaccounts/blobservices/containers",
        "a",
    ),
    "a lock on a resource": (f"{STORAGE_ID}{LOCK}", "microsoft.authorization/locks", "keep"),
    "a lock on a group": (f"{GROUP}{LOCK}", "microsoft.authorization/locks", "keep"),
    "the tags of a resource": (
        f"{STORAGE_ID}/providers/Microsoft.Resources/tags/default",
        "microsoft.resources/tags",
        "default",
    ),
    "a deployment": (
        f"{GROUP}/providers/Microsoft.Resources/deployments/Azure-1.2",
        "microsoft.resources/deployments",
        "Azure-1.2",
    ),
    "a group in parentheses": (
        REGISTRY_ID.replace("rg-ml", "rg.(1)"),
        "microsoft.containerregistry/registries",
        "crml",
    ),
    "a group in another script": (
        REGISTRY_ID.replace("rg-ml", "gruppe-ä"),
        "microsoft.containerregistry/registries",
        "crml",
    ),
    "a group of 90 characters": (
        REGISTRY_ID.replace("rg-ml", "g" * 90),
        "microsoft.containerregistry/registries",
        "crml",
    ),
    "a name of 260 characters": (
        REGISTRY_ID.replace("crml", "n" * 260),
        "microsoft.containerregistry/registries",
        "n" * 260,
    ),
    "a name with a space": (f"{GROUP}/providers/Microsoft.Insights/components/my app", "microsoft.insights/components",
                            "my app"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "kind", "name"), ACCEPTED.values(), ids=ACCEPTED)
def test_accepted(text: str, kind: str, name: str) -> None:
    parsed = ResourceId.parse(text)
    assert parsed is not None
    assert (parsed.subscription, parsed.type, parsed.name) == (SUBSCRIPTION, kind, name)
    assert str(parsed).lower() == parsed.key == text.lower()


REFUSED: dict[str, object] = {
    "nothing": "",
    "null": None,
    "a number": 7,
    "bytes": REGISTRY_ID.encode(),
    "a list": [REGISTRY_ID],
    "a subscription": f"/subscriptions/{SUBSCRIPTION}",
    "a group": GROUP,
    "a group and a type": f"{GROUP}/providers/Microsoft.Storage/storageAccounts",
    "a provider only": f"{GROUP}/providers/Microsoft.Storage",
    "a resource of the subscription": f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Insights/components/a",
    "a sample's placeholder": REGISTRY_ID.replace(SUBSCRIPTION, "{subscription-id}"),
    "a subscription that is no UUID": REGISTRY_ID.replace(SUBSCRIPTION, "sub"),
    "a subscription with more digits": REGISTRY_ID.replace(SUBSCRIPTION, f"{SUBSCRIPTION}0"),
    "a deployment without provider": f"{GROUP}/deployments/Microsoft.StorageAccount-20180721223827",
    "no slash in front": REGISTRY_ID[1:],
    "a host in front": f"https://management.azure.com{REGISTRY_ID}",
    "a slash behind": f"{REGISTRY_ID}/",
    "two slashes": REGISTRY_ID.replace("/registries/", "//registries/"),
    "a newline behind": f"{REGISTRY_ID}\n",
    "a newline within": REGISTRY_ID.replace("crml", "cr\nml"),
    "a space in front": f" {REGISTRY_ID}",
    "a query": f"{REGISTRY_ID}?api-version=2019-05-01",
    "a fragment": f"{REGISTRY_ID}#x",
    "percent-encoded slashes": REGISTRY_ID.replace("crml", "cr%2F..%2Fml"),
    "a backslash": REGISTRY_ID.replace("crml", "..\\crml"),
    "markup": REGISTRY_ID.replace("crml", "<at>all</at>"),
    "a step up": REGISTRY_ID.replace("crml", ".."),
    "a step nowhere": REGISTRY_ID.replace("crml", "."),
    "a blank name": REGISTRY_ID.replace("crml", " "),
    "dots and blanks": REGISTRY_ID.replace("crml", ". ."),
    "a step up before the group": REGISTRY_ID.replace("rg-ml", "../rg"),
    "a step up as group": REGISTRY_ID.replace("rg-ml", ".."),
    "a group that ends in a dot": REGISTRY_ID.replace("rg-ml", "rg."),
    "a type with a dot": REGISTRY_ID.replace("/registries/", "/.registries/"),
    "a type of digits": REGISTRY_ID.replace("/registries/", "/1/"),
    "a type that is too long": REGISTRY_ID.replace("/registries/", f"/{'t' * 102}/"),
    "a provider without dot": REGISTRY_ID.replace("Microsoft.ContainerRegistry", "Microsoft"),
    "a provider with a space": REGISTRY_ID.replace("Microsoft.ContainerRegistry", "Microsoft. ContainerRegistry"),
    "a group of 91 characters": REGISTRY_ID.replace("rg-ml", "g" * 91),
    "a group with a space": REGISTRY_ID.replace("rg-ml", "rg ml"),
    "a name of 261 characters": REGISTRY_ID.replace("crml", "n" * 261),
    "a sound resource, a broken extension": f"{STORAGE_ID}/providers/Microsoft.Authorization/locks",
    "half a surrogate pair": REGISTRY_ID.replace("crml", "cr\ud800"),
    "text that turns around": REGISTRY_ID.replace("crml", "cr\u202eml"),
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_refused(text: object) -> None:
    assert ResourceId.parse(text) is None


def test_parents_lead_to_the_top() -> None:
    container = ResourceId.parse(f"{STORAGE_ID}/blobServices/default/containers/a")
    assert container is not None
    service = container.parent
    assert service is not None
    account = service.parent
    assert str(service) == f"{STORAGE_ID}/blobServices/default"
    assert str(account) == STORAGE_ID
    assert account is not None
    assert account.parent is None


def test_an_extension_knows_what_it_extends() -> None:
    lock = ResourceId.parse(f"{STORAGE_ID}{LOCK}")
    assert lock is not None
    assert str(lock.target) == STORAGE_ID
    assert lock.parent is None


def test_a_child_of_an_extension_keeps_what_it_extends() -> None:
    child = ResourceId.parse(f"{STORAGE_ID}{LOCK}/notes/a")
    assert child is not None
    assert str(child.parent) == f"{STORAGE_ID}{LOCK}"


def test_one_resource_has_one_key() -> None:
    one, other = ResourceId.parse(REGISTRY_ID), ResourceId.parse(REGISTRY_ID.upper())
    assert one is not None
    assert other is not None
    assert one.key == other.key


URL_PATHS = {"my app": "my%20app", "ünder": "%C3%BCnder", "plain-1.2_(a)": "plain-1.2_(a)"}


@pytest.mark.parametrize(("name", "encoded"), URL_PATHS.items())
def test_a_path_of_a_url_is_encoded(name: str, encoded: str) -> None:
    parsed = ResourceId.parse(REGISTRY_ID.replace("crml", name))
    assert parsed is not None
    assert parsed.url_path == REGISTRY_ID.replace("crml", encoded)


words = st.text(string.ascii_letters + string.digits, min_size=1, max_size=12)
kinds = st.from_regex(r"[A-Za-z][A-Za-z0-9]{0,11}", fullmatch=True)
pairs = st.lists(st.tuples(kinds, words), min_size=1, max_size=3)
providers = st.builds("Microsoft.{}".format, words)


@st.composite
def ids(draw: st.DrawFn) -> str:
    """An id with up to two extensions."""
    parts = draw(st.lists(st.tuples(providers, pairs), min_size=1, max_size=3))
    tails = ["/".join((provider, *(word for pair in segments for word in pair))) for provider, segments in parts]
    return "/".join((GROUP, *(f"providers/{tail}" for tail in tails)))


@given(ids())
def test_an_id_is_written_as_it_was_read(text: str) -> None:
    assert str(ResourceId.parse(text)) == text


@given(st.text())
def test_any_text_is_parsed_or_refused(text: str) -> None:
    parsed = ResourceId.parse(GROUP + "/providers/" + text)
    assert parsed is None or str(parsed) == GROUP + "/providers/" + text


GROUPS = {
    "a group": (GROUP, (SUBSCRIPTION, "rg-ml")),
    "in upper case": (GROUP.upper(), (SUBSCRIPTION, "RG-ML")),
    "a resource": (STORAGE_ID, None),
    "a step up": (GROUP.replace("rg-ml", ".."), None),
    "a name": ("rg-ml", None),
    "no text": (7, None),
}


@pytest.mark.parametrize(("text", "group"), GROUPS.values(), ids=GROUPS)
def test_the_id_of_a_resource_group_is_read(text: object, group: tuple[str, str] | None) -> None:
    assert ResourceId.parse_group(text) == group
