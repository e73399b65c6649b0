"""Who may decide, and how they come to it: links, Entra ID and Slack. Made of the settings once; pure."""

from dataclasses import dataclass, field
from typing import Final

from remediation.cases import Case
from remediation.tokens import Tokens, pinned

PATH: Final = "/api/approvals/"


@dataclass(frozen=True, slots=True)
class Access:
    """`public_url` is where people reach the app, without a slash at the end. `easy_auth`: the platform signs people in
    and tells who they are; `role` is the app role of those who decide. `slack_approvers` are ids of Slack users.

    All of it may be missing: then there are no links, and nobody may decide that way.
    """

    tokens: Tokens | None = None
    public_url: str = ""
    easy_auth: bool = False
    role: str = "approver"
    slack_secret: str = field(default="", repr=False)
    slack_approvers: frozenset[str] = frozenset()

    def link(self, case: Case, digest: str = "") -> str:
        """The URL of the page where a case's plan is decided; its last segment is the token, which buttons in Slack
        send. `digest` is of a plan that is newer than the case's own. Empty where there are no links, or no plan."""
        if self.tokens is None or not self.public_url or case.plan is None:
            return ""
        return f"{self.public_url}{PATH}{self.tokens.link(pinned(case, digest))}"
