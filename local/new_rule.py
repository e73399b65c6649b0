"""`python -m local new-rule SERVICE NAME`: a rule, its remediation and their tests, with the blanks marked."""

import importlib
import importlib.util
import keyword
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from local import templates
from local.source import CannotAdd, add_before, add_imports, add_to_tuple, names_in
from local.templates import BLANK, Blanks
from remediation.api_versions import api_version
from remediation.cards import NOUNS
from rules import CATALOGUE, RULES_BY_NAME
from rules.model import Rule

ROOT: Final = Path(__file__).resolve().parents[1]
NAME: Final = re.compile(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*")
TYPE: Final = re.compile(r"Microsoft\.\w+(/\w+)+", re.ASCII)


class Impossible(ValueError):
    """The rule cannot be made; the message says why and what to do."""


def main(service: str, name: str, resource_type: str | None) -> int:
    """Write the files and tell the next steps; returns 2, having changed nothing, where that is impossible."""
    try:
        if importlib.util.find_spec("ruff") is None:
            raise Impossible("ruff is not installed here: run make install")
        blanks = _blanks(_module(service), _identifier(name), resource_type)
        written = _changed(blanks)
    except Impossible as error:
        print(f"Nothing was changed: {error}", file=sys.stderr)
        return 2
    for path, text in written.items():
        path.write_text(text, encoding="utf-8")
    _tidy([*written])
    print(_next_steps(blanks, [*written]))
    return 0


def _module(service: str) -> str:
    """The file of a service, `container_registry`, or of a part of one that has several, `storage.retention`."""
    module = ".".join(map(_identifier, service.split("/")))
    package = module.partition(".")[0]
    modules = {rule.check.__module__.removeprefix("rules.") for rule in CATALOGUE}
    parts = sorted(_written(each) for each in modules if each.startswith(f"{package}."))
    if parts and module not in modules:
        raise Impossible(f"the rules of {_written(package)} stand in several files: name one of {', '.join(parts)}")
    if "." in module and not parts:
        raise Impossible(f"{package} has no files of its parts: name the service alone, or make them by hand")
    return module


def _written(module: str) -> str:
    """A module as people name it: `sql-database/geo`."""
    return module.replace(".", "/").replace("_", "-")


def _identifier(name: str) -> str:
    if not NAME.fullmatch(name):
        raise Impossible(
            f"{name} is no name: write it in lower case with hyphens, as container-registry or premium-sku"
        )
    identifier = name.replace("-", "_")
    if keyword.iskeyword(identifier) or identifier in templates.RESERVED:
        raise Impossible(f"{name} is taken by the language or by the code around it: choose another name")
    return identifier


def _blanks(module: str, function: str, given_type: str | None) -> Blanks:
    resource_type = given_type or _type_of_first_rule(module)
    if not TYPE.fullmatch(resource_type):
        raise Impossible(f"{resource_type} is no resource type: write it as Microsoft.ContainerRegistry/registries")
    blanks = Blanks(module, function, resource_type, _constant(resource_type, module))
    if (known := RULES_BY_NAME.get(blanks.rule)) is not None:
        place = known.check.__module__.replace(".", "/")
        raise Impossible(f"{blanks.rule} is there already, in {place}.py: choose another name")
    return blanks


def _is_new(module: str) -> bool:
    return importlib.util.find_spec(f"rules.{module}") is None


def _type_of_first_rule(module: str) -> str:
    if _is_new(module):
        raise Impossible(f"{module} is a new service: say its resource type with --type Microsoft.X/ys")
    rules: tuple[Rule, ...] = getattr(importlib.import_module(f"rules.{module}"), "RULES", ())
    if not rules:
        raise Impossible(f"rules/{module}.py has no rule yet: say the resource type with --type Microsoft.X/ys")
    return rules[0].applies_to


def _constant(resource_type: str, module: str) -> str:
    """What the file calls the type, or would: `Microsoft.X/flexibleServers` is `FLEXIBLE_SERVERS`."""
    names = {} if _is_new(module) else vars(importlib.import_module(f"rules.{module}"))
    for name, value in names.items():
        if isinstance(value, str) and value.lower() == resource_type.lower():
            return name
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", resource_type.rsplit("/", 1)[-1]).upper()


def _changed(blanks: Blanks) -> Mapping[Path, str]:
    """The new text of every file. Raises Impossible where one cannot be added to."""
    steps = _registrations(blanks) if _is_new(blanks.module) else {}
    file, test = blanks.module.replace(".", "/"), f"test_{blanks.module.replace('.', '_')}"
    steps |= {
        f"rules/{file}.py": _add_rule,
        f"remediation/fixes/{file}.py": _add_remediation,
        f"tests/rules/examples/{blanks.service}.py": _add_examples,
        f"tests/rules/{test}.py": _add_rule_test,
        f"tests/remediation/fixes/{test}.py": _add_remediation_test,
    }
    return {ROOT / name: _applied(name, change, blanks) for name, change in steps.items()}


type Change = Callable[[str, Blanks], str]


def _applied(name: str, change: Change, blanks: Blanks) -> str:
    file = ROOT / name
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    try:
        if clash := names_in(text) & {blanks.function, blanks.planner, f"test_{blanks.function}"}:
            raise Impossible(f"{name} holds the name {', '.join(sorted(clash))} already: choose another name")
        return change(text, blanks)
    except CannotAdd as error:
        raise Impossible(f"{name} cannot be added to: {error}; add the rule by hand") from None


def _registrations(blanks: Blanks) -> dict[str, Change]:
    """What makes a new service known."""
    service = blanks.service

    def register(package: str, collection: str, item: str) -> Change:
        return lambda text, _: add_imports(
            add_to_tuple(text, collection, (item,)), (f"from {package} import {service}",)
        )

    return {
        "rules/__init__.py": register("rules", "CATALOGUE", f"*{service}.RULES"),
        "remediation/fixes/__init__.py": register("remediation.fixes", "REMEDIATIONS", service),
        "tests/rules/examples/__init__.py": register("tests.rules.examples", "EXAMPLES", f"*{service}.EXAMPLES"),
    }


def _add_rule(text: str, blanks: Blanks) -> str:
    text = text or _new(f"{BLANK}: the service. https://learn.microsoft.com/azure/reliability/{BLANK}", "RULES: Final")
    block = templates.rule(blanks)
    if blanks.type_name not in names_in(text):
        block = f'{blanks.type_name}: Final = "{blanks.type}"\n\n{block}'
    text = add_to_tuple(add_before(text, "RULES", block), "RULES", (blanks.function,))
    return add_imports(text, templates.RULE_IMPORTS)


def _add_remediation(text: str, blanks: Blanks) -> str:
    text = text or _new(f"{BLANK}: the service.", "REMEDIATIONS: Final")
    text = add_before(text, "REMEDIATIONS", templates.remediation(blanks))
    text = add_to_tuple(text, "REMEDIATIONS", (blanks.planner,))
    return add_imports(text, templates.remediation_imports(blanks))


def _add_examples(text: str, blanks: Blanks) -> str:
    text = text or '"""Examples, healthy and not."""\n\nEXAMPLES = ()\n'
    return add_imports(add_to_tuple(text, "EXAMPLES", templates.examples(blanks)), templates.EXAMPLE_IMPORTS)


def _add_rule_test(text: str, blanks: Blanks) -> str:
    text = text or f'"""{BLANK}: what passes and what fails."""\n'
    return add_imports(f"{text}\n{templates.rule_test(blanks)}", templates.rule_test_imports(blanks))


def _add_remediation_test(text: str, blanks: Blanks) -> str:
    text = text or f'"""{BLANK}: what exactly would be sent."""\n'
    return add_imports(f"{text}\n{templates.remediation_test(blanks)}", templates.REMEDIATION_TEST_IMPORTS)


def _new(docstring: str, collection: str) -> str:
    return f'"""{docstring}"""\n\nfrom typing import Final\n\n{collection} = ()\n'


def _tidy(files: list[Path]) -> None:
    """Imports in order, and everything formatted."""
    ruff = [sys.executable, "-m", "ruff"]
    subprocess.run([*ruff, "check", "--quiet", "--fix", "--select", "I", *files], cwd=ROOT, check=True)
    subprocess.run([*ruff, "format", "--quiet", *files], cwd=ROOT, check=True)


def _next_steps(blanks: Blanks, files: list[Path]) -> str:
    steps = [
        f"Fill in what is marked {BLANK} (grep -rn {BLANK} rules remediation tests); the tests fail until nothing is.",
        *_of_a_new_type(blanks.type),
        "Name the rule in the line of its service in rules/responsibility/.",
        "Write the pages: python -m local docs",
        "Check everything: make test",
    ]
    return "\n".join(
        (
            f"{blanks.rule} is begun in",
            *(f"  {file.relative_to(ROOT)}" for file in sorted(files)),
            "Next:",
            *(f"  {number}. {step}" for number, step in enumerate(steps, 1)),
        )
    )


def _of_a_new_type(resource_type: str) -> Iterator[str]:
    try:
        api_version(resource_type.lower())
    except KeyError:
        yield f"Pin the api-version of {resource_type} in remediation/api_versions.py."
    if resource_type.lower() not in NOUNS:
        yield f"Name {resource_type} for people in NOUNS in remediation/cards/parts.py."
