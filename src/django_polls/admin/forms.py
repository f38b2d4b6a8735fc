"""The forms by which a poll is written in the admin, and what they make: the draft that `lifecycle` takes."""

import json
import re
from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget
from django.core.exceptions import ValidationError
from django.forms.fields import InvalidJSONInput
from django.forms.models import BaseInlineFormSet
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from django_polls.conf import voting_methods
from django_polls.display.names import count_choices, method_choices
from django_polls.exceptions import InvalidPoll, PollError
from django_polls.forms.freezing import WRITTEN, Freeze
from django_polls.lifecycle import DEFINITION_FIELDS, OptionDraft, PollDraft
from django_polls.models import Poll, PollOption

METADATA_DEPTH = 16
STRINGS = re.compile(r'"(?:[^"\\]|\\.)*"')
BRACKETS = re.compile(r"[\[\]{}]")


class MetadataField(forms.JSONField):
    """A JSON object that every database can store; an empty field is an empty object."""

    def to_python(self, value: object) -> object:  # type: ignore[override]  # the types know text alone
        if _depth(str(value)) > METADATA_DEPTH:
            raise self._invalid()
        data = super().to_python(value) or {}
        try:
            text = json.dumps(data, ensure_ascii=False, allow_nan=False)
            text.encode()
        except ValueError:
            # PostgreSQL stores neither NaN nor half a surrogate pair.
            raise self._invalid() from None
        if not isinstance(data, dict) or "\\u0000" in text:
            raise self._invalid()
        return data

    def bound_data(self, data: object, initial: object) -> object:
        try:
            self.to_python(data)
        except ValidationError:
            # As it was written: what cannot be stored may not even be rendered.
            return InvalidJSONInput(data)
        return super().bound_data(data, initial)

    def _invalid(self) -> ValidationError:
        return ValidationError(_("Write a JSON object of plain values."), code="invalid")


def _depth(text: str) -> int:
    """Return how deep a JSON text is nested, without parsing it: that may take more stack than there is."""
    depth = deepest = 0
    for bracket in BRACKETS.findall(STRINGS.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


class PollForm(forms.ModelForm):
    """A poll's definition. It saves nothing: `lifecycle` does, and what that refuses comes back as `refusal`."""

    method = forms.ChoiceField(label=capfirst(_("method")), choices=method_choices, initial="single")
    count = forms.ChoiceField(
        label=capfirst(_("way of counting")),
        choices=count_choices,
        required=False,
        help_text=_("Where the method has several, one of its own."),
    )
    metadata = MetadataField(label=capfirst(_("metadata")), required=False, initial=dict)
    known_revision = forms.IntegerField(required=False, widget=forms.HiddenInput)

    freeze: ClassVar[Freeze] = Freeze()
    refusal: ClassVar[PollError | None] = None

    class Meta:
        model = Poll
        fields = tuple(sorted(WRITTEN))
        widgets: ClassVar[dict[str, forms.Widget]] = {"grades": AdminTextareaWidget(attrs={"rows": 6})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("known_revision", self.instance.revision)

    def clean_grades(self) -> str:
        """Return the lines as every other client sends them: a browser ends each one its own way."""
        grades: str = self.cleaned_data["grades"]
        return grades.replace("\r\n", "\n")

    def clean(self) -> dict[str, Any]:
        """Refuse what is fixed, though this page never asks for it: the page was old, or the request forged."""
        posted = {name.removesuffix("_0").removesuffix("_1") for name in self.data}
        if posted & self.freeze.fields:
            self.add_error(None, str(self.freeze.reason))
        if self.refusal is not None:
            self.add_error(None, _error_of(self.refusal))
        return self.cleaned_data

    def add_error(self, field: str | None, error: ValidationError | str) -> None:  # type: ignore[override]
        """Add an error to its field, or above the form where the form has no such field now."""
        if not hasattr(error, "error_dict"):
            super().add_error(field, error)
            return
        for name, errors in error.error_dict.items():
            super().add_error(name if name in self.fields else None, errors)

    def draft(self, options: BaseInlineFormSet) -> PollDraft:
        """Return the poll as it shall be, by this form and that of its options."""
        fields = {name: value for name, value in self.cleaned_data.items() if name in DEFINITION_FIELDS}
        return PollDraft(fields, self._option_drafts(options), self.cleaned_data.get("groups"))

    def _option_drafts(self, options: BaseInlineFormSet) -> list[OptionDraft] | None:
        if not self.freeze.fixes_options:
            return [_option_draft(form) for form in _in_order(options)] or self._nothing_written()
        added = [_option_draft(form) for form in _in_order(options) if form.instance.pk is None]
        standing = [OptionDraft(option.text, option.pk, option.capacity) for option in self.instance.options.all()]
        return standing + added if added else None

    def _nothing_written(self) -> list[OptionDraft] | None:
        """Return None, by which a new poll gets the options of its method, where these are fixed; else no options."""
        is_new = self.instance._state.adding
        return None if is_new and voting_methods()[self.cleaned_data["method"]].fixed_options else []


class PollOptionForm(forms.ModelForm):
    """One option; one without a position comes last."""

    position = forms.IntegerField(label=_("position"), required=False, min_value=0, max_value=32_767)

    class Meta:
        model = PollOption
        fields = ("text", "position", "capacity")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            self.initial.pop("position", None)


def _error_of(refusal: PollError) -> ValidationError:
    return ValidationError(dict(refusal.errors) if isinstance(refusal, InvalidPoll) else str(refusal))


def _option_draft(form: forms.ModelForm) -> OptionDraft:
    return OptionDraft(form.cleaned_data["text"], form.instance.pk, form.cleaned_data["capacity"])


def _in_order(options: BaseInlineFormSet) -> list[forms.ModelForm]:
    """Return the filled-in forms by position, those without one last."""
    return sorted(_filled_in(options), key=_position)


def _filled_in(options: BaseInlineFormSet) -> Iterable[forms.ModelForm]:
    deleted = options.deleted_forms
    return (form for form in options.forms if form not in deleted and (form.instance.pk or form.has_changed()))


def _position(form: forms.ModelForm) -> float:
    position = form.cleaned_data.get("position")
    return float("inf") if position is None else position
