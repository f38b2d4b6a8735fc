"""What an outcome says, in sentences in the reader's language: rendered whenever it is read, never stored."""

from collections.abc import Iterable, Iterator, Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from django_polls.methods.outcomes import Majority, OptionPoints, Outcome, Round, Tie

Names = Mapping[int, str]
"""What each option is called, by its id."""

# How a tie was broken, once it is said who tied.
BROKEN_BY: Mapping[str, str | Promise] = {
    "previous_rounds": gettext_lazy("%(tied)s tie; by the rounds before it falls on %(chosen)s."),
    "seed": gettext_lazy("%(tied)s tie; by the order that the poll's seed gives it falls on %(chosen)s."),
    "declared": gettext_lazy("%(tied)s tie, and all of them win."),
    "match_ups": gettext_lazy("%(tied)s tie; the comparisons between them decide for %(chosen)s."),
    "scores": gettext_lazy("%(tied)s tie; the sums of their scores decide for %(chosen)s."),
    "top_scores": gettext_lazy("%(tied)s tie; the number of their highest scores decides for %(chosen)s."),
    "grades": gettext_lazy("%(tied)s have the same grade; their next grades decide for %(chosen)s."),
    "status_quo": gettext_lazy("%(tied)s have as many votes, so things stay as they are."),
}


def explanation(outcome: Outcome, names: Names) -> list[str]:
    """Return what the outcome says, sentence by sentence: its rounds or figures, its ties, and who wins."""
    ties = (_tie(tie, names) for tie in outcome.ties)
    return [*_facts(outcome, names), *ties, _verdict(outcome, names)]


def _facts(outcome: Outcome, names: Names) -> Iterator[str]:
    if outcome.rounds:
        tell = _run_off if outcome.count == "star" else _round
        for number, each in enumerate(outcome.rounds, 1):
            yield tell(number, each, names)
    elif outcome.majorities:
        yield from (_majority(majority, names) for majority in outcome.majorities)
    elif outcome.points:
        yield _("Points: %(points)s.") % {"points": _figures(outcome.points, names)}
    elif outcome.pairwise:
        yield from _duels(outcome, names)
    else:
        yield _votes(outcome, names)


def _votes(outcome: Outcome, names: Names) -> str:
    counted = [OptionPoints(option.option_id, option.votes or 0) for option in outcome.options]
    return _("Votes: %(votes)s.") % {"votes": _figures(counted, names)}


def _round(number: int, each: Round, names: Names) -> str:
    """Return the sentence on one round of an elimination: who is in, who is out, and where the votes go."""
    totals = {row.option_id: row for row in each.totals}
    parts = []
    if each.elected:
        parts.append(_in(_figures((totals[option] for option in each.elected), names), len(each.elected)))
    if each.eliminated:
        parts.append(_out(_figures((totals[option] for option in each.eliminated), names), len(each.eliminated)))
    parts += _moves(each, names)
    return _("Round %(round)d: %(events)s.") % {"round": number, "events": "; ".join(parts) or _("nobody is decided")}


def _in(options: str, number: int) -> str:
    return ngettext("%(options)s is elected", "%(options)s are elected", number) % {"options": options}


def _out(options: str, number: int) -> str:
    return ngettext(
        "%(options)s has the fewest votes and is out", "%(options)s have the fewest votes and are out", number
    ) % {"options": options}


def _moves(each: Round, names: Names) -> Iterator[str]:
    """Yield what becomes of the votes that leave an option."""
    for transfer in each.transfers:
        values = {"votes": transfer.votes, "source": names[transfer.source]}
        if transfer.target is None:
            yield _("%(votes)s from %(source)s have no further choice") % values
        else:
            values = {**values, "target": names[transfer.target]}
            yield _("%(votes)s go from %(source)s to %(target)s") % values


def _run_off(number: int, each: Round, names: Names) -> str:
    """Return the sentence on a round of STAR: the scores, or the voters who prefer each of the two finalists."""
    values = {"round": number, "figures": _figures(each.totals, names), "votes": each.exhausted}
    if number == 1:
        finalists = {"finalists": _listed(each.elected, names)}
        return _("Round %(round)d: the scores are %(figures)s; %(finalists)s go on.") % {**values, **finalists}
    return _("Round %(round)d: voters prefer %(figures)s; %(votes)s have no preference.") % values


def _majority(majority: Majority, names: Names) -> str:
    values = {
        "winner": names[majority.winner],
        "loser": names[majority.loser],
        "votes": majority.votes,
        "against": majority.against,
    }
    if majority.is_locked:
        return _("%(winner)s over %(loser)s by %(votes)d to %(against)d: locked.") % values
    return _("%(winner)s over %(loser)s by %(votes)d to %(against)d: left out, as it would close a circle.") % values


def _duels(outcome: Outcome, names: Names) -> Iterator[str]:
    """Yield how each option that wins compares with each other option."""
    ids = [option.option_id for option in outcome.options]
    for winner in outcome.winners:
        place = ids.index(winner)
        duels = [
            f"{names[other]} {outcome.pairwise[place][column]}:{outcome.pairwise[column][place]}"
            for column, other in enumerate(ids)
            if other != winner
        ]
        values = {"winner": names[winner], "duels": ", ".join(duels)}
        yield _("%(winner)s compared with the others: %(duels)s.") % values


def _tie(tie: Tie, names: Names) -> str:
    values = {"tied": _listed(tie.options, names), "chosen": _listed(tie.chosen, names), "round": tie.round}
    sentence = str(BROKEN_BY[tie.broken_by]) % values
    return sentence if tie.round is None else _("Round %(round)d: %(tie)s") % {"round": tie.round, "tie": sentence}


def _verdict(outcome: Outcome, names: Names) -> str:
    if not outcome.winners:
        return _("Nobody wins.")
    return ngettext("%(winners)s wins.", "%(winners)s win.", len(outcome.winners)) % {
        "winners": _listed(outcome.winners, names)
    }


def _listed(option_ids: Iterable[int], names: Names) -> str:
    *others, last = [names[option_id] for option_id in option_ids]
    return f"{', '.join(others)} {_('and')} {last}" if others else last


def _figures(rows: Iterable[OptionPoints], names: Names) -> str:
    return ", ".join(f"{names[row.option_id]} {row.points}" for row in rows)
