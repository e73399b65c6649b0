"""Resource Graph: queries over what is tracked, in pages. Unlike the real one, its index is never behind."""

from typing import Final

from local.azure import kql
from local.azure.ids import Address
from local.azure.messages import ArmError, Json, Request, Response
from local.azure.world import World

MOST_ROWS: Final = 1000
_COLUMNS: Final = ("id", "name", "kind", "sku", "tags", "identity", "zones", "plan", "managedBy", "properties")


def query(world: World, request: Request) -> Response:
    """Answer a POST to Resource Graph. Raises ArmError 400 for what it does not understand."""
    body = request.body if isinstance(request.body, dict) else {}
    text, subscriptions = body.get("query"), body.get("subscriptions")
    if request.method != "POST" or not isinstance(text, str) or not isinstance(subscriptions, list):
        raise ArmError(400, "BadRequest", "A query needs a body with query and subscriptions.")
    wanted = {str(subscription).lower() for subscription in subscriptions}
    options = body.get("options") or {}
    try:
        found, limits = kql.run(text, [row for row in _rows(world) if row["subscriptionId"].lower() in wanted])
        start, size = int(options.get("$skipToken") or 0), min(int(options.get("$top") or MOST_ROWS), MOST_ROWS)
    except ValueError as error:
        raise ArmError(400, "BadRequest", f"InvalidQuery: {error}.") from None
    page = found[start : start + size]
    more = start + size < len(found)
    pages_on = more and not limits and all("id" in row for row in page)
    answer: Json = {
        "totalRecords": len(found),
        "count": len(page),
        "resultTruncated": "true" if more and not pages_on else "false",
        "facets": [],
        "data": page,
    }
    token = {"$skipToken": str(start + size)} if pages_on else {}
    return Response(
        200, answer | token, {"x-ms-user-quota-remaining": "14", "x-ms-user-quota-resets-after": "00:00:05"}
    )


def _rows(world: World) -> list[Json]:
    """One for every resource with a location, written the way Resource Graph writes them."""
    tracked = (body for body in world.below("/subscriptions") if "location" in body)
    return [_row(body, at) for body in tracked if (at := Address.parse(body["id"])) is not None and at.is_resource]


def _row(body: Json, at: Address) -> Json:
    return {
        **{name: body.get(name) for name in _COLUMNS},
        "type": str(body["type"]).lower(),
        "location": str(body["location"]).lower().replace(" ", ""),
        "resourceGroup": at.group.lower(),
        "subscriptionId": at.subscription,
    }
