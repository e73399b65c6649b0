"""What `new-rule` writes. FILL-IN marks what is left to do: a test finds every one that is still there."""

from dataclasses import dataclass
from typing import Final

BLANK: Final = "FILL-IN"

RESERVED: Final = frozenset(
    {"azure", "finding", "guidance", "judged", "pytest", "remediates", "resource", "rule", "unknown", "verdict"}
)
"""Names that the templates use themselves."""


@dataclass(frozen=True, slots=True)
class Blanks:
    """What is known of a new rule. `module` is its file (`storage.retention`), `type_name` what that calls the type."""

    module: str
    function: str
    type: str
    type_name: str

    @property
    def service(self) -> str:
        """Its service, whose examples stand in one file."""
        return self.module.partition(".")[0]

    @property
    def rule(self) -> str:
        """Its public name."""
        return f"{self.service}/{self.function}".replace("_", "-")

    @property
    def planner(self) -> str:
        """The name of its remediation's planner."""
        return f"mend_{self.function}"

    @property
    def path(self) -> str:
        """The type with a name after each of its parts, as `tests.builders.azure` takes it."""
        provider, *parts = self.type.split("/")
        return "/".join((provider, *(f"{part}/fill-in" for part in parts)))


def rule(blanks: Blanks) -> str:
    """A rule that answers UNKNOWN."""
    return f'''
@rule(
    title="{BLANK}: what good looks like",
    severity=Severity.MEDIUM,
    applies_to={blanks.type_name},
    references=References(learn=("https://learn.microsoft.com/azure/{BLANK}",)),
)
def {blanks.function}(resource: Resource) -> Verdict:
    """{BLANK}: what holds of a good one.

    What it checks
        {BLANK}: which property, of which resources, and the default that Azure documents for it.

    Why it matters
        {BLANK}: what stops working in Azure Machine Learning. Shown in chat.

    How it is fixed
        {BLANK}: by itself, after approval or by people, and how.

    References
        {BLANK}: what the references above say.
    """
    if resource.get("properties.{BLANK}") is None:
        return unknown("Azure did not say {BLANK}")
    return unknown("{BLANK}: the rule is not written yet")
'''


RULE_IMPORTS: Final = ("from rules.model import References, Resource, Severity, Verdict, rule, unknown",)


def remediation(blanks: Blanks) -> str:
    """A remediation that guides."""
    return f'''
@remediates({blanks.function})
def {blanks.planner}(resource: Resource) -> Guidance:
    """{BLANK}: why people must do it, or what is changed."""
    return Guidance(
        why_no_plan="{BLANK}: why no write can do it.",
        steps=(f"{BLANK}: what to do on {{resource.name}}.",),
        cost="{BLANK} (estimate)",
        effort="{BLANK}",
    )
'''


def remediation_imports(blanks: Blanks) -> tuple[str, ...]:
    """What the remediation needs."""
    return (
        "from remediation.plan import Guidance, remediates",
        "from rules.model import Resource",
        f"from rules.{blanks.module} import {blanks.function}",
    )


def examples(blanks: Blanks) -> tuple[str, str]:
    """Items of EXAMPLES."""
    example = f'Resource.of(azure("{blanks.path}"))'
    return (
        f"# {BLANK}: one that fails {blanks.rule}\n{example}",
        f"# {BLANK}: one that passes it\n{example}",
    )


EXAMPLE_IMPORTS: Final = ("from rules.model import Resource", "from tests.builders import azure")


def rule_test(blanks: Blanks) -> str:
    """A table of situations, which the rule as written above does not pass."""
    cases = f"{blanks.function.upper()}_CASES"
    return f'''
{cases} = {{
    "{BLANK}: as it should be": (azure("{blanks.path}"), Status.PASS, "{BLANK}"),
    "{BLANK}: not so": (azure("{blanks.path}"), Status.FAIL, "{BLANK}"),
    "{BLANK}: nothing said": (azure("{blanks.path}"), Status.UNKNOWN, "{BLANK}"),
}}


@pytest.mark.parametrize(("body", "status", "words"), {cases}.values(), ids={cases})
def test_{blanks.function}(body: dict[str, object], status: Status, words: str) -> None:
    verdict = judged({blanks.function}, Resource.of(body))
    assert verdict.status is status
    assert words in verdict.because
'''


def rule_test_imports(blanks: Blanks) -> tuple[str, ...]:
    """What the table needs."""
    return (
        "import pytest",
        "from rules.model import Resource, Status",
        f"from rules.{blanks.module} import {blanks.function}",
        "from tests.builders import azure, judged",
    )


def remediation_test(blanks: Blanks) -> str:
    """What people are told, which the remediation as written above does not say."""
    return f'''
def test_people_are_told_how_to_{blanks.planner}() -> None:
    advice = guidance(finding("{blanks.rule}", Resource.of(azure("{blanks.path}"))))
    assert "{BLANK}: words of the last step" in advice.steps[-1]
'''


REMEDIATION_TEST_IMPORTS: Final = (
    "from rules.model import Resource",
    "from tests.builders import azure, finding, guidance",
)
