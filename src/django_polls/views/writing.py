"""The pages on which polls are written: a new one, and one that exists."""

from abc import ABC, abstractmethod
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from django_polls import lifecycle
from django_polls.exceptions import Invalid, PollError
from django_polls.forms.freezing import keep_freeze
from django_polls.forms.polls import OptionsForm, PollForm, options_form
from django_polls.models import Poll
from django_polls.policies import current_policy
from django_polls.views.base import PollsPage, refusal_to

MORE = "more"
NO_REVISION = 0


class PollWritingView(PollsPage, ABC):
    """What a new poll and an edited one have in common."""

    template_name = "django_polls/poll_form.html"
    form_class = PollForm

    @abstractmethod
    def get_written(self) -> Poll | None:
        """Return the poll that is edited, None for a new one. Raises NotPermitted."""

    @abstractmethod
    def save(self, form: PollForm, options: OptionsForm) -> Poll:
        """Store what was written. Raises PollError."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the form."""
        poll = self.get_written()
        form = self.form_class(instance=poll, user=request.user)
        return self.page(form, options_form(poll, blank=1 if poll else 4))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Store the poll, or show the form again: with more lines if asked, else with what is wrong."""
        poll = self.get_written()
        if MORE in request.POST:
            return self.page(*self._with_more_lines(poll))
        form = self.form_class(request.POST, instance=poll, user=request.user)
        options = options_form(poll, request.POST)
        if not (form.is_valid() & options.is_valid()):
            return self.page(form, options, Invalid.status)
        try:
            written = self.save(form, options)
        except PollError as refusal:
            form.refuse(refusal)
            return self.page(form, options, refusal.status)
        return HttpResponseRedirect(reverse("django_polls:poll-manage", args=[written.pk]))

    def page(self, form: PollForm, options: OptionsForm, status: int = 200) -> HttpResponse:
        """Return the page with these forms."""
        context = self.get_context_data(form=form, options=options, poll=form.instance if form.instance.title else None)
        return self.render_to_response(context, status=status)

    def _with_more_lines(self, poll: Poll | None) -> tuple[PollForm, OptionsForm]:
        """Return the forms as they were sent, unjudged, with more blank lines for options."""
        data = self.request.POST.copy()
        lines = data.get("options-TOTAL_FORMS", "")
        if lines.isascii() and lines.isdigit() and len(lines) < 4:
            data["options-TOTAL_FORMS"] = str(int(lines) + 3)
        form = self.form_class(data, instance=poll, user=self.request.user)
        form.errors.clear()
        options = options_form(poll, data)
        for line in options.forms:
            line.errors.clear()
        return form, options


class PollCreateView(PollWritingView):
    """A new poll."""

    def get_written(self) -> None:
        """Return nothing, to whoever may create polls. Raises NotPermitted."""
        if not current_policy().may_create(self.request.user):
            raise refusal_to(self.request)

    def save(self, form: PollForm, options: OptionsForm) -> Poll:
        """Create the poll: a draft where that button was pressed, else open or scheduled."""
        self.throttle("create")
        draft = form.draft(options)
        fields = {**draft.fields, "is_draft": "draft" in self.request.POST}
        poll = lifecycle.create_poll(lifecycle.PollDraft(fields, draft.options, draft.groups), created_by=self.user)
        self.tell(_("The poll is saved as a draft.") if poll.is_draft else _("The poll is created."))
        return poll


class PollEditView(PollWritingView):
    """A poll that exists."""

    def get_written(self) -> Poll:
        """Return the poll, with what is fixed in it, to whoever manages it."""
        poll = self.get_managed_poll()
        vars(poll)["has_votes"] = poll.votes.exists()
        return keep_freeze(poll)

    def save(self, form: PollForm, options: OptionsForm) -> Poll:
        """Edit the poll, if it is still the one that the form was made for."""
        revision = form.cleaned_data.get("revision") or NO_REVISION
        poll = lifecycle.edit_poll(form.instance, form.draft(options), revision=revision)
        self.tell(_("The poll is changed."))
        return poll
