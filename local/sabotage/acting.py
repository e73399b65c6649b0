"""Guards of what is done: once, as planned, confirmed, and told."""

from typing import Final

from local.sabotage.model import Guard

GUARDS: Final = (
    Guard(
        "Only onboarded subscriptions are read",
        "remediation/pipeline.py",
        "if request.resource.subscription not in services.policy.subscriptions:",
        "if False:",
        ("tests/remediation/test_stories_edges.py::test_a_check_outside_the_onboarded_subscriptions_reads_nothing",),
    ),
    Guard(
        "Events of other subscriptions cost nothing",
        "remediation/intake.py",
        "if resource.subscription not in subscriptions:",
        "if False:",
        ("tests/remediation/test_intake.py::test_a_payload_of_any_shape_has_its_outcome",),
    ),
    Guard(
        "A worker claims a case before it sends anything, and only one can",
        "remediation/adapters/tables.py",
        "row, mode=UpdateMode.REPLACE, etag=etag, match_condition=MatchConditions.IfNotModified",
        "row, mode=UpdateMode.REPLACE",
        ("tests/remediation/test_tables.py::test_a_case_is_replaced_only_in_the_version_that_was_read",),
    ),
    Guard(
        "Another worker's claim is respected",
        "remediation/decide.py",
        "if case.sent is None and not case.claimed_by(situation.delivery, situation.now):",
        "if False:",
        ("tests/remediation/test_stories_workers.py::test_another_workers_claim_is_respected_until_it_runs_out",),
    ),
    Guard(
        "A claim holds for as long as its worker may work",
        "remediation/cases.py",
        'return self.owner in ("", delivery) or now - self.changed >= CLAIM',
        "return True",
        ("tests/remediation/test_stories_workers.py::test_another_workers_claim_is_respected_until_it_runs_out",),
    ),
    Guard(
        "Fixed is what a fresh read says, not what Azure accepted",
        "remediation/decide.py",
        'return GiveUp(case, plan, "Azure accepted the change but did not apply it")',
        "return Close(case, fixed=True)",
        ("tests/remediation/test_stories_azure.py::test_a_change_that_azure_accepts_but_does_not_apply_is_no_fix",),
    ),
    Guard(
        "A whole body is not sent over what somebody changed since it was read (ETag)",
        "remediation/adapters/arm.py",
        'if_match = write.if_match if write.etag else ""',
        'if_match = ""',
        (
            "tests/remediation/test_remediations_in_time.py::"
            "test_a_second_write_that_somebody_was_faster_than_is_not_sent_for_ever",
        ),
    ),
    Guard(
        "Nor where there is no ETag: it is read once more right before",
        "remediation/act.py",
        "if not reader.is_as_planned(services, request.resource, finding, write):",
        "if False:",
        (
            "tests/remediation/test_remediations_in_time.py::"
            "test_what_somebody_changed_between_the_read_and_a_whole_body_stays",
        ),
    ),
    Guard(
        "After a write the rest of the plans is made on a fresh read",
        "remediation/pipeline.py",
        "            delays.append(checks.FIRST_LOOK if left else None)\n            break\n",
        "            delays.append(checks.FIRST_LOOK if left else None)\n",
        (
            "tests/remediation/test_remediations.py::"
            "test_fixes_of_one_resource_come_one_after_the_other_and_none_undoes_another",
        ),
    ),
    Guard(
        "A message is posted once however often it is asked for",
        "remediation/outbox.py",
        "if notice.state in (Delivery.SENT, Delivery.REFUSED):",
        "if False:",
        ("tests/remediation/test_delivery.py::test_a_message_asked_for_twice_is_posted_once",),
    ),
    Guard(
        "Two workers do not post one message",
        "remediation/outbox.py",
        "if notice.state is Delivery.SENDING and notice.owner != delivery:",
        "if False:",
        ("tests/remediation/test_delivery.py::test_two_workers_with_one_message_post_it_once",),
    ),
    Guard(
        "What a channel refuses is told in the others",
        "remediation/outbox.py",
        "        undeliverable(services, notice, str(refused))\n",
        "",
        ("tests/remediation/test_delivery.py::test_the_word_about_a_refused_message_repeats_what_it_said",),
    ),
    Guard(
        "What could not be processed becomes a case and a message",
        "remediation/poison.py",
        '        services.store.put_case(replace(case, told=outbox.tell(services, case, "", card)))\n',
        "",
        (
            "tests/remediation/test_delivery.py::"
            "test_a_check_that_could_not_be_processed_is_a_case_until_a_check_goes_through",
        ),
    ),
    Guard(
        "A check that throttling puts off comes again",
        "remediation/pipeline.py",
        "        again, delay = request, max(error.retry_after or request.next_look, request.next_look)\n",
        "        again, delay = request, None\n",
        ("tests/remediation/test_stories_azure.py::test_throttling_puts_the_check_off_and_is_not_told",),
    ),
    Guard(
        "The bot's roles hold no wildcard but to ask how operations go on, no delete, no failover, and over access "
        "nothing but to see locks",
        "local/role.py",
        "if refused := [action for action in unique.values() if _must_not_be_granted(action)]:",
        "if refused := [action for action in unique.values() if not action]:",
        ("tests/local/test_role.py::test_what_the_bot_must_not_do_is_refused",),
    ),
)
