"""What a scan found: one line for each rule and resource, as stored, shown and exported. Pure data."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from remediation.fixes import REMEDIATIONS
from rules.model import Finding, Role, Severity, Status, Use


@dataclass(frozen=True, slots=True)
class Result:
    """A rule's verdict on a resource. `safety` is SAFE, APPROVE or GUIDE, empty where nothing answers the rule.

    `uses`: which workspaces depend on the resource, and as what.
    """

    resource_id: str
    type: str
    location: str
    rule: str
    title: str
    severity: Severity
    status: Status
    because: str
    safety: str = ""
    uses: tuple[Use, ...] = ()

    @classmethod
    def of(cls, finding: Finding) -> "Result":
        """The result that a finding leads to."""
        rule, resource, verdict = finding
        remediation = REMEDIATIONS.get(rule.name)
        return cls(
            resource.id,
            resource.type,
            resource.location,
            rule.name,
            rule.title,
            rule.severity,
            verdict.status,
            verdict.because,
            remediation.safety.value if remediation else "",
            resource.uses,
        )

    def to_json(self) -> dict[str, Any]:
        """The result as JSON data. Written out: there are thousands in each page of a scan."""
        return {
            "resource_id": self.resource_id,
            "type": self.type,
            "location": self.location,
            "rule": self.rule,
            "title": self.title,
            "severity": self.severity,
            "status": self.status,
            "because": self.because,
            "safety": self.safety,
            "uses": [{"role": use.role, "workspace_id": use.workspace_id} for use in self.uses],
        }


_encode: Final = json.JSONEncoder(ensure_ascii=False).encode


def whole(text: str) -> str:
    """The text as UTF-8 can hold it: halves of characters, which JSON may name, become question marks."""
    return text.encode(errors="replace").decode()


def to_lines(results: Iterable[Result]) -> str:
    """Results as JSON Lines."""
    return "".join([f"{_encode(each.to_json())}\n" for each in results])


def from_lines(text: str) -> Iterator[Result]:
    """The results that `to_lines` wrote."""
    for line in filter(None, text.split("\n")):  # names may hold other characters that end a line
        data = json.loads(line)
        uses = tuple(Use(Role(use["role"]), use["workspace_id"]) for use in data["uses"])
        known = {"severity": Severity(data["severity"]), "status": Status(data["status"]), "uses": uses}
        yield Result(**data | known)
