"""Guards of what is done: once, as planned, confirmed, and told."""

from typing import Final

from local.sabotage.model import Guard

BUDGET: Final = "tests/remediation/test_budget.py"
LETTERS: Final = "tests/remediation/test_dead_letters.py"

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
        "remediation/decide/fixing.py",
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
        "remediation/decide/fixing.py",
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
        "if notice.state is Delivery.SENT or (notice.state is Delivery.REFUSED and not attempt.refusals):",
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
        "    undeliverable(services, notice, reason)\n",
        "",
        ("tests/remediation/test_delivery.py::test_the_word_about_a_refused_message_repeats_what_it_said",),
    ),
    Guard(
        "Messages wait for the end of the quiet hours",
        "remediation/outbox.py",
        "if notice.state in (Delivery.PENDING, Delivery.REFUSED) and (wait := _quiet_for(services, notice)):",
        "if False:",
        (
            "tests/remediation/test_stories_guards.py::"
            "test_messages_wait_for_the_end_of_the_quiet_hours_and_fixes_do_not",
        ),
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
        ("tests/remediation/test_stories_azure_silent.py::test_throttling_puts_the_check_off_and_is_not_told",),
    ),
    Guard(
        "Every request is taken from the budget of its subscription first",
        "remediation/adapters/budget.py",
        "self._budget.take(*_whose(request.http_request))",
        "pass",
        (f"{BUDGET}::test_every_request_is_counted_whichever_client_sends_it",),
    ),
    Guard(
        "Writes have a budget of their own",
        "remediation/adapters/budget.py",
        'READS if request.method in ("GET", "HEAD") else WRITES',
        "READS",
        (f"{BUDGET}::test_every_request_is_counted_whichever_client_sends_it",),
    ),
    Guard(
        "Where the budget is spent nothing is sent",
        "remediation/adapters/budget.py",
        "if wait := bucket.opens_in(share.limit, now):",
        "if False:",
        (f"{BUDGET}::test_an_empty_budget_says_when_to_come_back_and_is_not_asked_again_before",),
    ),
    Guard(
        "Two workers do not take the same out of it",
        "remediation/adapters/budget.py",
        "            share.memo = None\n            return False\n",
        "            share.memo = None\n",
        (f"{BUDGET}::test_however_workers_take_turns_azure_never_says_429",),
    ),
    Guard(
        "Where the budget cannot be asked for nothing is written",
        "remediation/adapters/budget.py",
        "if share.limit is WRITES:",
        "if False:",
        (f"{BUDGET}::test_a_store_that_does_not_answer_lets_reads_go_on_and_no_write",),
    ),
    Guard(
        "A 429 of Azure closes the budget for every worker",
        "remediation/adapters/budget.py",
        "if response.http_response.status_code == 429:",
        "if False:",
        (f"{BUDGET}::test_every_request_is_counted_whichever_client_sends_it",),
    ),
    Guard(
        "And no worker opens it earlier, nor does one whose clock is behind",
        "remediation/adapters/budget.py",
        "Bucket(0, max(before.at, now), opens)",
        "Bucket(0, now, opens)",
        (f"{BUDGET}::test_a_429_that_a_worker_meets_whose_clock_is_behind_fills_nothing",),
    ),
    Guard(
        "A dead letter is taken in once",
        "remediation/dead_letters.py",
        "        services.dead_letters.delete(blob)\n",
        "        pass\n",
        (f"{LETTERS}::test_an_event_that_was_given_up_is_taken_in_and_told_of",),
    ),
    Guard(
        "And deleted only when all is done and told",
        "remediation/dead_letters.py",
        "    if events:\n        _tell(services, events)\n    for blob in read:\n"
        "        services.dead_letters.delete(blob)\n",
        "    for blob in read:\n        services.dead_letters.delete(blob)\n"
        "    if events:\n        _tell(services, events)\n",
        (f"{LETTERS}::test_a_run_may_die_at_any_call",),
    ),
    Guard(
        "A dead letter that was written to meanwhile stays",
        "remediation/adapters/blobs.py",
        "delete_blob(blob.name, etag=blob.etag, match_condition=MatchConditions.IfNotModified)",
        "delete_blob(blob.name)",
        (f"{LETTERS}::test_a_blob_that_is_written_to_meanwhile_is_read_again",),
    ),
    Guard(
        "One that cannot be read is set aside, when people are told",
        "remediation/dead_letters.py",
        "    poison.unreadable(services, blob.name)\n    services.dead_letters.set_aside(blob)\n",
        "    services.dead_letters.set_aside(blob)\n    poison.unreadable(services, blob.name)\n",
        (f"{LETTERS}::test_a_run_may_die_at_any_call",),
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
