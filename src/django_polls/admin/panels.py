"""The parts of the analytics pages: a heading, a chart where there is one, and the table behind it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from django_polls import charts
from django_polls.analytics.activity import FEWEST_VOTES, Activity, Shares
from django_polls.analytics.buckets import Size
from django_polls.analytics.groups import GroupRow
from django_polls.exceptions import PollError
from django_polls.exports import Row, share_percent
from django_polls.methods.outcomes import Exact

MOST_LINES = 6
SHARE_TOPS = (10, 20, 50, 100)


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a table, as a person and as a program reads it.

    With the `width` of a bar, where it is a part of something, and with the `address` of the page it is about.
    """

    shown: str
    raw: object
    width: str = ""
    address: str = ""

    @property
    def is_figure(self) -> bool:
        """Whether it is a number, so that it stands on the right."""
        return isinstance(self.raw, int | Decimal | Fraction) or self.raw is None


@dataclass(frozen=True, slots=True)
class Panel:
    """One part of a page. `slug` names its table in the address of the CSV."""

    slug: str
    title: str
    about: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    chart: charts.Chart | None = None

    @property
    def columns(self) -> Iterable[tuple[str, bool]]:
        """The names of the columns, and whether each is of figures."""
        return ((name, self.rows[0][place].is_figure) for place, name in enumerate(self.head))

    def csv_rows(self) -> Iterable[Row]:
        """Yield the rows of the table for a program."""
        yield self.head
        for row in self.rows:
            yield [cell.raw for cell in row]


NOTHING = Cell("–", None)  # noqa: RUF001  a dash


def word(text: str, address: str = "") -> Cell:
    """Return a cell of words."""
    return Cell(text, text, address=address)


def number(figure: int, whole: int = 0) -> Cell:
    """Return a cell of a whole number, with a bar where it is a part of some whole."""
    return Cell(number_format(figure, force_grouping=True), figure, charts.bar(figure, whole) if whole else "")


def figure(votes: Exact | Fraction, whole: Exact | Fraction = 0) -> Cell:
    """Return a cell of votes, of which some may weigh more than others, with a bar as `number` has it."""
    exact = Fraction(votes)
    decimals = 0 if exact.denominator == 1 else 2
    text = number_format(float(exact) if decimals else int(exact), decimals, force_grouping=True)
    return Cell(text, votes, charts.bar(float(exact), float(Fraction(whole))) if whole else "")


def share(part: Exact | Fraction, base: Exact | Fraction) -> Cell:
    """Return a cell of a share in hundredths; an empty one where there is nothing to share."""
    text = share_percent(part, base)
    if not text:
        return NOTHING
    return Cell(hundredths(Decimal(share_percent(part, base, 1))), Decimal(text))


def hundredths(figure: Decimal | int) -> str:
    """Return a number of hundredths as people read it."""
    return _("%(number)s%%") % {"number": number_format(figure)}


def moment(start: datetime, size: Size) -> Cell:
    """Return a cell of a span of time, by when it began."""
    return Cell(label_of(start, size), start)


def label_of(start: datetime, size: Size) -> str:
    """Return what a span of time is called."""
    if size is Size.MONTH:
        return date_format(start, "YEAR_MONTH_FORMAT")
    return date_format(start, "SHORT_DATE_FORMAT" if size is Size.DAY else "SHORT_DATETIME_FORMAT")


def marks_of(start: datetime, size: Size) -> tuple[str, str]:
    """Return what a span of time is called on an axis, where there is little room: a text, and a note below it."""
    if size is Size.HOUR:
        return date_format(start, "TIME_FORMAT"), date_format(start, "SHORT_DATE_FORMAT")
    return label_of(start, size), ""


def votes_over_time(activity: Activity) -> Panel:
    """Return how many votes came when, by whether who cast them has an account."""
    title, legend = _("Votes over time"), (_("With an account"), _("Without an account"))
    labels = [label_of(bucket.start, activity.size) for bucket in activity.buckets]
    top = charts.top_for(max(bucket.votes for bucket in activity.buckets))
    steps = [
        charts.Step(place, place + 1, tuple((float(votes), _votes_at(labels[place], votes)) for votes in parts))
        for place, parts in enumerate((bucket.users, bucket.others) for bucket in activity.buckets)
    ]
    chart = charts.Chart(
        title,
        _summary(labels, [bucket.votes for bucket in activity.buckets]),
        charts.levels([number_format(figure, force_grouping=True) for figure in charts.figures_up_to(top)]),
        charts.places([marks_of(bucket.start, activity.size) for bucket in activity.buckets]),
        rects=charts.columns(steps, len(steps), top),
        legend=legend,
    )
    rows = [
        (moment(bucket.start, activity.size), number(bucket.votes), number(bucket.users), number(bucket.others))
        for bucket in activity.buckets
    ]
    about = _("Each vote counts when it was cast, or last changed. Times are those of your time zone.")
    return Panel("votes", title, about, (_begins(activity.size), _("Votes"), *legend), tuple(rows), chart)


def _begins(size: Size) -> str:
    return {Size.HOUR: _("Hour from"), Size.DAY: _("Day"), Size.MONTH: _("Month")}[size]


def _votes_at(label: str, votes: int) -> str:
    return ngettext("%(when)s: %(votes)s vote", "%(when)s: %(votes)s votes", votes) % {
        "when": label,
        "votes": number_format(votes, force_grouping=True),
    }


def _summary(labels: Sequence[str], votes: Sequence[int]) -> str:
    return ngettext(
        "%(votes)s vote from %(first)s to %(last)s; most came at %(when)s",
        "%(votes)s votes from %(first)s to %(last)s; most came at %(when)s",
        sum(votes),
    ) % {
        "votes": number_format(sum(votes), force_grouping=True),
        "first": labels[0],
        "last": labels[-1],
        "when": labels[votes.index(max(votes))],
    }


def shares_over_time(activity: Activity, names: Mapping[int, str]) -> Panel:
    """Return what share of the votes each option had as they came. A chart is for the few options that have most."""
    title = _("Shares over time")
    last = activity.shares[-1]
    leading = sorted(names, key=lambda option_id: -last.share(option_id))[:MOST_LINES]
    labels = [label_of(bucket.start, activity.size) for bucket in activity.buckets]
    most = max(100 * shares.share(option_id) for shares in activity.shares for option_id in leading)
    top = next(top for top in SHARE_TOPS if top >= most)
    steps = [_share_step(shares, leading, names, labels) for shares in activity.shares]
    chart = charts.Chart(
        title,
        _standing(last, leading, names),
        charts.levels([hundredths(figure) for figure in charts.figures_up_to(top)]),
        charts.places([marks_of(bucket.start, activity.size) for bucket in activity.buckets]),
        lines=charts.lines(steps, len(labels), top),
        legend=tuple(_named_share(names[option_id], last, option_id) for option_id in leading),
    )
    head = (_until(activity.size), _("Votes that count"), *names.values())
    rows = tuple(_share_row(shares, activity, names) for shares in activity.shares)
    about = ngettext(
        "What each option had by then. No step is of fewer than %(number)d vote, so that it tells of nobody alone.",
        "What each option had by then. No step is of fewer than %(number)d votes, so that it tells of nobody alone.",
        FEWEST_VOTES,
    ) % {"number": FEWEST_VOTES}
    return Panel("shares", title, about, head, rows, chart)


def _until(size: Size) -> str:
    return {Size.HOUR: _("Up to the hour from"), Size.DAY: _("Up to the day"), Size.MONTH: _("Up to the month")}[size]


def _share_step(shares: Shares, leading: Sequence[int], names: Mapping[int, str], labels: Sequence[str]) -> charts.Step:
    parts = [
        (
            float(100 * shares.share(option_id)),
            f"{labels[shares.last]}: {_named_share(names[option_id], shares, option_id)}",
        )
        for option_id in leading
    ]
    return charts.Step(shares.first, shares.last + 1, tuple(parts))


def _named_share(name: str, shares: Shares, option_id: int) -> str:
    return f"{name}, {share(shares.share(option_id), 1).shown}"


def _standing(last: Shares, leading: Sequence[int], names: Mapping[int, str]) -> str:
    return "; ".join(_named_share(names[option_id], last, option_id) for option_id in leading)


def _share_row(shares: Shares, activity: Activity, names: Mapping[int, str]) -> tuple[Cell, ...]:
    start = activity.buckets[shares.last].start
    cells = (share(shares.votes.get(option_id, 0), shares.base) for option_id in names)
    return (moment(start, activity.size), figure(shares.base), *cells)


def voters(activity: Activity) -> Panel:
    """Return how many votes came from whom."""
    kinds = {_("With an account"): activity.users, _("Without an account"): activity.votes - activity.users}
    rows = tuple(
        (word(name), number(votes, activity.votes), share(votes, activity.votes)) for name, votes in kinds.items()
    )
    about = _("Without an account are guests, and users whose account was deleted since.")
    return Panel("voters", _("Users and guests"), about, (_("Who"), _("Votes"), _("Share")), rows)


def options_by_group(rows: Sequence[GroupRow], names: Mapping[int, str]) -> Panel:
    """Return what the members of each group chose."""
    lines = tuple((word(row.name or _("In none of them now")), *map(_kept, row.votes)) for row in rows)
    about = ngettext(
        "By the groups that voters are in now. Cells that would tell of fewer than %(number)d person are left out, and "
        "so are those from which one could be computed.",
        "By the groups that voters are in now. Cells that would tell of fewer than %(number)d people are left out, and "
        "so are those from which one could be computed.",
        FEWEST_VOTES,
    ) % {"number": FEWEST_VOTES}
    return Panel("groups", _("Options by group"), about, (_("Group"), *names.values()), lines)


def _kept(votes: int | None) -> Cell:
    return NOTHING if votes is None else number(votes)


def top_polls(top: Sequence[tuple[str, str, int]]) -> Panel:
    """Return the polls with the most votes, by their titles and the addresses of their pages."""
    most = max(votes for _title, _address, votes in top)
    rows = tuple((word(title, address), number(votes, most)) for title, address, votes in top)
    return Panel("top", _("Polls with the most votes"), "", (_("Poll"), _("Votes")), rows)


def refused_attempts(refusals: Mapping[str, int]) -> Panel:
    """Return how often which reason spoke against a vote; a program reads its code."""
    whole, sentences = sum(refusals.values()), dict(_reasons(PollError))
    rows = tuple(
        (Cell(f"{sentences[code]} ({code})" if code in sentences else code, code), number(attempts, whole))
        for code, attempts in refusals.items()
    )
    about = _("Votes, changes and withdrawals that were refused, by the reason. Who it was is not recorded.")
    return Panel("refusals", _("Refused attempts"), about, (_("Reason"), _("Attempts")), rows)


class _Anything(dict[str, str]):
    """Fills every placeholder of a sentence whose figures are not kept."""

    def __missing__(self, name: str) -> str:
        return "\N{HORIZONTAL ELLIPSIS}"


def _reasons(family: type[PollError]) -> Iterator[tuple[str, str]]:
    for refusal in family.__subclasses__():
        yield refusal.code, str(refusal.message) % _Anything()
        yield from _reasons(refusal)
