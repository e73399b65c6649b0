"""Guards of scans: within their scope and their limits, each step once, and nothing that was not asked for."""

from typing import Final

from local.sabotage.model import Guard

STEPS: Final = "tests/remediation/test_scan_steps.py"
END: Final = "tests/remediation/test_scan_end.py"
ASKED: Final = "tests/remediation/test_scan_request.py"

GUARDS: Final = (
    Guard(
        "A scan keeps to onboarded subscriptions",
        "remediation/scan_request.py",
        "    _check_onboarded(scope, subscriptions)\n",
        "",
        (f"{ASKED}::test_what_cannot_be_asked_for_is_told_with_its_fix",),
    ),
    Guard(
        "And to its scope",
        "remediation/scan_start.py",
        'return [Query(here, types, group=scope.id.rpartition("/")[2])]',
        "return [Query(here, types)]",
        ("tests/remediation/test_scan.py::test_a_scan_keeps_to_its_scope",),
    ),
    Guard(
        "A scan only reports, unless it is asked to remediate",
        "remediation/scan_request.py",
        "    if asked is None:\n        return ScanMode.REPORT\n",
        "    if asked is None:\n        return ScanMode.REMEDIATE\n",
        (f"{ASKED}::test_a_scope_is_understood_and_shown_again",),
    ),
    Guard(
        "A scan that reports leads to nothing",
        "remediation/scan_end.py",
        "if scan.request.mode is ScanMode.REMEDIATE:",
        "if True:",
        (f"{END}::test_a_report_leads_to_nothing",),
    ),
    Guard(
        "A scan that finds more at fault than the limits starts nothing",
        "remediation/scan_end.py",
        'held = scan.id if over else ""',
        'held = ""',
        (f"{END}::test_a_scan_over_the_limits_starts_nothing",),
    ),
    Guard(
        "The limits of a scan are a number of resources (scan_count)",
        "remediation/scan_end.py",
        "min(limits.scan_count, int(limits.scan_share * seen))",
        "int(limits.scan_share * seen)",
        (f"{END}::test_a_scan_over_the_limits_starts_nothing",),
    ),
    Guard(
        "And a share of what it saw (scan_share)",
        "remediation/scan_end.py",
        "most = limits.scan_count if seen < FEW else min(limits.scan_count, int(limits.scan_share * seen))",
        "most = limits.scan_count",
        (f"{END}::test_a_scan_over_the_limits_starts_nothing",),
    ),
    Guard(
        "People hear of a scan that is over the limits",
        "remediation/outbox.py",
        'return announce(services, cards.scan_over_limit(scan, why), "scan over limit", scan)',
        'return ("",)',
        (f"{END}::test_a_scan_over_the_limits_starts_nothing",),
    ),
    Guard(
        "And in one message",
        "remediation/decide/failing.py",
        "limit = _of_scan(situation) or asked.limit",
        "limit = None",
        (f"{END}::test_people_are_asked_about_all_that_a_scan_over_the_limits_found_in_one_message",),
    ),
    Guard(
        "What a scan over the limits found waits until a person decides",
        "remediation/decide/failing.py",
        "if situation.case is not None and _waits(situation.case, plan):",
        "if situation.case is None:",
        (f"{END}::test_what_was_asked_so_stays_asked_until_a_person_decides",),
    ),
    Guard(
        "A scan that is cancelled stops",
        "remediation/scan.py",
        "if scan is None or scan.state is not ScanState.RUNNING:",
        "if scan is None:",
        (f"{STEPS}::test_a_cancelled_scan_stops",),
    ),
    Guard(
        "And stays cancelled",
        "remediation/adapters/scan_tables.py",
        "row, mode=UpdateMode.REPLACE, etag=scan.etag, match_condition=MatchConditions.IfNotModified",
        "row, mode=UpdateMode.REPLACE",
        (f"{STEPS}::test_a_scan_cancelled_at_its_end_stays_cancelled",),
    ),
    Guard(
        "What is done is cancelled no more",
        "remediation/scan_end.py",
        "    if scan.state is ScanState.RUNNING:\n        _put(services, replace(scan, state=ScanState.CANCELLED",
        "    if True:\n        _put(services, replace(scan, state=ScanState.CANCELLED",
        (f"{STEPS}::test_a_scan_that_is_done_is_cancelled_no_more",),
    ),
    Guard(
        "A step counts once, however many workers do it",
        "remediation/adapters/scan_tables.py",
        "            self._table(PARTS).create_entity(_row(part))\n",
        "            self._table(PARTS).upsert_entity(_row(part))\n",
        (f"{STEPS}::test_two_workers_on_one_step_count_once",),
    ),
    Guard(
        "A step that comes again is not done again",
        "remediation/scan.py",
        "part = services.scans.part(scan.id, step.key)",
        "part = None",
        (f"{STEPS}::test_messages_that_come_twice_collapse",),
    ),
    Guard(
        "Nor does what follows it come again",
        "remediation/scan.py",
        "if part.followed:",
        "if False:",
        (f"{STEPS}::test_a_step_that_is_done_has_nothing_more_to_follow",),
    ),
    Guard(
        "What follows a step is lost by no crash",
        "remediation/scan.py",
        "    enqueue(services, part.following())\n    services.scans.followed(part)\n",
        "    services.scans.followed(part)\n    enqueue(services, part.following())\n",
        (f"{STEPS}::test_a_worker_may_die_at_any_call",),
    ),
    Guard(
        "A scan is done when no step is left, and not before",
        "remediation/scan_end.py",
        "    if left:\n        return all(",
        "    if False:\n        return all(",
        (f"{STEPS}::test_a_slice_goes_on_where_azure_had_enough",),
    ),
)
