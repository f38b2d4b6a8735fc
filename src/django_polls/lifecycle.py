"""A poll's life: create, edit, open, close, copy, delete. Each verb holds the poll while it changes it."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, cast

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import router, transaction
from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from django_polls import definitions, results, signals, statements
from django_polls.conf import conf, voting_methods
from django_polls.exceptions import (
    InvalidPoll,
    MethodUnavailable,
    PollAlreadyOpen,
    PollChanged,
    PollClosed,
    PollFrozen,
    PollHasVotes,
    PollNotFound,
    PollNotOpen,
    PollUncountable,
)
from django_polls.models import Poll, PollOption
from django_polls.models.clock import database_now
from django_polls.models.counting import COUNTING_FIELDS, Reasons, new_tie_seed
from django_polls.models.polls import FIRST_YEAR, LAST_YEAR, Electorate, Status, Visibility
from django_polls.models.showing import ATTACHMENT_FIELDS, SHOWING_FIELDS
from django_polls.transactions import retried

MIN_OPTIONS = 2

COPIED_FIELDS = (
    "title",
    "description",
    *COUNTING_FIELDS,
    "visibility",
    "electorate",
    "permission",
    "guest_identity",
    "vote_change",
    "vote_withdrawal",
    "accepts_new_options",
    *SHOWING_FIELDS,
    "metadata",
)
DEFINITION_FIELDS = frozenset({*COPIED_FIELDS, "is_draft", "opens_at", "expires_at", "correction"})

# How votes become an outcome: fixed when the poll opens, so that nobody chooses it by who is ahead.
BINDING_FIELDS = frozenset(
    {
        "method",
        "count",
        "seats",
        "quota",
        "unscored_is_zero",
        "quorum",
        "quorum_share",
        "pass_threshold",
        "final_ties",
    }
)

# What may still be edited once there are votes, each within `_check_frozen`.
AFTER_FIRST_VOTE = frozenset({"correction", "metadata", "expires_at", "visibility", "shows_voters", "time_zone"})
AFTER_CLOSE = frozenset({"correction", "metadata", "visibility", "shows_voters", "time_zone"})

# From each visibility to those under which nobody sees anything, at any time, that was hidden before.
STRICTER = {
    Visibility.ALWAYS: frozenset(Visibility),
    Visibility.AFTER_VOTE: frozenset({Visibility.AFTER_CLOSE, Visibility.NEVER}),
    Visibility.AFTER_CLOSE: frozenset({Visibility.NEVER}),
    Visibility.MANAGERS: frozenset({Visibility.NEVER}),
    Visibility.NEVER: frozenset(),
}


class Keep(Enum):
    """What is not said of an existing option."""

    AS_IT_IS = "as it is"


@dataclass(frozen=True, slots=True)
class OptionDraft:
    """An option as it shall be; with the id of an existing one, that one, whose `capacity` may be kept as it is."""

    text: str
    id: int | None = None
    capacity: int | Keep | None = None


@dataclass(frozen=True, slots=True)
class PollDraft:
    """A poll as it shall be: some of `DEFINITION_FIELDS`, and all options and groups, or None to leave them alone."""

    fields: Mapping[str, Any] = field(default_factory=dict)
    options: Sequence[OptionDraft] | None = None
    groups: Collection[Group] | None = None


def create_poll(
    draft: PollDraft, *, created_by: AbstractBaseUser | None = None, attached_to: Model | None = None
) -> Poll:
    """Store a new poll with its options, open unless it is a draft or scheduled. Raises InvalidPoll.

    Without options it gets those of its method, where that has fixed ones, in the words of the language in use. With a
    stored object of the host's to attach it to, it is among that object's polls.
    """
    attachment = {} if attached_to is None else _attachment(attached_to, router.db_for_write(Poll))
    return _created(draft, created_by, attachment)


def edit_poll(poll: Poll, draft: PollDraft, *, revision: int | None = None) -> Poll:
    """Change a poll's definition, and return it as it is then.

    Until it opens anything may change, then until the first vote anything but how it is counted. After that a
    correction note, metadata, a later deadline, a stricter visibility, and an added option where the poll accepts them.
    Raises InvalidPoll, PollFrozen, PollClosed, PollNotFound, or PollChanged where a `revision` is given that is not the
    poll's.
    """
    using = router.db_for_write(Poll, instance=poll)
    return retried(lambda: _edited(poll, draft, revision, using), using)


def open_poll(poll: Poll) -> Poll:
    """Open a draft or a scheduled poll for votes now.

    Raises PollAlreadyOpen, PollClosed, PollNotFound, or InvalidPoll where the poll cannot be voted in.
    """
    using = router.db_for_write(Poll, instance=poll)
    return retried(lambda: _opened(poll, using), using)


def close_poll(poll: Poll, *, closed_by: AbstractBaseUser | None = None, reason: str = "") -> Poll:
    """Close a poll for good, then count it and store the outcome.

    Raises PollClosed, PollNotOpen for a draft, PollNotFound, or InvalidPoll for a reason that cannot be stored.
    """
    using = router.db_for_write(Poll, instance=poll)
    closed = retried(lambda: _closed(poll, closed_by, reason, using), using)
    with suppress(MethodUnavailable, PollUncountable):  # `polls_finalise` counts it when the site can again
        results.finalise(closed)
    return closed


def copy_poll(poll: Poll, *, created_by: AbstractBaseUser | None = None) -> Poll:
    """Store a draft with this poll's definition, and return it: no votes, no schedule, an owner of its own.

    It is attached to what this poll is attached to.
    """
    options = [OptionDraft(option.text, capacity=option.capacity) for option in poll.options.all()]
    fields = {name: getattr(poll, name) for name in COPIED_FIELDS} | {"is_draft": True}
    attachment = {name: getattr(poll, name) for name in ATTACHMENT_FIELDS}
    return _created(PollDraft(fields, options, list(poll.groups.all())), created_by, attachment)


def delete_poll(poll: Poll, *, with_votes: bool = False) -> None:
    """Delete a poll, and its votes only if asked. Raises PollHasVotes, PollNotFound or TryAgain."""
    using = router.db_for_write(Poll, instance=poll)
    retried(lambda: _delete(poll, using, with_votes=with_votes), using)
    definitions.forget(poll.pk, using)


def _delete(poll: Poll, using: str, *, with_votes: bool) -> None:
    with transaction.atomic(using=using):
        held = _held(poll, using)
        if not with_votes and held.votes.exists():
            raise PollHasVotes
        statements.delete_votes(held.pk, using)
        held.delete(using=using)


def record_opening(poll: Poll) -> bool:
    """Record and announce that a poll has opened by its schedule; whether this call was the first to do it."""
    return _record_opening(poll, router.db_for_write(Poll, instance=poll))


def drop_address_keys() -> int:
    """Drop the keys to guests' addresses of polls closed longer ago than they are kept; return how many polls."""
    using = router.db_for_write(Poll)
    before = database_now(using) - timedelta(days=conf.address_retention_days)
    return Poll.objects.using(using).filter(address_key__isnull=False, closed_at__lte=before).update(address_key=None)


def _attachment(thing: Model, using: str) -> Mapping[str, Any]:
    """Return what a poll of this object's holds, by the keys that the polls' database has. Raises InvalidPoll."""
    if thing.pk is None:
        raise InvalidPoll({"attached_to": [_("Save what the poll is attached to first.")]})
    kind = ContentType.objects.db_manager(using).get_for_model(thing, for_concrete_model=False)
    return dict(zip(ATTACHMENT_FIELDS, (kind.pk, str(thing.pk)), strict=True))


def _created(draft: PollDraft, created_by: AbstractBaseUser | None, attachment: Mapping[str, Any]) -> Poll:
    using = router.db_for_write(Poll)
    poll = Poll(created_by_id=created_by.pk if created_by else None, **_known_fields(draft), **attachment)
    _check_times(draft.fields)
    options = _fixed_options(poll) if draft.options is None else draft.options
    _validate(poll, options, len(draft.groups or ()), using, deadline_is_new=True)
    with transaction.atomic(using=using):
        poll.save(using=using, force_insert=True)
        _set_options(poll, options, using)
        poll.groups.set(draft.groups or ())
        _record_opening(poll, using)
    poll.refresh_from_db(using=using)
    return poll


def _held(poll: Poll, using: str) -> Poll:
    held = statements.held_poll(poll.pk, using, exclusively=True)
    if held is None:
        raise PollNotFound
    return held


def _known_fields(draft: PollDraft) -> Mapping[str, Any]:
    if unknown := draft.fields.keys() - DEFINITION_FIELDS:
        raise InvalidPoll({name: [_("This is not part of a poll's definition.")] for name in sorted(unknown)})
    return draft.fields


def _check_times(fields: Mapping[str, Any]) -> None:
    for name in ("opens_at", "expires_at"):
        at = fields.get(name)
        if isinstance(at, datetime) and not FIRST_YEAR <= at.year <= LAST_YEAR:
            raise InvalidPoll({name: [_("This is out of range.")]})


def _fixed_options(poll: Poll) -> list[OptionDraft]:
    method = voting_methods().get(poll.method)
    return [OptionDraft(str(text)) for text in method.fixed_options] if method else []


def _validate(poll: Poll, options: Sequence[OptionDraft], groups: int, using: str, *, deadline_is_new: bool) -> None:
    """Raise InvalidPoll with the fields at fault. The poll shall have these options and so many groups."""
    try:
        poll.clean_fields(exclude={"created_by", "closed_by", "attached_type"})
        poll.clean()
    except ValidationError as error:
        raise InvalidPoll(error.message_dict) from None
    if deadline_is_new and poll.expires_at is not None and poll.expires_at <= database_now(using):
        raise InvalidPoll({"expires_at": [_("This time has passed.")]})
    if poll.electorate == Electorate.GROUPS and not groups:
        raise InvalidPoll({"groups": [_("Name the groups whose members may vote.")]})
    _validate_option_count(poll, len(options))
    _validate_method(poll, options)


def _validate_option_count(poll: Poll, count: int) -> None:
    if count < MIN_OPTIONS:
        raise InvalidPoll({"options": [_("A poll needs at least two options.")]})
    limit = conf.max_options
    if poll.voting_method.ranks_options:
        limit = min(limit, conf.max_ranked_options)
    if count > limit:
        message = ngettext("A poll has at most %(limit)d option.", "A poll has at most %(limit)d options.", limit)
        raise InvalidPoll({"options": [message % {"limit": limit}]})
    for name in ("min_options", "max_options"):
        if (getattr(poll, name) or 0) > count:
            raise InvalidPoll({name: [_("The poll has fewer options than this.")]})


def _validate_method(poll: Poll, options: Sequence[OptionDraft]) -> None:
    """Raise InvalidPoll unless the method can count such a poll, and has a use for what is asked of it."""
    method = poll.voting_method
    faults = dict(method.faults(poll.rules_for(tuple(range(len(options))))))
    if not method.takes_places and any(option.capacity is not None for option in options):
        faults["options"] = _("Under this method an option has no places that could be taken.")
    if poll.reasons != Reasons.OFF and not method.is_proposal:
        faults["reasons"] = _("Reasons are given to a proposal.")
    if poll.quorum_share and poll.electorate != Electorate.GROUPS:
        faults["quorum_share"] = _("How many may vote is known of groups alone.")
    if faults:
        raise InvalidPoll({name: [str(message)] for name, message in faults.items()})


def _set_options(poll: Poll, drafts: Sequence[OptionDraft], using: str) -> None:
    """Make these the poll's options, in this order. Raises InvalidPoll."""
    existing = {option.pk: option for option in poll.options.using(using)}
    options = [_drafted(poll, draft, position, existing) for position, draft in enumerate(drafts)]
    _validate_options(options)
    kept = [option for option in options if not option._state.adding]
    poll.options.using(using).exclude(pk__in=[option.pk for option in kept]).delete()
    _store_texts(kept, using)
    PollOption.objects.using(using).bulk_create(option for option in options if option._state.adding)


def _drafted(poll: Poll, draft: OptionDraft, position: int, existing: Mapping[int, PollOption]) -> PollOption:
    option = PollOption(poll=poll) if draft.id is None else existing.get(draft.id)
    if option is None:
        raise InvalidPoll({"options": [_("The poll has no such option.")]})
    # Whether it keeps its own is settled by now.
    option.text, option.position, option.capacity = draft.text, position, cast("int | None", draft.capacity)
    return option


def _validate_options(options: Sequence[PollOption]) -> None:
    for option in options:
        try:
            option.clean_fields(exclude={"poll"})
            option.clean()
        except ValidationError as error:
            raise InvalidPoll({"options": error.messages}) from None
    if len({option.text_key for option in options}) < len(options):
        raise InvalidPoll({"options": [_("Two options have the same text.")]})


def _store_texts(options: Sequence[PollOption], using: str) -> None:
    """Store what existing options are to be. Their keys step aside first: two may be trading texts."""
    keys = [option.text_key for option in options]
    for option in options:
        option.text_key = f"~{option.pk}"
    PollOption.objects.using(using).bulk_update(options, ["text_key"])
    for option, key in zip(options, keys, strict=True):
        option.text_key = key
    PollOption.objects.using(using).bulk_update(options, ["text", "text_key", "position", "capacity"])


def _record_opening(poll: Poll, using: str) -> bool:
    polls = Poll.objects.using(using)
    recorded = polls.open().filter(pk=poll.pk, opened_at=None).update(opened_at=database_now(using))
    if recorded:
        signals.announce(signals.poll_opened, using, poll=poll)
    return bool(recorded)


def _edited(poll: Poll, draft: PollDraft, revision: int | None, using: str) -> Poll:
    with transaction.atomic(using=using):
        held = _held(poll, using)
        if revision is not None and revision != held.revision:
            raise PollChanged
        draft = replace(draft, options=_with_capacities(held, draft.options))
        changes = {name: value for name, value in _known_fields(draft).items() if getattr(held, name) != value}
        _check_times(changes)
        _check_editable(held, draft, changes)
        for name, value in changes.items():
            setattr(held, name, value)
        options = _current_options(held) if draft.options is None else draft.options
        groups = held.groups.count() if draft.groups is None else len(draft.groups)
        _validate(held, options, groups, using, deadline_is_new="expires_at" in changes)
        _edit_lists(held, draft, using)
        _draw_seed(held)
        # Last: it writes the next revision, whatever the lists have made of it.
        held.save(using=using)
        _record_opening(held, using)
    definitions.forget(held.pk, using)
    return held


def _with_capacities(held: Poll, options: Sequence[OptionDraft] | None) -> Sequence[OptionDraft] | None:
    """Return the drafts with the capacity of each option that is to keep its own."""
    if options is None:
        return None
    stored: dict[int | None, int | None] = dict(held.options.values_list("pk", "capacity"))
    return [
        replace(option, capacity=stored.get(option.id)) if option.capacity is Keep.AS_IT_IS else option
        for option in options
    ]


def _draw_seed(held: Poll) -> None:
    """Give a poll that was made before polls had one a seed for its ties, unless a vote was cast without one."""
    if held.tie_seed is None and held.status != Status.CLOSED and not held.votes.exists():
        held.tie_seed = new_tie_seed()


def _check_editable(held: Poll, draft: PollDraft, changes: Mapping[str, Any]) -> None:
    """Raise PollClosed or PollFrozen with the fields that can no longer change."""
    lists = {"options": _options_differ(held, draft), "groups": _groups_differ(held, draft)}
    wanted = changes.keys() | {name for name, differs in lists.items() if differs}
    if held.status == Status.CLOSED and wanted - AFTER_CLOSE:
        raise PollClosed
    frozen = wanted & BINDING_FIELDS if held.status == Status.OPEN else frozenset()
    if held.votes.exists():
        frozen |= {name for name in wanted if not _may_change(held, name, changes, draft)}
    if frozen:
        raise PollFrozen(fields=", ".join(sorted(frozen)))


def _may_change(held: Poll, name: str, changes: Mapping[str, Any], draft: PollDraft) -> bool:
    """Whether a field may change after the first vote, in the way it is asked to."""
    if name == "visibility":
        return changes[name] in STRICTER[Visibility(held.visibility)]
    if name == "shows_voters":
        # They have voted under the promise that their names are not.
        return not changes[name]
    if name == "expires_at":
        return None not in (held.expires_at, changes[name]) and changes[name] > held.expires_at
    if name == "options":
        return held.accepts_new_options and _only_adds(held, draft)
    return name in AFTER_FIRST_VOTE


def _current_options(held: Poll) -> list[OptionDraft]:
    return [OptionDraft(option.text, option.pk, option.capacity) for option in held.options.all()]


def _options_differ(held: Poll, draft: PollDraft) -> bool:
    return draft.options is not None and list(draft.options) != _current_options(held)


def _only_adds(held: Poll, draft: PollDraft) -> bool:
    current, wanted = _current_options(held), list(draft.options or ())
    return wanted[: len(current)] == current and all(option.id is None for option in wanted[len(current) :])


def _groups_differ(held: Poll, draft: PollDraft) -> bool:
    return draft.groups is not None and {group.pk for group in draft.groups} != {
        group.pk for group in held.groups.all()
    }


def _edit_lists(held: Poll, draft: PollDraft, using: str) -> None:
    if draft.groups is not None:
        held.groups.set(draft.groups)
    if draft.options is None:
        return
    if not held.votes.exists():
        # Ballots whose votes were all withdrawn would hold on to options that go.
        statements.delete_votes(held.pk, using)
    _set_options(held, draft.options, using)


def _opened(poll: Poll, using: str) -> Poll:
    with transaction.atomic(using=using):
        held = _held(poll, using)
        if held.status == Status.CLOSED:
            raise PollClosed
        if held.status == Status.OPEN:
            raise PollAlreadyOpen
        held.is_draft = False
        _draw_seed(held)
        held.opens_at = held.read_at if held.opens_at and held.opens_at > held.read_at else held.opens_at
        _validate(held, _current_options(held), held.groups.count(), using, deadline_is_new=True)
        held.save(using=using)
        _record_opening(held, using)
    definitions.forget(held.pk, using)
    return held


def _closed(poll: Poll, closed_by: AbstractBaseUser | None, reason: str, using: str) -> Poll:
    with transaction.atomic(using=using):
        held = _held(poll, using)
        if held.status == Status.CLOSED:
            raise PollClosed
        if held.status == Status.DRAFT:
            raise PollNotOpen
        _record_opening(held, using)
        held.closed_at, held.close_reason = held.read_at, reason
        held.closed_by_id = closed_by.pk if closed_by else None
        _validate_reason(held)
        results.record_close(held, using)
        signals.announce(signals.poll_closed, using, poll=held)
    return held


def _validate_reason(poll: Poll) -> None:
    try:
        poll.clean_fields(exclude={f.name for f in Poll._meta.fields} - {"close_reason"})
    except ValidationError as error:
        raise InvalidPoll(error.message_dict) from None
