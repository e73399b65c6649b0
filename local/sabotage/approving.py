"""Guards of decisions by people: who may decide, on what, and that no link, form or request decides by itself."""

from typing import Final

from local.sabotage.model import Guard

PAGE: Final = "tests/remediation/test_approval_page.py"
SLACK: Final = "tests/remediation/test_slack_requests.py"
CLICKS: Final = "tests/remediation/test_decisions.py"
STORIES: Final = "tests/remediation/test_stories_approvals.py"
REVIEW: Final = "tests/remediation/test_review.py"

GUARDS: Final = (
    Guard(
        "A link that this app has not signed leads nowhere",
        "remediation/tokens.py",
        "signed, *data = self._serializer(purpose).loads(token)",
        "signed, *data = self._serializer(purpose).loads_unsafe(token)[1]",
        ("tests/remediation/test_tokens.py::test_no_changed_character_survives",),
    ),
    Guard(
        "A link is of use for a week",
        "remediation/tokens.py",
        "if link.expired:",
        "if False:",
        (f"{PAGE}::test_an_expired_link_shows_what_stands_and_decides_nothing",),
    ),
    Guard(
        "An approval ends all links that were made before it",
        "remediation/tokens.py",
        "if case.approval is not None and link.pinned.approved != now.approved:",
        "if False:",
        (f"{PAGE}::test_a_plan_that_failed_is_approved_again_by_its_new_link_only",),
    ),
    Guard(
        "What is approved is the plan for the resource as it is at that moment",
        "remediation/tokens.py",
        "if link.pinned.digest != now.digest:",
        "if False:",
        (f"{PAGE}::test_what_has_changed_is_shown_anew_and_approved_as_it_is_now",),
    ),
    Guard(
        "Nobody is believed to have signed in where the platform does not see to it",
        "remediation/access_settings.py",
        "(access.easy_auth, NO_EASY_AUTH),",
        "(True, NO_EASY_AUTH),",
        (f"{PAGE}::test_without_a_setting_nobody_is_let_in_and_the_page_says_what_to_set",),
    ),
    Guard(
        "Only Microsoft Entra ID says who it is",
        "remediation/identity.py",
        'if data.get("auth_typ") != ENTRA:',
        "if False:",
        ("tests/remediation/test_identity.py::test_somebody_is_not_known",),
    ),
    Guard(
        "A link shows nothing to who has not signed in, and nothing is read for them",
        "remediation/approval_page.py",
        "    if who is None:\n        return _signed_out(request)\n",
        '    who = who or identity.Principal("nobody", "nobody", frozenset({services.access.role}))\n',
        (f"{PAGE}::test_who_may_not_decide_learns_nothing_and_costs_nothing",),
    ),
    Guard(
        "Only who has the app role sees and decides",
        "remediation/approval_page.py",
        "if services.access.role not in who.roles:",
        "if False:",
        (f"{PAGE}::test_who_may_not_decide_learns_nothing_and_costs_nothing",),
    ),
    Guard(
        "No other site can have a person's browser decide",
        "remediation/approval_page.py",
        'if headers.get("origin", own) != own or headers.get("sec-fetch-site", "same-origin") != "same-origin":',
        "if False:",
        (f"{PAGE}::test_a_form_that_was_not_filled_in_on_the_page_is_refused",),
    ),
    Guard(
        "A form is taken only from who was shown its page",
        "remediation/approval_page.py",
        'return visit.tokens.is_form(_first(form, "form"), visit.person.id, visit.request.token)',
        "return True",
        (f"{PAGE}::test_a_form_needs_its_token",),
    ),
    Guard(
        "What only a person can know has to be confirmed",
        "remediation/approval_page.py",
        'if {*form.get("confirm", ())} != {str(number) for number, _ in enumerate(review.plan.to_confirm)}:',
        "if False:",
        (f"{PAGE}::test_a_decision_that_cannot_be_taken_is_said_to",),
    ),
    Guard(
        "What the policy holds back cannot be approved",
        "remediation/review.py",
        "return _guarded(judging.guarded(services, finding, None, services.clock()))",
        'return ""',
        (f"{REVIEW}::test_what_holds_the_bot_back_holds_an_approval_back",),
    ),
    Guard(
        "Only what people are asked about can be approved",
        "remediation/approvals.py",
        "if case is None or case.state not in TO_APPROVE or case.plan is None:",
        "if case is None or case.plan is None:",
        (f"{STORIES}::test_approving_twice_says_who_was_first_and_is_one_write",),
    ),
    Guard(
        "In audit mode nothing can be approved",
        "remediation/approvals.py",
        "if services.policy.mode is Mode.AUDIT:",
        "if False:",
        (f"{STORIES}::test_an_approval_is_refused",),
    ),
    Guard(
        "Nor in a subscription that is not onboarded",
        "remediation/approvals.py",
        "    _check_onboarded(services, resource)\n    if services.policy.mode",
        "    if services.policy.mode",
        (f"{STORIES}::test_an_approval_is_refused",),
    ),
    Guard(
        "Another plan than the one that failed in the middle begins at its beginning",
        "remediation/approvals.py",
        "begun = case if digest == case.plan.digest else unsent(case)",
        "begun = case",
        (f"{STORIES}::test_another_plan_than_the_one_that_failed_in_the_middle_begins_at_its_beginning",),
    ),
    Guard(
        "A person's exemption ends within a year",
        "remediation/approvals.py",
        "if until - now > LONGEST:",
        "if False:",
        ("tests/remediation/test_stories_guards.py::test_an_exemption_is_refused",),
    ),
    Guard(
        "Pages run and load nothing",
        "remediation/pages/__init__.py",
        "default-src 'none'; style-src",
        "default-src *; style-src",
        (f"{PAGE}::test_a_browser_may_only_show_a_page",),
    ),
    Guard(
        "Names and reasons stay text on a page",
        "remediation/pages/__init__.py",
        "autoescape=True,",
        "autoescape=False,",
        (f"{PAGE}::test_names_and_reasons_stay_text",),
    ),
    Guard(
        "A click in Slack counts with Slack's signature only",
        "remediation/slack_requests.py",
        'if not hmac.compare_digest(f"v0={wanted}".encode(), headers.get(SIGNATURE, "").encode()):',
        "if False:",
        (f"{SLACK}::test_a_request_that_is_not_slacks_is_refused",),
    ),
    Guard(
        "And within five minutes",
        "remediation/slack_requests.py",
        "abs(now - int(sent)) > WINDOW.total_seconds():",
        "False:",
        (f"{SLACK}::test_a_request_that_is_not_slacks_is_refused",),
    ),
    Guard(
        "And once",
        "remediation/slack_requests.py",
        "        _remember(services, headers[SIGNATURE])\n",
        "",
        (f"{SLACK}::test_a_request_that_is_sent_again_is_refused",),
    ),
    Guard(
        "And of somebody on the list of those who may decide",
        "remediation/slack_requests.py",
        "if click.user not in services.access.slack_approvers:",
        "if False:",
        (f"{SLACK}::test_who_is_turned_away_leaves_nothing_but_a_line_in_the_log",),
    ),
    Guard(
        "A click decides only while the link that it stands for would",
        "remediation/decisions.py",
        "if why := outdated(decision.link, review.case, review.pinned):",
        "if False:",
        (f"{CLICKS}::test_people_hear_why_a_button_did_nothing",),
    ),
    Guard(
        "And not on what the policy holds back",
        "remediation/decisions.py",
        "    if review.held:\n        raise NotPossible(review.held)\n",
        "",
        (f"{CLICKS}::test_people_hear_why_a_button_did_nothing",),
    ),
    Guard(
        "Nor on what only a person can know, unless its dialog asks for that",
        "remediation/decisions.py",
        "if review.plan.to_confirm and not review.held:",
        "if False:",
        (f"{CLICKS}::test_what_a_person_has_to_confirm_takes_the_page_or_a_dialog",),
    ),
    Guard(
        "No token is shown of a decision that could not be processed",
        "remediation/poison.py",
        '"decisions": ("what", "person")',
        '"decisions": ("what", "person", "token")',
        ("tests/remediation/test_decisions.py::test_a_decision_that_cannot_be_processed_is_told_without_its_token",),
    ),
)
