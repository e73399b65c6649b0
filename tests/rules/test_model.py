"""The words of rules: resources made of bodies, values at paths, rules named after where they stand."""

from dataclasses import replace
from typing import Any

import pytest

from rules import model
from rules.model import Finding, Resource, Role, Rule, Severity, Status, Use, Verdict
from rules.values import value_at
from tests.builders import REGISTRY_ID, STORAGE_ID, registry


def test_a_resource_is_made_of_its_body() -> None:
    resource = Resource.of(registry(location="East US 2"))
    assert (resource.id, resource.type) == (REGISTRY_ID, "microsoft.containerregistry/registries")
    assert (resource.location, resource.name) == ("eastus2", "crml")


TYPES = {
    "the type it says": ({"type": "Microsoft.X/ys"}, "microsoft.x/ys"),
    "that of its id": ({"id": REGISTRY_ID}, "microsoft.containerregistry/registries"),
    "its id, when the type is none": ({"id": STORAGE_ID, "type": "account"}, "microsoft.storage/storageaccounts"),
    "its id, when the type is no text": ({"id": STORAGE_ID, "type": 7}, "microsoft.storage/storageaccounts"),
}


@pytest.mark.parametrize(("body", "kind"), TYPES.values(), ids=TYPES)
def test_the_type_of_a_resource_is(body: dict[str, Any], kind: str) -> None:
    assert Resource.of(body).type == kind


@pytest.mark.parametrize("body", [{}, {"id": 7}, {"id": "crml"}, {"type": "registries"}, {"id": None, "type": None}])
def test_a_body_that_does_not_say_what_it_is_makes_no_resource(body: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="no resource"):
        Resource.of(body)


def test_what_is_missing_is_empty() -> None:
    resource = Resource.of({"type": "Microsoft.X/ys", "id": 7, "location": 7})
    assert (resource.id, resource.location, resource.name) == ("", "", "")
    assert (resource.children, resource.uses) == ({}, ())


NAMES = {
    "the name it says": ({"name": "a"}, "a"),
    "the end of its id": ({}, "crml"),
    "the end of its id, when the name is empty": ({"name": ""}, "crml"),
    "the end of its id, when the name is no text": ({"name": ["a"]}, "crml"),
}


@pytest.mark.parametrize(("body", "name"), NAMES.values(), ids=NAMES)
def test_the_name_of_a_resource_is(body: dict[str, Any], name: str) -> None:
    assert Resource.of({"id": REGISTRY_ID, **body}).name == name


BODY = {"a": {"b": {"c": 1}, "none": None, "list": [{"c": 1}], "no": False}, "a.b": 2}
PATHS = {
    "a": BODY["a"],
    "a.b.c": 1,
    "a.no": False,
    "a.none": None,
    "a.none.c": None,
    "a.list.c": None,
    "a.b.c.d": None,
    "x": None,
    "x.y": None,
    "": None,
}


@pytest.mark.parametrize(("path", "value"), PATHS.items())
def test_the_value_at_a_path(path: str, value: object) -> None:
    assert value_at(BODY, path) == value
    assert Resource.of({"type": "Microsoft.X/ys", **BODY}).get(path) == value


OBJECTS = {
    "an object": ("a.b", True, False),
    "null": ("a.none", False, False),
    "nothing": ("a.other.b", False, False),
    "a list": ("a.list", False, True),
    "a truth value": ("a.no", False, True),
    "a number": ("a.b.c", False, True),
}


@pytest.mark.parametrize(("path", "holds", "unreadable"), OBJECTS.values(), ids=OBJECTS)
def test_an_object_is_there_or_not_or_something_else_is(path: str, holds: bool, unreadable: bool) -> None:
    resource = Resource.of({"type": "Microsoft.X/ys", **BODY})
    assert (resource.holds(path), resource.unreadable(path)) == (holds, unreadable)


def test_a_child_is_one_body_and_a_collection_is_many() -> None:
    resource = Resource.of(registry(), {"config/default": {"name": "default"}, "replications": [{"name": "eastus"}]})
    assert resource.child("config/default") == {"name": "default"}
    assert resource.collection("replications") == [{"name": "eastus"}]
    assert resource.child("replications") is resource.child("missing") is None
    assert resource.collection("config/default") is resource.collection("missing") is None


def test_an_empty_collection_was_read() -> None:
    assert Resource.of(registry(), {"replications": []}).collection("replications") == []


def test_roles_are_named_once() -> None:
    uses = [Use(Role.DEFAULT_STORAGE, "a"), Use(Role.DEFAULT_STORAGE, "b"), Use(Role.HDINSIGHT_STORAGE)]
    resource = Resource.of(registry(), uses=uses)
    assert resource.roles == {Role.DEFAULT_STORAGE, Role.HDINSIGHT_STORAGE}
    assert resource.uses == tuple(uses)


VERDICTS = {
    Status.PASS: model.passed("so"),
    Status.FAIL: model.failed("so"),
    Status.NOT_APPLICABLE: model.not_applicable("so"),
    Status.UNKNOWN: model.unknown("so"),
}


@pytest.mark.parametrize(("status", "verdict"), VERDICTS.items())
def test_each_word_makes_its_verdict(status: Status, verdict: Verdict) -> None:
    assert verdict == Verdict(status, "so")


def no_name_given(resource: Resource) -> Verdict:
    return model.passed(resource.name)


def undocumented(resource: Resource) -> Verdict:
    """Its page."""
    return model.passed(resource.name)


def make(check: Any, **more: Any) -> Rule:
    return model.rule(title="A title", severity=Severity.LOW, applies_to="Microsoft.X/ys", **more)(check)


@pytest.mark.parametrize("module", ["rules.new_service", "rules.new_service.part", "new_service"])
def test_a_rule_is_named_after_its_service_and_function(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(no_name_given, "__module__", module)
    found = make(no_name_given)
    assert found.name == "new-service/no-name-given"
    assert (found.title, found.severity, found.applies_to) == ("A title", Severity.LOW, "Microsoft.X/ys")
    assert (found.reads, found.references) == ((), model.References())


def test_a_rule_keeps_what_it_reads_and_refers_to() -> None:
    references = model.References(psrule=("Azure.X",))
    found = make(no_name_given, reads=("replications",), references=references)
    assert (found.reads, found.references) == (("replications",), references)


def test_a_rules_page_is_the_docstring_of_its_check() -> None:
    assert make(undocumented).documentation == "Its page."
    assert make(no_name_given).documentation == ""


def test_a_finding_holds_rule_resource_and_verdict() -> None:
    found, resource = make(no_name_given), Resource.of(registry())
    finding = Finding(found, resource, found.check(resource))
    assert finding.verdict == model.passed("crml")


def with_page(resource: Resource) -> Verdict:
    """Its page.

    What it checks
        One line,
        and another.

        And a paragraph.

    Why it matters
        A reason.
    """
    return model.passed(resource.name)


SECTIONS = {
    "What it checks": "One line, and another. And a paragraph.",
    "Why it matters": "A reason.",
    "How it is fixed": "",
    "matters": "",
}


@pytest.mark.parametrize(("heading", "text"), SECTIONS.items())
def test_a_part_of_a_rules_page_is_one_line(heading: str, text: str) -> None:
    assert make(with_page).section(heading) == text


def test_what_is_made_of_a_resource_is_made_once() -> None:
    made: list[str] = []

    def name_of(found: Resource) -> str:
        made.append(found.name)
        return found.name

    resource = Resource.of(registry())
    assert [resource.kept(name_of), resource.kept(name_of)] == ["crml", "crml"]
    assert made == ["crml"]
    assert resource == Resource.of(registry()), "what is kept is no part of it"


def test_what_was_looked_up_is_that_of_the_body_at_hand() -> None:
    resource = Resource.of(registry("Basic"))
    assert (resource.get("sku.name"), resource.text("sku.name"), resource.text("sku.name")) == (
        "Basic",
        "basic",
        "basic",
    )
    again = replace(resource, body=registry("Premium"))
    assert again.text("sku.name") == "premium"
    assert (resource.get("nothing"), resource.get("nothing"), resource.text("kind")) == (None, None, None)


TYPED = {
    "text": ("text", {"Basic": "basic", "": None, 7: None, True: None}),
    "flag": ("flag", {True: True, False: False, "true": None, "": None}),
    "number": ("number", {7: 7, 0.5: 0.5, "7": None, "": None}),
}


@pytest.mark.parametrize(("method", "values"), TYPED.values(), ids=TYPED)
def test_a_value_of_another_type_is_none(method: str, values: dict[Any, Any]) -> None:
    for given, found in values.items():
        resource = Resource.of({"type": "Microsoft.X/ys", "a": {"b": given}})
        assert getattr(resource, method)("a.b") == found
        assert getattr(resource, method)("a.c") is None


def test_a_truth_value_is_no_number() -> None:
    assert Resource.of({"type": "Microsoft.X/ys", "a": True}).number("a") is None


LISTS: dict[str, tuple[Any, Any]] = {
    "objects": ([{"a": 1}, {}], [{"a": 1}, {}]),
    "none": ([], []),
    "an object among others": ([{"a": 1}, 7], None),
    "an object": ({"a": 1}, None),
    "nothing": (None, None),
}


@pytest.mark.parametrize(("given", "found"), LISTS.values(), ids=LISTS)
def test_a_list_of_anything_but_objects_is_none(given: Any, found: Any) -> None:
    assert Resource.of({"type": "Microsoft.X/ys", "a": given}).objects("a") == found


def test_the_name_of_a_tag_has_no_case() -> None:
    resource = Resource.of({"type": "Microsoft.X/ys", "tags": {"Env": "Prod", "n": 7}})
    assert (resource.tag("env"), resource.tag("n"), resource.tag("x")) == ("Prod", None, None)
    assert Resource.of({"type": "Microsoft.X/ys", "tags": ["env"]}).tag("env") is None
