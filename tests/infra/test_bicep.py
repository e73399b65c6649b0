"""The reader of Bicep: what it says, and that it refuses what it does not know."""

import re
from pathlib import Path
from typing import Any

import pytest

from local.bicep.functions import SUBSCRIPTION
from local.bicep.syntax import NotBicep
from local.bicep.template import Template, deployed

type Write = Any
HERE = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg"


def value(folder: Path, expression: str, before: str = "", **parameters: object) -> Any:
    """What an expression is worth."""
    (folder / "main.bicep").write_text(f"{before}\noutput it object = {expression}\n", encoding="utf-8")
    return Template(folder / "main.bicep", parameters, HERE).outputs["it"]


VALUES: dict[str, tuple[str, object]] = {
    "text": ("'it\\'s'", "it's"),
    "text with values": ("'a${1}-${true}-${'b'}'", "a1-true-b"),
    "text of several lines": ("'''\na\nb'''", "a\nb"),
    "number": ("-3", -3),
    "nothing": ("null", None),
    "list": ("[\n  1\n  // a comment\n  'x'\n]", [1, "x"]),
    "object": ("{\n  a: 1\n  'b-${2}': true\n}", {"a": 1, "b-2": True}),
    "choice": ("1 < 2 ? 'yes' : 'no'", "yes"),
    "the other choice": ("1 >= 2 ? 'yes' : 'no'", "no"),
    "not": ("!empty('')", False),
    "and": ("true && 1 == 1", True),
    "and, from the left": ("false && missing", False),
    "or, from the left": ("true || missing", True),
    "brackets": ("(1 + 2) * 3 - 4", 5),
    "property": ("{\n  a: {\n    b: 7\n  }\n}.a.b", 7),
    "item": ("[\n  7\n][0]", 7),
    "loop": ("[for (x, i) in [\n  'a'\n  'b'\n]: '${x}${i}']", ["a0", "b1"]),
    "function": ("union({\n  a: 1\n}, {\n  a: 2\n})", {"a": 2}),
    "the deployment": ("deployment().location", "westeurope"),
    "the group": ("resourceGroup().name", "rg"),
    "another group": ("resourceGroup('rg-2').id", f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-2"),
    "a group elsewhere": ("resourceGroup('s', 'rg-2').id", "/subscriptions/s/resourceGroups/rg-2"),
    "the id of a role": (
        "subscriptionResourceId('Microsoft.Authorization/roleDefinitions', 'x')",
        f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/x",
    ),
    "text of a value": ("string([\n  1\n])", "[1]"),
    "words": ("join(split('a,b', ','), '-')", "a-b"),
    "lists put together": ("concat([\n  1\n], [\n  2\n])", [1, 2]),
}


@pytest.mark.parametrize(("expression", "expected"), VALUES.values(), ids=VALUES)
def test_a_value(tmp_path: Path, expression: str, expected: object) -> None:
    assert value(tmp_path, expression) == expected


def test_parameters_and_variables_are_named(tmp_path: Path) -> None:
    before = "@secure()\nparam given string\nparam kept string = 'default'\nvar both = '${given}-${kept}'"
    assert value(tmp_path, "both", before, given="x") == "x-default"


def test_a_file_of_json_is_read_beside_the_template(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"b": [1]}', encoding="utf-8")
    assert value(tmp_path, "loadJsonContent('a.json').b") == [1]


REFUSED = {
    "no Bicep": ("{", "", "main.bicep:2: cannot be read from"),
    "a name that is declared nowhere": ("missing", "", "main.bicep:2: missing is declared nowhere"),
    "a property that is not there": ("{\n  a: 1\n}.b", "", "main.bicep:2: there is no b"),
    "an unknown function": ("newGuid()", "", "main.bicep:2: the function newGuid is not known here"),
    "an unknown operator": ("1 % 2", "", "main.bicep:2: % is not in the part"),
    "an unknown expression": ("(x => x)", "", "lambda_expression is not in the part"),
    "an unknown declaration": ("1", "type a = string", "main.bicep:1: type is not in the part"),
    "a parameter without a value": ("p", "param p string", "main.bicep:1: the parameter p has no value"),
}


@pytest.mark.parametrize(("expression", "before", "words"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_known_is_refused_with_its_line(tmp_path: Path, expression: str, before: str, words: str) -> None:
    with pytest.raises(NotBicep, match=re.escape(words)):
        value(tmp_path, expression, before)


def test_a_parameter_that_the_template_has_not_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotBicep, match="has no parameter typo"):
        value(tmp_path, "1", "param p string = ''", typo="x")


TEMPLATE = """
param names array = [
  'one'
  'two'
]
resource vault 'A.B/vaults@2026-01-01' = {
  name: 'v'
  location: 'here'
}
resource there 'A.B/vaults@2026-01-01' existing = {
  name: 'w'
  scope: resourceGroup('other')
}
resource secrets 'A.B/vaults/secrets@2026-01-01' = [for name in names: {
  parent: vault
  name: name
  properties: {
    where: vault.location
    uri: vault.properties.uri
    of: there.id
  }
  dependsOn: [
    vault
  ]
}]
resource path 'A.B/vaults/keys@2026-01-01' = {
  name: '${vault.name}/k'
}
resource lock 'C.D/locks@2026-01-01' = {
  name: 'l'
  scope: vault
}
resource left 'A.B/out@2026-01-01' = if (empty(names)) {
  name: 'x'
}
module more 'more.bicep' = if (!empty(names)) {
  name: 'more'
  params: {
    id: secrets[1].id
  }
}
module none 'more.bicep' = [for name in names: if (name == 'three') {
  name: 'none'
}]
output id string = more.outputs.id
output name string = more.name
"""


def test_resources_have_ids_bodies_and_modules(tmp_path: Path) -> None:
    (tmp_path / "main.bicep").write_text(TEMPLATE, encoding="utf-8")
    more = "param id string\nresource r 'E.F/gs@2026-01-01' = {\n  name: 'g'\n  kind: id\n}\noutput id string = r.id\n"
    (tmp_path / "more.bicep").write_text(more, encoding="utf-8")
    found = {each.id.removeprefix(f"{HERE}/providers/"): each for each in deployed(tmp_path / "main.bicep", {})}
    assert list(found) == [
        "A.B/vaults/v",
        "A.B/vaults/v/secrets/one",
        "A.B/vaults/v/secrets/two",
        "A.B/vaults/v/keys/k",
        "A.B/vaults/v/providers/C.D/locks/l",
        "E.F/gs/g",
    ]
    other = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/other/providers/A.B/vaults/w"
    assert found["A.B/vaults/v/secrets/one"].body == {
        "properties": {"where": "here", "uri": "<vault.properties.uri>", "of": other}
    }
    assert found["E.F/gs/g"].body == {"kind": f"{HERE}/providers/A.B/vaults/v/secrets/two"}
    assert found["E.F/gs/g"].full_body["type"] == "E.F/gs"
    assert Template(tmp_path / "main.bicep", {}, HERE).outputs["name"] == "<more.name>"


def test_what_a_resource_waits_for_must_be_declared(tmp_path: Path) -> None:
    text = "resource r 'A.B/cs@2026-01-01' = {\n  name: 'x'\n  dependsOn: [\n    gone\n  ]\n}\n"
    (tmp_path / "main.bicep").write_text(text, encoding="utf-8")
    with pytest.raises(NotBicep, match="gone is declared nowhere"):
        deployed(tmp_path / "main.bicep", {})
