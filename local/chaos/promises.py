"""What the app promises, held against the records of a run. Each promise names what breaks it."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from local.azure.messages import Exchange
from local.chaos.records import Records, canonical, is_by, rendered
from local.chat.inbox import Message
from remediation.cards.parts import portal_url
from remediation.cases import Case, Entry, State
from remediation.fixes import REMEDIATIONS
from remediation.notices import Delivery, Notice
from remediation.plan import Write
from remediation.poison import RULE as UNPROCESSED
from rules.model import Status
from rules.resource_id import ResourceId

SKEW: Final = timedelta(seconds=1)
TOLD: Final[Mapping[str, tuple[str, ...]]] = {
    "fixed": ("FIXED", "FIXED AUTOMATICALLY"),
    "failed": ("FIX FAILED",),
    "asked": ("APPROVAL NEEDED",),
}
"""How the message of a line of the journal begins."""


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise, what breaks it, and what was counted on the way."""

    text: str
    broken: tuple[str, ...]
    counted: str = ""

    @property
    def kept(self) -> bool:
        """Whether nothing breaks it."""
        return not self.broken


def promises(records: Records) -> tuple[Promise, ...]:
    """Every promise, judged."""
    judges: tuple[Callable[[Records], Promise], ...] = (
        _every_event_taken,
        _nothing_unnoticed,
        _nothing_stands_without_a_fault,
        _no_case_under_way,
        _no_write_outside_a_plan,
        _no_plan_twice,
        _no_message_twice,
        _no_message_missing,
        _queues_empty,
    )
    return tuple(judge(records) for judge in judges)


def _every_event_taken(records: Records) -> Promise:
    broken = (f"{records.given_up} events were given up",) if records.given_up else ()
    return Promise("Every event reaches the app", broken)


def _nothing_unnoticed(records: Records) -> Promise:
    failing = [finding for finding in records.findings if finding.verdict.status is Status.FAIL]
    broken, states = [], Counter[str]()
    for finding in failing:
        case, name = records.case(finding), f"{finding.resource.id}: {finding.rule.name}"
        if finding.rule.name not in REMEDIATIONS:
            continue
        if case is None or not case.state.is_open:
            broken.append(f"{name} fails, and its case is {case.state if case else 'not there'}")
        elif reason := _untold(records, case):
            broken.append(f"{name} fails, and {reason}")
        else:
            states[case.state] += 1
    fixed = sum(entry.what == "fixed" for entry in records.journal)
    left = ", ".join(f"{number} {state}" for state, number in sorted(states.items()))
    return Promise(
        "What fails is fixed, or has an open case and a message that arrived",
        tuple(broken),
        f"{fixed} fixed; {len(failing)} left with people: {left}",
    )


def _untold(records: Records, case: Case) -> str:
    """Why nobody has heard of a case, empty where somebody has."""
    if not case.told:
        return "nobody is told"
    owed = [records.notices.get(notice) for notice in case.told]
    late = [notice.state if notice else "not known" for notice in owed if not _is_done(notice)]
    return f"its message is {late[0]}" if late else ""


def _is_done(notice: Notice | None) -> bool:
    return notice is not None and notice.state is Delivery.SENT


def _nothing_stands_without_a_fault(records: Records) -> Promise:
    well = {
        (each.resource.id.lower(), each.rule.name) for each in records.findings if each.verdict.status is Status.PASS
    }
    stale = [
        case
        for case in records.cases
        if (case.resource_id.lower(), case.rule) in well and case.state.is_open and not case.is_half_done
    ]
    return Promise("No case stands open for what is well", tuple(f"{_name(case)} is {case.state}" for case in stale))


def _no_case_under_way(records: Records) -> Promise:
    under_way = [case for case in records.cases if case.state in (State.FIXING, State.APPROVED)]
    return Promise("No case is under way for ever", tuple(f"{_name(case)} is {case.state}" for case in under_way))


def _name(case: Case) -> str:
    return f"{case.resource_id}: {case.rule}"


def _no_write_outside_a_plan(records: Records) -> Promise:
    begun: dict[tuple[str, str], list[tuple[Entry, Write]]] = defaultdict(list)
    for entry, plan in records.plans():
        for write in plan.writes:
            begun[(write.verb, write.resource_id.lower())].append((entry, write))
    broken = [
        f"{each.method} {each.path} {each.request_body}"
        for each in records.bot_writes
        if not any(
            write.body == each.request_body and entry.at.timestamp() <= each.started + SKEW.total_seconds()
            for entry, write in begun[(each.method, each.path.lower())]
        )
    ]
    return Promise("No write but those of a plan in the journal", tuple(broken), f"{len(records.bot_writes)} writes")


def _no_plan_twice(records: Records) -> Promise:
    """Carried out twice, with no change of anybody else in between that would have undone it."""
    done: dict[str, set[tuple[str, str, str]]] = defaultdict(set)
    broken, applied = [], 0
    for each in filter(_is_applied, records.exchanges):
        resource = _owner(each)
        if not is_by(each, records.bot):
            done[resource].clear()
            continue
        applied += 1
        what = (each.method, each.path.lower(), canonical(each.request_body or {}))
        if what in done[resource]:
            broken.append(f"{each.method} {each.path}")
        done[resource].add(what)
    unanswered = sum(each.status != each.done for each in records.bot_writes if _is_applied(each))
    return Promise(
        "No plan is applied twice", tuple(broken), f"{applied} writes carried out, the answer of {unanswered} lost"
    )


def _is_applied(exchange: Exchange) -> bool:
    return exchange.is_write and 200 <= exchange.done < 300


def _owner(exchange: Exchange) -> str:
    """The resource that a write is to, or to a part of which."""
    path = exchange.path.rsplit("/", 1)[0] if exchange.method == "POST" else exchange.path
    resource = ResourceId.parse(path)
    while resource is not None and resource.parent is not None and _is_part(resource):
        resource = resource.parent
    return str(resource).lower()


def _is_part(resource: ResourceId) -> bool:
    return not resource.type.startswith(("microsoft.sql/", "microsoft.machinelearningservices/"))


def _no_message_twice(records: Records) -> Promise:
    owed = Counter(rendered(notice) for notice in records.notices.values())
    posts: dict[str, list[Message]] = defaultdict(list)
    for message in records.messages:
        posts[canonical(message.payload)].append(message)
    in_hand = Counter(rendered(records.notices[each]) for each in records.in_hand if each in records.notices)
    unanswered = Counter(canonical(payload) for failure, payload in records.met if not failure.lost)
    broken, killed, repeated = [], 0, 0
    for text, messages in posts.items():
        more = len(messages) - owed[text]
        answered = max(0, more - unanswered[text])
        repeated += max(0, more) - answered
        killed += min(answered, in_hand[text])
        if answered > in_hand[text] or not owed[text]:
            broken.append(f"{len(messages)} times for {owed[text]}, in {_where(messages[0])}")
    return Promise(
        "No message is posted twice",
        tuple(broken),
        f"{len(records.messages)} posted; again after an answer that was lost: {repeated}, after a kill between "
        f"posting and noting: {killed}",
    )


def _where(message: Message) -> str:
    return f"{message.channel_kind}: {' '.join(message.text.split())[:100]}"


def _no_message_missing(records: Records) -> Promise:
    posted = Counter(canonical(message.payload) for message in records.messages)
    lost = Counter(canonical(payload) for failure, payload in records.met if failure.lost and not failure.hangs_up)
    broken = [
        f"{notice.chat}: {notice.card.label}: {notice.state}"
        for notice in records.notices.values()
        if notice.state is not Delivery.SENT or not (posted | lost)[rendered(notice)]
    ]
    broken += _lines_without_a_message(records)
    return Promise(
        "No message is missing",
        tuple(broken),
        f"{len(records.notices)} owed; the channel took and lost {lost.total()}",
    )


def _lines_without_a_message(records: Records) -> Iterator[str]:
    """What the journal says people were told, and no notice tells."""
    told = Counter(
        (word, notice.card.label.rpartition(" · ")[2], fact.url.lower(), notice.chat)
        for notice in records.notices.values()
        for word, labels in TOLD.items()
        if notice.card.label.partition(" · ")[0] in labels
        for fact in notice.card.facts
        if fact.label == "Resource"
    )
    chats = sorted({notice.chat for notice in records.notices.values()})
    lines = Counter((entry.what, entry.rule, entry.resource_id) for entry in records.journal if entry.what in TOLD)
    for (word, rule, resource), times in lines.items():
        least = 1 if word == "asked" else times  # asked again after a failure, people have the message that asked
        for chat in chats:
            if told[(word, rule, portal_url(resource).lower(), chat)] < least:
                yield f"{chat}: {resource}: {rule} {word}, {times} times in the journal"


def _queues_empty(records: Records) -> Promise:
    broken = [f"{count} messages in {name}" for name, count in records.waiting.items()]
    unprocessed = [entry for entry in records.journal if entry.rule == UNPROCESSED]
    known = {(case.resource_id.lower(), case.rule) for case in records.cases}
    broken += [
        f"{entry.resource_id}: a poison message without a case"
        for entry in unprocessed
        if (entry.resource_id.lower(), entry.rule) not in known
    ]
    return Promise(
        "Every queue is empty, and what was poison has a case", tuple(broken), f"{len(unprocessed)} poison messages"
    )
