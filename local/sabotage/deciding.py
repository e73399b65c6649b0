"""Guards of what is decided: what is left alone, what is only told, and what a person has to approve."""

from typing import Final

from local.sabotage.model import Guard

DECIDE: Final = "remediation/decide/__init__.py"
FAILING: Final = "remediation/decide/failing.py"
FIXING: Final = "remediation/decide/fixing.py"
LIMITS: Final = "tests/remediation/test_limits.py"

GUARDS: Final = (
    Guard(
        "What a rule cannot judge (UNKNOWN) is never fixed",
        DECIDE,
        "if situation.finding.verdict.status is Status.FAIL:\n        return Wait(",
        "if situation.finding.verdict.status in (Status.FAIL, Status.UNKNOWN):\n        return Wait(",
        ("tests/remediation/test_decide.py::test_decision",),
    ),
    Guard(
        "A rule that raises is UNKNOWN, and silences no other",
        "rules/__init__.py",
        "except Exception as error:",
        "except ArithmeticError as error:",
        ("tests/rules/test_catalogue.py::test_a_rule_that_raises_is_unknown_and_silences_no_other",),
    ),
    Guard(
        "What Azure is changing is left alone until it has finished",
        DECIDE,
        "case, busy = situation.case, changing(situation.finding.resource)",
        "case, busy = situation.case, None",
        ("tests/remediation/test_decide.py::test_decision",),
    ),
    Guard(
        "What another Azure resource manages is left alone",
        "rules/scope.py",
        "return managed(resource) or changing(resource)",
        "return changing(resource)",
        ("tests/rules/test_scope.py::test_no_rule_is_about_what_is_left_alone",),
    ),
    Guard(
        "So is all in a resource group that Azure manages, asked before anything is done",
        "remediation/judging.py",
        "owner = services.cloud.group_owner(resource_id)",
        'owner = ""',
        (
            "tests/remediation/test_stories_topology.py::"
            "test_a_group_that_another_resource_manages_is_left_alone_before_that_was_seen",
        ),
    ),
    Guard(
        "A resource whose last change failed is not changed without a person",
        FAILING,
        "if broken(situation.finding.resource):",
        "if False:",
        ("tests/remediation/test_stories.py::test_a_registry_whose_last_change_failed_is_put_to_a_person",),
    ),
    Guard(
        "Audit mode changes nothing",
        FAILING,
        "    if audit:\n        return _tell(situation, plan)\n",
        "",
        ("tests/remediation/test_stories.py::test_audit_mode_tells_what_it_would_do_and_does_nothing",),
    ),
    Guard(
        "Audit mode holds back what was approved before it was set",
        FAILING,
        "if not audit and _is_approved(case, plan):",
        "if _is_approved(case, plan):",
        (
            "tests/remediation/test_stories_approvals.py::"
            "test_a_plan_that_was_approved_before_audit_mode_was_set_is_put_to_people_again",
        ),
    ),
    Guard(
        "What is not SAFE runs only after a person approved it",
        FAILING,
        "if plan.safety is not Safety.SAFE or plan.to_confirm:",
        "if False:",
        ("tests/remediation/test_decide.py::test_decision",),
    ),
    Guard(
        "An approval is of one plan on one state of the resource (its digest)",
        "remediation/cases.py",
        "if self.approval is not None and self.approval.digest == plan.digest else None",
        "if self.approval is not None else None",
        ("tests/remediation/test_stories_approvals.py::test_a_change_that_the_bot_has_not_seen_makes_it_ask_anew",),
    ),
    Guard(
        "Only the plan that people are asked about can be approved",
        "remediation/approvals.py",
        "if plan.digest != digest:",
        "if False:",
        (
            "tests/remediation/test_stories_approvals.py::"
            "test_a_change_before_the_approval_that_the_bot_has_seen_makes_it_stale",
        ),
    ),
    Guard(
        "The policy never allows more than a remediation does",
        "remediation/policy.py",
        "ruling = lower(ruling, Ruling(override.effect, override.why))",
        "ruling = Ruling(override.effect, override.why)",
        ("tests/remediation/test_policy.py::test_no_policy_goes_beyond_the_safety_of_a_remediation",),
    ),
    Guard(
        "What the policy only lets be told is not done",
        FAILING,
        "if situation.guard.ruling.effect is Effect.TELL:",
        "if False:",
        ("tests/remediation/test_decide_guards.py::test_nothing_is_begun_against_the_guard",),
    ),
    Guard(
        "What the policy wants asked is not done by itself",
        FAILING,
        "if ruling.effect is not Effect.FIX:",
        "if False:",
        ("tests/remediation/test_stories_guards.py::test_the_policy_may_allow_less_than_a_rule_does",),
    ),
    Guard(
        "What the policy switches off somewhere is not looked after there",
        FAILING,
        "if situation.guard.ruling.effect is Effect.OFF:",
        "if False:",
        ("tests/remediation/test_stories_guards.py::test_what_the_policy_switches_off_somewhere_is_closed_there",),
    ),
    Guard(
        "The resource's own tag ha-bot may allow less",
        "remediation/policy.py",
        "return lower(tagged, ruling) if tagged is not None else ruling",
        "return ruling",
        ("tests/remediation/test_policy.py::test_the_resource_s_own_tag_allows_less",),
    ),
    Guard(
        "What somebody accepts is left alone until then",
        FAILING,
        "if situation.guard.exemption is not None:\n        return _accepted(",
        "if False:\n        return _accepted(",
        ("tests/remediation/test_stories_guards.py::test_what_is_exempt_is_left_alone_until_then",),
    ),
    Guard(
        "Nor does a plan that is begun go on",
        FIXING,
        "if situation.guard.exemption is not None:\n        return EXEMPTED",
        "if False:\n        return EXEMPTED",
        ("tests/remediation/test_decide_guards.py::test_decision",),
    ),
    Guard(
        "An exemption that is over exempts from nothing",
        "remediation/exemptions.py",
        "if each is not None and each.until > now]",
        "if each is not None]",
        ("tests/remediation/test_stories_guards.py::test_what_is_exempt_is_left_alone_until_then",),
    ),
    Guard(
        "An exemption by tag ends within a year",
        "remediation/exemptions.py",
        "if ends - now > LONGEST:",
        "if False:",
        ("tests/remediation/test_exemptions.py::test_what_cannot_be_understood_says_what_to_write",),
    ),
    Guard(
        "A tag that names something that is no rule cannot be understood",
        "remediation/exemptions.py",
        "unknown = next((word for word in words if not is_rule_pattern(word)), None)",
        "unknown = None",
        ("tests/remediation/test_exemptions.py::test_what_cannot_be_understood_says_what_to_write",),
    ),
    Guard(
        "Tags that cannot be understood: nothing is written, and people hear of it",
        "remediation/exemptions.py",
        "ruling, tagged = lower(Ruling(Effect.TELL, tagged.text), ruling), None",
        "tagged = None",
        (
            "tests/remediation/test_stories_guards.py::"
            "test_tags_that_cannot_be_understood_change_nothing_and_are_told_of",
        ),
    ),
    Guard(
        "Tags that cannot be read are tags that cannot be understood",
        "remediation/exemptions.py",
        'if resource.unreadable("tags"):',
        "if False:",
        ("tests/remediation/test_exemptions.py::test_what_cannot_be_understood_says_what_to_write",),
    ),
    Guard(
        "Somebody keeps undoing a fix: then people are asked (loop breaker)",
        FAILING,
        "if len(undone) >= situation.policy.loop.times:",
        "if False:",
        ("tests/remediation/test_stories_guards.py::test_a_fix_that_somebody_keeps_undoing_is_made_no_more",),
    ),
    Guard(
        "What may cost more than the policy allows is asked",
        FAILING,
        "if not limits.affords(plan.cost.monthly_usd):",
        "if False:",
        ("tests/remediation/test_decide_guards.py::test_decision",),
    ),
    Guard(
        "So is what nobody knows the price of",
        "remediation/policy.py",
        "return monthly_usd is not None and monthly_usd <= self.monthly_usd_per_change",
        "return monthly_usd is None or monthly_usd <= self.monthly_usd_per_change",
        (
            "tests/remediation/test_policy.py::"
            "test_a_change_is_afforded_up_to_the_limit_and_never_if_its_cost_is_unknown",
        ),
    ),
    Guard(
        "Fixes of one resource a day are limited",
        "remediation/limits.py",
        "if _count(store.memo(fixes)) >= most:\n        return enough",
        "if False:\n        return enough",
        ("tests/remediation/test_stories_guards.py::test_beyond_the_limit_of_a_day_the_bot_asks_about_that_resource",),
    ),
    Guard(
        "Changes in one subscription an hour are limited",
        "remediation/limits.py",
        'if not _take(store, f"changes {resource.subscription} {now:%Y-%m-%dT%H}", '
        "limits.changes_per_subscription_per_hour):",
        "if False:",
        ("tests/remediation/test_stories_guards.py::test_beyond_the_limit_of_an_hour_the_bot_asks_and_says_so_once",),
    ),
    Guard(
        "Workers at once are counted one by one",
        "remediation/limits.py",
        'store.put_memo(replace(memo, data={"count": _count(memo) + 1}))',
        "pass",
        (f"{LIMITS}::test_workers_at_once_are_counted_one_by_one",),
    ),
    Guard(
        "Also those that fix one resource at once",
        "remediation/limits.py",
        "return None if _take(store, fixes, limits.fixes_per_resource_per_day) else enough",
        "return None",
        (f"{LIMITS}::test_workers_at_once_on_one_resource_are_counted_one_by_one",),
    ),
    Guard(
        "Who died before counting is counted after all",
        "remediation/limits.py",
        "(case.state is State.FIXING and not case.owner)",
        "(case.state is State.FIXING)",
        (f"{LIMITS}::test_who_died_before_counting_counts_after_all",),
    ),
    Guard(
        "What cannot be counted is over the limit",
        "remediation/limits.py",
        "return False  # so many at once are no single fix",
        "return True",
        (f"{LIMITS}::test_what_is_always_counted_by_others_is_held_back",),
    ),
    Guard(
        "What a person took back is not fixed again",
        FAILING,
        "if case is not None and case.state is State.UNDONE and _is_about(case, plan):",
        "if False:",
        ("tests/remediation/test_stories_undo.py::test_what_was_taken_back_is_not_fixed_again",),
    ),
    Guard(
        "A fix is taken back only by approval",
        "remediation/guards.py",
        "if rule.name.endswith(UNDO):",
        "if False:",
        ("tests/remediation/test_guards.py::test_a_guard",),
    ),
    Guard(
        "A fix that Azure forbids is not tried again for a day",
        FAILING,
        "return case.changed if situation.unblocked else case.changed + RETRY_FORBIDDEN",
        "return case.changed",
        ("tests/remediation/test_stories_azure.py::test_a_refused_fix_is_tried_again_after_a_day_and_not_before",),
    ),
    Guard(
        "Two rules never change one resource at once",
        DECIDE,
        'return Wait("another fix of it is under way") if situation.other_fix else failing(situation)',
        "return failing(situation)",
        ("tests/remediation/test_decide.py::test_decision",),
    ),
)
