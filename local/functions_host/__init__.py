"""A functions host for the desk: indexes function_app.py and runs it through the official azure-functions-runtime.

Real here: indexing, argument conversion and invocation (the worker library Azure runs), and the queue protocol.
Written here after the published sources of the Azure Functions host: triggers, keys, routing, retries, poison queues.
Simulated: Easy Auth, where the app's settings say that it is on. Absent: the Event Grid service itself, scaling,
identity-based connections, blob and table bindings.
"""

from local.functions_host.process import FunctionsHost, HostFailed

__all__ = ["FunctionsHost", "HostFailed"]
