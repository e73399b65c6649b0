"""docs/rules/README.md: who is responsible for what, service by service, and every rule."""

from collections.abc import Iterator

from local.pages.markdown import link_to, table
from local.pages.rules import fixed
from rules import CATALOGUE, RULES_BY_NAME
from rules.responsibility import PAGE, TABLE, Group, Responsibility

INTRODUCTION = f"""# Rules

Who sees to the high availability of what an Azure Machine Learning workspace stands on, in the order of
[Microsoft's page]({PAGE}), and the rules that watch it. [Another page](../remediations.md) says what is done about
failures."""
HEAD = ("service", "managed by", "highly available by default", "what is yours to do", "rules")


def page() -> str:
    """A table of the services for each group, and the plain table of all rules."""
    rules = [
        (link_to(rule), rule.title, rule.severity, fixed(rule))
        for rule in sorted(CATALOGUE, key=lambda rule: rule.name)
    ]
    everything = table(("rule", "what good looks like", "severity", "fixed"), rules)
    return "\n\n".join((INTRODUCTION, *map(_group, Group), f"## All rules\n\n{everything}")) + "\n"


def _group(group: Group) -> str:
    services = [service for service in TABLE if service.group is group]
    parts = (f"## {group}", table(HEAD, map(_row, services)), "\n".join(_notes(services)))
    return "\n\n".join(part for part in parts if part)


def _row(service: Responsibility) -> tuple[str, ...]:
    by_default = f"**{service.by_default}.** {service.because}"
    rules = "<br>".join(link_to(RULES_BY_NAME[name]) for name in service.rules)
    return (service.service, service.managed_by, by_default, service.yours, rules)


def _notes(services: list[Responsibility]) -> Iterator[str]:
    """What is good to know: each note once, with all services that it is about."""
    for note in dict.fromkeys(note for service in services for note in service.notes):
        yield f"- {', '.join(service.service for service in services if note in service.notes)}: {note}"
