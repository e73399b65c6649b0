"""Every command of the Azure CLI that people are shown exists, takes the options shown, and lacks none that it needs.

`az_commands.json` holds those that were looked up. Before a command or an option is listed there, look it up in
`az <command> --help` of the azure-cli that the file names, installed in an environment of its own (no login needed); a
command of an extension after `az extension add --name <extension>`, or in its reference, which is at
https://learn.microsoft.com/cli/azure. `needs` are the options that the help marks as required, or that it asks for
where there is no `--ids` or `--id`; `takes` are the others that are shown.
"""

import ast
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from remediation.by_hand import command_lines
from tests.remediation.test_by_hand import CASES
from tests.remediation.test_fixes import ADVICE, PLANS

ROOT = Path(__file__).resolve().parents[2]
VERIFIED: Mapping[str, Mapping[str, Sequence[str]]] = json.loads(
    (Path(__file__).parent / "az_commands.json").read_text(encoding="utf-8")
)["commands"]
EVERYWHERE = {"--output", "--query", "--subscription"}
"""Options of every command."""

COMMAND = re.compile(r"\baz (?=[a-z])")
WORDS = re.compile(r"[a-z][a-z0-9-]*(?:\s+[a-z][a-z0-9-]*)*")
END = re.compile(r"[|\n]")
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z0-9-]*")


class Shown(NamedTuple):
    """A command that people are shown: `name` is empty where it is none that was verified."""

    name: str
    options: frozenset[str]
    text: str


def commands(text: str) -> Iterator[Shown]:
    """The commands in a text, each with the options up to the next one, a pipe or the end of the line."""
    for tail in COMMAND.split(text.replace("\\\n", " "))[1:]:
        spoken = WORDS.match(tail)
        words = spoken[0].split() if spoken else []
        names = [" ".join(words[:count]) for count in range(len(words), 0, -1)]
        options = OPTION.findall(END.split(tail, maxsplit=1)[0])
        yield Shown(next((name for name in names if name in VERIFIED), ""), frozenset(options), f"az {tail}")


def strings(value: Any) -> Iterator[str]:
    """Every text in a plan or guidance."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from strings([*value.values()])
    elif isinstance(value, list | tuple):
        for each in value:
            yield from strings(each)


def rendered() -> Iterator[str]:
    """What planners say about every example that a rule fails, and what a person may run in place of each write."""
    for advice in ADVICE:
        yield from strings(asdict(advice))
    for _, made in PLANS:
        yield from strings(asdict(made))
        for write in made.writes:
            yield "\n".join(command_lines(made, write))
            yield "\n".join(command_lines(made, replace(write, etag="a")))
    for (made, write), _ in CASES.values():
        yield "\n".join(command_lines(made, write))


def literals(file: Path) -> Iterator[str]:
    """The strings of a module, with a blank where a value is put in."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "<>" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def sources() -> Iterator[str]:
    """What the code and the pages say, whatever example would bring it up."""
    for folder in ("rules", "remediation", "local"):
        for file in (ROOT / folder).rglob("*.py"):
            if "node_modules" not in file.parts:
                yield from literals(file)
    for page in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "infra").rglob("*.md")):
        yield page.read_text(encoding="utf-8")


RENDERED = list(dict.fromkeys(shown for text in rendered() for shown in commands(text)))
ALL = list(dict.fromkeys([*RENDERED, *(shown for text in sources() for shown in commands(text))]))


@pytest.mark.parametrize("shown", ALL, ids=range(len(ALL)))
def test_a_command_and_its_options_were_verified(shown: Shown) -> None:
    assert shown.name, f"not in az_commands.json: {shown.text}"
    known = {*EVERYWHERE, *VERIFIED[shown.name]["needs"], *VERIFIED[shown.name]["takes"]}
    assert shown.options <= known, f"not verified of az {shown.name}: {sorted(shown.options - known)}"


@pytest.mark.parametrize("shown", RENDERED, ids=range(len(RENDERED)))
def test_a_line_to_copy_lacks_nothing(shown: Shown) -> None:
    """A command named without any option is a hint where to look, not a line to copy."""
    if shown.options:
        assert shown.options.issuperset(VERIFIED[shown.name]["needs"]), shown.text


def test_only_what_is_shown_is_listed() -> None:
    for name, verified in VERIFIED.items():
        seen = [shown.options for shown in ALL if shown.name == name]
        assert seen, name
        assert {*verified["takes"]} - frozenset().union(*seen) == set(), name


TEXTS: Mapping[str, tuple[str, str, set[str]]] = {
    "in a sentence": ("Run az aks update --name a --tier standard at night.", "aks update", {"--name", "--tier"}),
    "words after it": ("(az keyvault key backup, and so on)", "keyvault key backup", set()),
    "up to a pipe": ("az resource show --ids ID | jq --raw", "resource show", {"--ids"}),
    "on two lines": ("az aks update \\\n  --name a", "aks update", {"--name"}),
    "nobody knows it": ("az aks list-vm-skus --size a", "", {"--size"}),
    "a name with dashes": ("az tag update --tags a--b=c", "tag update", {"--tags"}),
}


@pytest.mark.parametrize(("text", "name", "options"), TEXTS.values(), ids=TEXTS)
def test_commands_are_found_in_texts(text: str, name: str, options: set[str]) -> None:
    (shown,) = commands(text)
    assert (shown.name, {*shown.options}) == (name, options)


def test_each_command_of_a_text_has_its_own_options() -> None:
    first, second = commands("az acr import --name a --source b; then az aks update --name c.")
    assert (first.name, {*first.options}) == ("acr import", {"--name", "--source"})
    assert (second.name, {*second.options}) == ("aks update", {"--name"})
