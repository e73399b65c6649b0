"""Cuts the shapes in `shapes/` from the models of Microsoft's management SDKs for Python, which are MIT-licensed.

Not a test: run it where the packages of WANTED are installed, in an environment of its own, when a template deploys
another type or a newer api-version. The models tell of every property whether it is required or read-only, and the
values of its enum.

    python -m venv sdk && sdk/bin/pip install azure-mgmt-web azure-mgmt-eventgrid …
    sdk/bin/python tests/infra/cut_shapes.py tests/infra/shapes
"""

import datetime
import importlib
import inspect
import json
import re
import sys
import typing
from collections.abc import Iterator, Mapping
from enum import Enum
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, NamedTuple

type Schema = dict[str, Any]


class Wanted(NamedTuple):
    """A type with the SDK's model of its body; `name` where resources of the type differ by their names."""

    kind: str
    api_version: str
    module: str
    model: str
    name: str = ""


STORAGE: Final = "Microsoft.Storage/storageAccounts"
WANTED: Final = (
    Wanted(
        "Microsoft.Authorization/roleAssignments",
        "2022-04-01",
        "authorization.v2022_04_01",
        "RoleAssignmentCreateParameters",
    ),
    Wanted("Microsoft.Authorization/roleDefinitions", "2022-04-01", "authorization.v2022_04_01", "RoleDefinition"),
    Wanted("Microsoft.EventGrid/eventSubscriptions", "2025-02-15", "eventgrid", "EventSubscription"),
    Wanted("Microsoft.EventGrid/systemTopics", "2025-02-15", "eventgrid", "SystemTopic"),
    Wanted("Microsoft.EventGrid/systemTopics/eventSubscriptions", "2025-02-15", "eventgrid", "EventSubscription"),
    Wanted("Microsoft.Insights/actionGroups", "2023-01-01", "monitor", "ActionGroupResource"),
    Wanted("Microsoft.Insights/scheduledQueryRules", "2023-12-01", "monitor", "ScheduledQueryRuleResource"),
    Wanted("Microsoft.KeyVault/vaults/secrets", "2026-02-01", "keyvault", "SecretCreateOrUpdateParameters"),
    Wanted("Microsoft.ManagedIdentity/userAssignedIdentities", "2024-11-30", "msi.v2024_11_30", "Identity"),
    Wanted("Microsoft.Resources/resourceGroups", "2025-04-01", "resource.resources", "ResourceGroup"),
    Wanted(f"{STORAGE}/blobServices", "2026-04-01", "storage", "BlobServiceProperties"),
    Wanted(f"{STORAGE}/blobServices/containers", "2026-04-01", "storage", "BlobContainer"),
    Wanted(f"{STORAGE}/fileServices", "2026-04-01", "storage", "FileServiceProperties"),
    Wanted(f"{STORAGE}/managementPolicies", "2026-04-01", "storage", "ManagementPolicy"),
    Wanted(f"{STORAGE}/queueServices", "2026-04-01", "storage", "QueueServiceProperties"),
    Wanted(f"{STORAGE}/queueServices/queues", "2026-04-01", "storage", "StorageQueue"),
    Wanted(f"{STORAGE}/tableServices", "2026-04-01", "storage", "TableServiceProperties"),
    Wanted(f"{STORAGE}/tableServices/tables", "2026-04-01", "storage", "Table"),
    Wanted("Microsoft.Web/serverfarms", "2025-05-01", "web", "AppServicePlan"),
    Wanted("Microsoft.Web/sites", "2025-05-01", "web", "Site"),
    Wanted(
        "Microsoft.Web/sites/basicPublishingCredentialsPolicies",
        "2025-05-01",
        "web",
        "CsmPublishingCredentialsPoliciesEntity",
    ),
    Wanted("Microsoft.Web/sites/config", "2025-05-01", "web", "SiteAuthSettingsV2", "authsettingsV2"),
    Wanted("Microsoft.Web/sites/config", "2025-05-01", "web", "StringDictionary", "appsettings"),
)
TEXT: Final[Schema] = {"type": "string"}
WHOLE: Final[Schema] = {"type": "integer"}
ANYTHING: Final[Schema] = {}
WORDS: Final[Mapping[str, Schema]] = {
    **dict.fromkeys(("str", "iso-8601", "duration"), TEXT),
    **dict.fromkeys(("int", "long"), WHOLE),
    **dict.fromkeys(("object", "JSON"), ANYTHING),
    "bool": {"type": "boolean"},
    "float": {"type": "number"},
}
"""What the older models call simple types."""
TYPES: Final[Mapping[Any, Schema]] = {
    **dict.fromkeys((str, bytes, datetime.datetime, datetime.timedelta), TEXT),
    **dict.fromkeys((object, Any), ANYTHING),
    bool: {"type": "boolean"},
    int: WHOLE,
    float: {"type": "number"},
}


def main(folder: Path) -> None:
    """Write a file for each type that is wanted."""
    for wanted in WANTED:
        package = f"azure-mgmt-{wanted.module.partition('.')[0]}"
        shapes = Shapes(importlib.import_module(f"azure.mgmt.{wanted.module}.models"))
        root = shapes.reference(wanted.model)
        _name_and_id(shapes.made[wanted.model])
        about = {"x-type": wanted.kind, "x-api-version": wanted.api_version}
        about |= {"x-name": wanted.name} if wanted.name else {}
        about |= {"x-source": f"{package} {version(package)}, {wanted.model}"}
        name = "_".join(filter(None, (*wanted.kind.split("/"), wanted.name)))
        text = json.dumps({**about, **root, "$defs": shapes.made}, separators=(",", ":"))
        (folder / f"{name}@{wanted.api_version}.json").write_text(f"{text}\n", encoding="utf-8")


def _name_and_id(shape: Schema) -> None:
    """What Resource Manager has of every resource, also where the model leaves it out; its name is the client's."""
    for name in ("id", "type", "name"):
        shape["properties"].setdefault(name, TEXT)
    shape["x-readonly"] = sorted({*shape["x-readonly"], "id", "type"} - {"name"})


def _object() -> Schema:
    return {"type": "object", "properties": {}, "additionalProperties": False, "x-readonly": [], "required": []}


def _union(key: str, kinds: Mapping[str, Schema]) -> Schema:
    """One of several objects, told apart by the value of a property."""
    cases = [
        {"if": {"properties": {key: {"const": kind}}, "required": [key]}, "then": shape}
        for kind, shape in kinds.items()
    ]
    return {"type": "object", "properties": {key: {"enum": [*kinds]}}, "required": [key], "allOf": cases}


class Shapes:
    """JSON Schemas of the models of one package, made when they are referred to."""

    def __init__(self, models: Any) -> None:
        self._models = models
        self.made: dict[str, Schema] = {}

    def reference(self, name: str, *, is_kind: bool = False) -> Schema:
        """A reference to the shape of a model; `is_kind`: of one of several that are told apart."""
        if name not in self.made:
            self.made[name] = {}  # a model may contain itself
            model = getattr(self._models, name)
            make = self._older if hasattr(model, "_attribute_map") else self._newer
            self.made[name] = make(model, is_kind)
        return {"$ref": f"#/$defs/{name}"}

    def _older(self, model: Any, is_kind: bool) -> Schema:
        """Models that describe themselves in `_attribute_map` and `_validation`."""
        if (kinds := getattr(model, "_subtype_map", {})) and not is_kind:
            ((attribute, names),) = kinds.items()
            shapes = {kind: self.reference(name, is_kind=True) for kind, name in names.items()}
            return _union(model._attribute_map[attribute]["key"].replace("\\.", "."), shapes)
        root = _object()
        for attribute, entry in model._attribute_map.items():
            *outer, last = (part.replace("\0", ".") for part in entry["key"].replace("\\.", "\0").split("."))
            at = root
            for part in outer:
                at = at["properties"].setdefault(part, _object())
            at["properties"][last] = self._named_type(model, attribute, entry["type"])
            rules = model._validation.get(attribute, {})
            if rules.get("readonly"):
                at["x-readonly"].append(last)
            elif rules.get("required"):
                at["required"].append(last)
        return root

    def _named_type(self, model: Any, attribute: str, kind: str) -> Schema:
        if kind.startswith("["):
            return {"type": "array", "items": self._named_type(model, attribute, kind[1:-1])}
        if kind.startswith("{"):
            return {"type": "object", "additionalProperties": self._named_type(model, attribute, kind[1:-1])}
        said = re.search(rf":vartype {attribute}: (?:list\[)?str or\s+~[\w.]*\.(\w+)", inspect.getdoc(model) or "")
        if kind == "str" and said:
            return _enum(getattr(self._models, said[1]))
        return WORDS[kind] if kind in WORDS else self._type(getattr(self._models, kind))

    def _newer(self, model: Any, is_kind: bool) -> Schema:
        """Models that describe themselves in annotated fields."""
        fields = dict(_fields(model))
        if (kinds := getattr(model, "__mapping__", {})) and not is_kind:
            key = next(name for name, (_, field) in fields.items() if field._is_discriminator)
            return _union(key, {kind: self.reference(each.__name__, is_kind=True) for kind, each in kinds.items()})
        shape, hints = _object(), self._hints(model)
        for name, (attribute, field) in fields.items():
            shape["properties"][name] = self._type(hints[attribute])
            if field._visibility == ["read"]:
                shape["x-readonly"].append(name)
            elif type(None) not in typing.get_args(hints[attribute]):
                shape["required"].append(name)
        return shape

    def _hints(self, model: Any) -> dict[str, Any]:
        local = {"_models": self._models, "datetime": datetime}
        hints: dict[str, Any] = {}
        for base in reversed(model.__mro__):
            if base.__module__.startswith("azure.") and "__annotations__" in base.__dict__:
                known = vars(sys.modules[base.__module__]) | vars(self._models)
                hints |= typing.get_type_hints(base, known, local)
        return hints

    def _type(self, hint: Any) -> Schema:
        inner = [each for each in typing.get_args(hint) if each is not type(None)]
        match typing.get_origin(hint):
            case None:
                is_enum = inspect.isclass(hint) and issubclass(hint, Enum)
                return TYPES[hint] if hint in TYPES else _enum(hint) if is_enum else self.reference(hint.__name__)
            case kind if kind is list:
                return {"type": "array", "items": self._type(inner[0])}
            case kind if kind is dict:
                return {"type": "object", "additionalProperties": self._type(inner[1])}
            case kind if kind is typing.Literal:
                return {"enum": [getattr(each, "value", each) for each in inner]}
            case _:  # a text or an enum: the enum says more
                enums = [each for each in inner if inspect.isclass(each) and issubclass(each, Enum)]
                return self._type((enums or inner)[0])


def _fields(model: Any) -> Iterator[tuple[str, tuple[str, Any]]]:
    """The name of each property in JSON, with its attribute and its field."""
    for base in reversed(model.__mro__):
        for attribute, field in base.__dict__.items():
            if type(field).__name__ == "_RestField":
                yield field._rest_name_input or attribute, (attribute, field)


def _enum(values: Any) -> Schema:
    return {"type": "string", "enum": [each.value for each in values], "x-open": True}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
