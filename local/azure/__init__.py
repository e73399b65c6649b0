"""A simulated Azure for demo, tests and benchmarks: Resource Manager, managed identity and Event Grid's publisher.

```
azure = SimulatedAzure()
azure.seed(registry_id, {"location": "westeurope", "sku": {"name": "Basic"}})
with AzureServer(azure) as server:
    ...  # point any Azure client at server.url
```

Its status codes are held to Microsoft's published specs by tests. Not verified against Azure: the error codes of the
service rules, when the events of long-running writes fire, which locks a list at a resource shows, durations.
"""

from local.azure.callers import BOT, PIPELINE, PORTAL_USER, Caller
from local.azure.core import SimulatedAzure
from local.azure.messages import NO_ANSWER, ArmError, Exchange, Json, Request, Response
from local.azure.publisher import EventSubscription, HandshakeFailed
from local.azure.server import AzureServer

__all__ = [
    "BOT",
    "NO_ANSWER",
    "PIPELINE",
    "PORTAL_USER",
    "ArmError",
    "AzureServer",
    "Caller",
    "EventSubscription",
    "Exchange",
    "HandshakeFailed",
    "Json",
    "Request",
    "Response",
    "SimulatedAzure",
]
