"""What others may send: texts, ids, JSON and events made to do harm."""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from tests.builders import OTHER_SUBSCRIPTION, REGISTRY_ID, STORAGE_ID, SUBSCRIPTION, WORKSPACE_ID
from tests.remediation.card_kinds import HOSTILE


def examples(percent: int) -> settings:
    """So many cases, in percent of what the profile says: 100 in `make test`, 1000 in `make hostile`. The real parts
    that a test is given live on from case to case."""
    count = settings().max_examples * percent // 100
    return settings(max_examples=count, suppress_health_check=[HealthCheck.function_scoped_fixture])


CONTROL = "\x00\x01\x07\x08\x1b\x7f\x85\r\n\t\u2028\u2029\u200b\u200d\u202e\u2066\ufeff\ufffe"
LOOKALIKES = ("\uff2dicrosoft", "\u041cicrosoft.ContainerRegistry", "registri\u0435s", "\uff0e\uff0e", "\uff0f", "\xdf")
STEPS = (
    "..",
    ".",
    "%2e%2e",
    "..%2f",
    "%2F",
    "%252f",
    "\\",
    "//",
    "/",
    "?",
    "#",
    "@",
    ":",
    ";",
    "&",
    "=",
    "<",
    ">",
    '"',
)
WORDS = ("providers", "Microsoft.Authorization/locks/x", "metadata/identity", "evil.example", "@evil.example", "$batch")
texts = st.lists(
    st.sampled_from([*HOSTILE.values(), *CONTROL, *LOOKALIKES, *STEPS]) | st.text(max_size=30), max_size=6
).map("".join)
"""Markup, marks that run the other way, letters that look like others, steps up, and anything."""

IDS = (REGISTRY_ID, STORAGE_ID, WORKSPACE_ID, f"{WORKSPACE_ID}/computes/c", f"{STORAGE_ID}/blobServices/default")
FOREIGN = REGISTRY_ID.replace(SUBSCRIPTION, OTHER_SUBSCRIPTION)


@st.composite
def ids(draw: st.DrawFn) -> str:
    """The id of a resource, broken somewhere, or of what is none of ours."""
    parts = draw(st.sampled_from([*IDS, FOREIGN])).split("/")
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.integers(1, len(parts)))
        piece = draw(st.sampled_from([*STEPS, *LOOKALIKES, *WORDS, *CONTROL, "a" * 300]) | texts)
        if draw(st.booleans()):
            parts.insert(place, piece)
        else:
            parts[place - 1] += piece
    return "/".join(parts)


scalars = st.none() | st.booleans() | st.integers() | st.floats() | texts | ids()
surrogates = st.text(st.characters(), max_size=20)
json_values = st.recursive(
    scalars | surrogates,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
SECRET_CLAIM = "203.0.113.7"
claims = st.fixed_dictionaries(
    {"ipaddr": st.just(SECRET_CLAIM)}, optional={"name": texts | surrogates, "oid": json_values, "appid": texts}
)
data = st.fixed_dictionaries(
    {"claims": claims | json_values},
    optional={"resourceUri": ids() | json_values, "operationName": json_values, "correlationId": json_values},
)
CHANGES = ("Microsoft.Resources.ResourceWriteSuccess", "Microsoft.Resources.ResourceDeleteSuccess")
kinds = st.sampled_from(CHANGES) | texts
grid_events = st.fixed_dictionaries(
    {"eventType": kinds, "subject": ids() | json_values, "data": data | json_values},
    optional={"id": texts | surrogates | json_values, "eventTime": json_values},
)
cloud_events = st.fixed_dictionaries(
    {"specversion": st.just("1.0") | json_values, "type": kinds, "subject": ids(), "data": data | json_values},
    optional={"id": texts | surrogates, "time": json_values, "source": texts},
)
events = grid_events | cloud_events
payloads = events | json_values | st.lists(events | json_values, max_size=4)

DEEP = {
    "brackets without end": "[" * 200_000,
    "objects without end": '{"a":' * 200_000,
    "not so many": "[" * 5_000,
    "within an event": '{"id":' + "[" * 100_000,
    "closed": "[" * 50_000 + "]" * 50_000,
}
HUGE = '{"eventType":"' + "x" * 1_000_000 + '"}'
