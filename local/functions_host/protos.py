"""Plain stand-ins for the protobuf messages the worker library speaks; this module itself is its `protos` object.

Names and fields are those of Azure Functions' FunctionRpc.proto. A field that was not set reads as None.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import IntEnum
from types import SimpleNamespace
from typing import ClassVar

# TypedData has fields of these names.
Bytes = bytes
Int = int

# Written by the worker library, read by nobody here.
WorkerMetadata = SimpleNamespace
RpcRetryOptions = SimpleNamespace
FunctionLoadResponse = SimpleNamespace
FunctionEnvironmentReloadResponse = SimpleNamespace


@dataclass(frozen=True, slots=True)
class TypedData:
    """One value on its way into or out of a function: exactly one field is set, or none for "no value"."""

    string: str | None = None
    json: str | None = None
    bytes: Bytes | None = None
    http: "RpcHttp | None" = None
    int: Int | None = None
    double: float | None = None
    collection_string: Sequence[str] | None = None

    def WhichOneof(self, _group: str) -> str | None:  # noqa: N802 - protobuf's name
        """The name of the field that is set."""
        return next((f.name for f in fields(self) if getattr(self, f.name) is not None), None)


@dataclass(frozen=True, slots=True)
class ParameterBinding:
    """A value with the name of the parameter it belongs to."""

    name: str
    data: TypedData | None

    def WhichOneof(self, _group: str) -> str:  # noqa: N802 - protobuf's name
        """Values always travel in the message, never in shared memory."""
        return "data"


@dataclass(frozen=True, slots=True)
class RpcException:
    """What a function raised: `TypeName: text`, and the traceback."""

    message: str = ""
    stack_trace: str = ""


@dataclass(frozen=True, slots=True)
class StatusResult:
    """How a request to the worker library ended."""

    status: int
    exception: RpcException | None = None

    Failure: ClassVar[int] = 0
    Success: ClassVar[int] = 1
    Cancelled: ClassVar[int] = 2


@dataclass(frozen=True, slots=True)
class WorkerInitResponse:
    """The answer to the first request, in which the app is imported and indexed."""

    result: StatusResult
    capabilities: Mapping[str, str]
    worker_metadata: SimpleNamespace


@dataclass(frozen=True, slots=True)
class RpcFunctionMetadata:
    """One function as indexed. `raw_bindings` are JSON texts, as function.json would hold them."""

    name: str
    function_id: str
    raw_bindings: Sequence[str]
    bindings: Mapping[str, "BindingInfo"]
    directory: str
    script_file: str
    entry_point: str
    language: str
    is_proxy: bool
    managed_dependency_enabled: bool
    retry_options: SimpleNamespace | None
    properties: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FunctionMetadataResponse:
    """All functions of the app, None where there is no function_app.py."""

    use_default_metadata_indexing: bool
    function_metadata_results: Sequence[RpcFunctionMetadata] | None
    result: StatusResult


@dataclass(frozen=True, slots=True)
class BindingInfo:
    """Type, data type and direction of one binding."""

    type: str
    data_type: int | None
    direction: int

    out: ClassVar[int] = 1
    inout: ClassVar[int] = 2
    undefined: ClassVar[int] = 0
    string: ClassVar[int] = 1
    binary: ClassVar[int] = 2
    stream: ClassVar[int] = 3


@dataclass(frozen=True, slots=True)
class InvocationResponse:
    """How an invocation ended and what it returned."""

    invocation_id: str
    result: StatusResult
    return_value: TypedData | None = None
    output_data: Sequence[ParameterBinding] = ()


@dataclass(frozen=True, slots=True)
class NullableString:
    """A text."""

    value: str


@dataclass(frozen=True, slots=True)
class NullableBool:
    """A truth value."""

    value: bool


@dataclass(frozen=True, slots=True)
class NullableDouble:
    """A number."""

    value: float


@dataclass(frozen=True, slots=True)
class Timestamp:
    """Seconds since 1970, UTC."""

    seconds: int


@dataclass(frozen=True, slots=True)
class NullableTimestamp:
    """A point in time."""

    value: Timestamp


# The functional form, because None cannot be written as a member's name.
SameSite = IntEnum("SameSite", {"None": 0, "Lax": 1, "Strict": 2, "ExplicitNone": 3})


@dataclass(frozen=True, slots=True)
class RpcHttpCookie:
    """One cookie of an HTTP response."""

    name: str
    value: str
    domain: NullableString | None = None
    path: NullableString | None = None
    expires: NullableTimestamp | None = None
    secure: NullableBool | None = None
    http_only: NullableBool | None = None
    same_site: int = 0
    max_age: NullableDouble | None = None

    SameSite: ClassVar[type[IntEnum]] = SameSite


@dataclass(frozen=True, slots=True)
class RpcHttp:
    """An HTTP request (method, url, query, params = route values) or response (status_code, cookies)."""

    method: str = ""
    url: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    body: TypedData = TypedData()
    status_code: str = "200"
    cookies: Sequence[RpcHttpCookie] | None = None
    enable_content_negotiation: bool = False
