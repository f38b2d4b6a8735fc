"""The form by which people write polls on the pages, and what it makes: the draft that `lifecycle` takes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from django import forms
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.forms import BaseFormSet, BoundField, formset_factory
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from django_polls.conf import conf, voting_methods
from django_polls.display.names import count_choices, method_choices
from django_polls.display.times import in_zone
from django_polls.exceptions import InvalidPoll, PollChanged, PollError
from django_polls.forms.freezing import Freeze, freeze_of
from django_polls.identity import User
from django_polls.lifecycle import OptionDraft, PollDraft
from django_polls.models import Poll
from django_polls.models.options import OPTION_LENGTH
from django_polls.models.showing import validate_time_zone
from django_polls.policies import holds

MINUTES = "%Y-%m-%dT%H:%M"
TIMES = ("opens_at", "expires_at")


@dataclass(frozen=True, slots=True)
class Section:
    """Fields under a heading, for some `methods` or, where none are named, for all; folded up where it is rare."""

    name: str
    heading: str | Promise
    fields: tuple[str, ...]
    about: str | Promise = ""
    methods: tuple[str, ...] = ()
    is_rare: bool = False


SECTIONS = (
    Section("method", _("How people vote"), ("method", "count")),
    Section("limits", _("How many options"), ("min_options", "max_options"), methods=("approval", "single")),
    Section(
        "rankings", _("Rankings"), ("max_ranks", "equal_ranks", "seats", "quota"), methods=("ranked",), is_rare=True
    ),
    Section("scores", _("Scores"), ("min_score", "max_score", "grades", "unscored_is_zero"), methods=("score",)),
    Section("points", _("Points"), ("points", "max_points", "must_spend_all"), methods=("dots",)),
    Section("reasons", _("Reasons"), ("reasons",), methods=("yes_no",)),
    Section("schedule", _("When"), ("opens_at", "expires_at", "time_zone")),
    Section(
        "voters",
        _("Who votes"),
        ("electorate", "groups", "permission", "guest_identity", "vote_change", "vote_withdrawal"),
    ),
    Section("results", _("Who sees the results"), ("visibility", "shows_voters")),
    Section(
        "decision",
        _("What it takes to decide"),
        ("quorum", "quorum_share", "pass_threshold", "max_votes", "final_ties"),
        is_rare=True,
    ),
    Section(
        "ballot",
        _("More about the ballot"),
        ("allows_abstention", "allows_none_of_these", "shuffles_options", "accepts_new_options"),
        is_rare=True,
    ),
    Section("notes", _("Correction"), ("correction",), is_rare=True),
)
FIELDS = ("title", "description", *(name for section in SECTIONS for name in section.fields))


class MinuteInput(forms.DateTimeInput):
    """A date and a time, as browsers have a control for."""

    input_type = "datetime-local"


class Lines(forms.Textarea):
    """A text of lines, each of which ends as every other client ends it: a browser has its own way."""

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> str | None:  # noqa: ANN401
        """Return the text, without the browser's line ends."""
        text: str | None = super().value_from_datadict(data, files, name)
        return text and text.replace("\r\n", "\n")


class PollForm(forms.ModelForm):
    """A poll's definition. It saves nothing: `lifecycle` does, and what that refuses is said by `refuse`.

    What can no longer change is disabled. Times are read and written in the poll's own time zone.
    """

    method = forms.ChoiceField(label=capfirst(_("method")), choices=method_choices, initial="single")
    count = forms.ChoiceField(label=capfirst(_("way of counting")), choices=count_choices, required=False)
    revision = forms.IntegerField(required=False, widget=forms.HiddenInput)
    stage = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Poll
        fields = FIELDS
        widgets = {
            "description": Lines(attrs={"rows": 3}),
            "correction": Lines(attrs={"rows": 3}),
            "grades": Lines(attrs={"rows": 5}),
            "groups": forms.CheckboxSelectMultiple,
            **{name: MinuteInput(format=MINUTES, attrs={"step": 60}) for name in TIMES},
        }

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        self.freeze: Freeze = freeze_of(self.instance)
        self.refusal: PollError | None = None
        self.initial.setdefault("revision", self.instance.revision)
        self.initial.setdefault("stage", self.freeze.stage)
        self.initial.update({name: self._minute(name) for name in TIMES})
        groups = cast("forms.ModelMultipleChoiceField", self.fields["groups"])
        groups.queryset = _groups_known_to(user, self.instance)
        self._has_groups = groups.queryset.exists()
        for name in self.freeze.fields & self.fields.keys():
            self.fields[name].disabled = True

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which the form's times are."""
        name = self.data.get("time_zone", "") if self.is_bound else self.instance.time_zone
        try:
            validate_time_zone(name)
        except ValidationError:
            return self._poll_zone
        return ZoneInfo(name)

    @property
    def _poll_zone(self) -> ZoneInfo:
        poll: Poll = self.instance
        return poll.zone

    def _minute(self, name: str) -> str | None:
        at: datetime | None = getattr(self.instance, name)
        return None if at is None else in_zone(at, self._poll_zone).strftime(MINUTES)

    def full_clean(self) -> None:
        """Check everything, times as of the poll's zone."""
        with timezone.override(self.zone):
            super().full_clean()

    def _post_clean(self) -> None:
        """Leave the rules to `lifecycle`, which has them all: here each field is checked by itself."""
        for name in TIMES:
            if not self._is_written(name):
                # As it is stored: an hour that the clocks have twice cannot be read back from what is shown of it.
                self.errors.pop(name, None)
                self.cleaned_data[name] = getattr(self.instance, name)

    def _is_written(self, name: str) -> bool:
        """Whether this time is another one than was shown: it has seconds that are not, and is one of another zone."""
        if self.fields[name].disabled:
            return False
        text = self.data.get(self.add_prefix(name)) or None
        return text != self.initial[name] or (text is not None and self.zone != self._poll_zone)

    def clean_opens_at(self) -> datetime | None:
        """Return the time as the site stores it."""
        return self._stored("opens_at")

    def clean_expires_at(self) -> datetime | None:
        """Return the time as the site stores it."""
        return self._stored("expires_at")

    def _stored(self, name: str) -> datetime | None:
        at: datetime | None = self.cleaned_data[name]
        if at is None or timezone.is_aware(at):
            return at
        # A site that stores local times: the one that was written is the poll's.
        return timezone.make_naive(at.replace(tzinfo=self.zone), timezone.get_default_timezone())

    def sections(self) -> Iterator[tuple[Section, Sequence[BoundField]]]:
        """Yield each section with its fields."""
        for section in SECTIONS:
            yield section, [self[name] for name in section.fields if name != "groups" or self._has_groups]

    def draft(self, options: "OptionsForm") -> PollDraft:
        """Return the poll as it shall be: of one that exists, what has changed.

        Raises PollChanged where more of it is fixed than the form had said: what was written there would be dropped.
        """
        if self.cleaned_data["stage"] != self.freeze.stage:
            raise PollChanged
        is_new = self.instance._state.adding
        names = self.fields.keys() if is_new else self._changed()
        fields = {name: self.cleaned_data[name] for name in names - {"groups", "revision", "stage"}}
        groups = self.cleaned_data["groups"] if "groups" in names else None
        return PollDraft(fields, self._options(options, is_new=is_new), groups)

    def _changed(self) -> set[str]:
        """Return the names of the fields that were changed."""
        return {*self.changed_data} - {*TIMES} | {name for name in TIMES if self._is_written(name)}

    def _options(self, options: "OptionsForm", *, is_new: bool) -> list[OptionDraft] | None:
        drafts = options.drafts()
        if self.freeze.fixes_options:
            added = [draft for draft in drafts if draft.id is None]
            standing = [OptionDraft(each.text, each.pk, each.capacity) for each in self.instance.options.all()]
            return standing + added if added else None
        has_own = voting_methods()[self.cleaned_data["method"]].fixed_options
        return None if is_new and has_own and not drafts else drafts

    def refuse(self, refusal: PollError) -> None:
        """Say what `lifecycle` has refused, at the fields at fault."""
        self.refusal = refusal
        if not isinstance(refusal, InvalidPoll):
            self.add_error(None, str(refusal))
            return
        for name, sentences in refusal.errors.items():
            known = name in self.fields and name not in self.errors
            self.add_error(name if known else None, [ValidationError(str(sentence)) for sentence in sentences])


def _groups_known_to(user: User, poll: Poll) -> Any:  # noqa: ANN401  a queryset
    """Return the groups that somebody may limit a poll to: those they know of, and those that it is limited to."""
    if holds(user, "auth.view_group"):
        return Group.objects.order_by("name")
    own = getattr(user, "groups", Group.objects.none()).values("pk")
    present = Group.objects.none() if poll._state.adding else poll.groups.values("pk")
    return Group.objects.filter(Q(pk__in=own) | Q(pk__in=present)).order_by("name")


class OptionForm(forms.Form):
    """One option. Its place among the others is a number that the formset adds."""

    id = forms.IntegerField(required=False, widget=forms.HiddenInput)
    text = forms.CharField(label=_("Option"), max_length=OPTION_LENGTH, required=False)
    capacity = forms.IntegerField(label=_("Places"), required=False, min_value=1)


class OptionsForm(BaseFormSet):
    """The options of a poll, some of them blank for more; whether those it has are fixed, and whether it takes more."""

    is_fixed: bool
    takes_more: bool

    def drafts(self) -> list[OptionDraft]:
        """Return the options as they shall be, in their order; a blank line is none."""
        filled = [form for form in self.forms if form.cleaned_data.get("text") and not form.cleaned_data.get("DELETE")]
        return [_draft(form.cleaned_data) for form in sorted(filled, key=_place)]


def _place(form: forms.Form) -> float:
    place = form.cleaned_data.get("ORDER")
    return float("inf") if place is None else place


def _draft(values: Mapping[str, Any]) -> OptionDraft:
    return OptionDraft(values["text"], values.get("id"), values.get("capacity"))


def options_form(poll: Poll | None, data: Mapping[str, Any] | None = None, blank: int = 3) -> OptionsForm:
    """Return the form of a poll's options, read with what is fixed in it, and so many blank lines."""
    freeze = freeze_of(poll)
    stored = [] if poll is None else list(poll.options.all())
    kind = formset_factory(
        OptionForm,
        formset=OptionsForm,
        extra=0 if freeze.fixes_options and not freeze.accepts_options else blank,
        can_order=True,
        can_delete=True,
        max_num=conf.max_options,
        absolute_max=conf.max_options + 1,
        validate_max=True,
    )
    initial = [{"id": option.pk, "text": option.text, "capacity": option.capacity} for option in stored]
    options = cast("OptionsForm", kind(data, initial=initial, prefix="options"))
    options.is_fixed, options.takes_more = freeze.fixes_options, freeze.accepts_options or not freeze.fixes_options
    for line in options.initial_forms if freeze.fixes_options else ():
        for field in line.fields.values():
            field.disabled = True
    return options
