"""What an outcome says, in sentences in the reader's language: rendered whenever it is read, never stored."""

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from django_polls.methods.outcomes import Exact, Majority, OptionPoints, Outcome, Result, Round, Tie, Transfer, Verdict

Names = Mapping[int, str]
"""What each option is called, by its id."""

Grades = Mapping[int, str]
"""The word for each score."""

# The counts whose points are scores that voters gave, so that they are grades.
GRADED = frozenset({"median", "majority_judgment"})

# How a tie was broken, once it is said who tied.
BROKEN_BY: Mapping[str, str | Promise] = {
    "previous_rounds": gettext_lazy("%(tied)s tie; by the rounds before it falls on %(chosen)s."),
    "seed": gettext_lazy("%(tied)s tie; by the order that the poll's seed gives it falls on %(chosen)s."),
    "hash": gettext_lazy("%(tied)s tie; for now it falls on %(chosen)s, and the poll's seed decides at the close."),
    "declared": gettext_lazy("%(tied)s tie, and all of them win."),
    "at_close": gettext_lazy("%(tied)s tie; if it stays so, the poll's seed decides at the close."),
    "match_ups": gettext_lazy("%(tied)s tie; the comparisons between them decide for %(chosen)s."),
    "scores": gettext_lazy("%(tied)s tie; the sums of their scores decide for %(chosen)s."),
    "top_scores": gettext_lazy("%(tied)s tie; the number of their highest scores decides for %(chosen)s."),
    "grades": gettext_lazy("%(tied)s have the same grade; their next grades decide for %(chosen)s."),
    "status_quo": gettext_lazy("%(tied)s have as many votes, so things stay as they are."),
}

# A step that a method of the host's has.
OTHERWISE = gettext_lazy("%(tied)s tie; it falls on %(chosen)s.")

# Where votes go that leave an option, by how it is said whose they are, and whether they have a further choice.
MOVES = {
    ("its", True): ngettext_lazy(
        "%(votes)s of its votes goes to %(target)s", "%(votes)s of its votes go to %(target)s", "number"
    ),
    ("its", False): ngettext_lazy(
        "%(votes)s of its votes has no further choice", "%(votes)s of its votes have no further choice", "number"
    ),
    ("source", True): ngettext_lazy(
        "%(votes)s goes from %(source)s to %(target)s", "%(votes)s go from %(source)s to %(target)s", "number"
    ),
    ("source", False): ngettext_lazy(
        "%(votes)s from %(source)s has no further choice", "%(votes)s from %(source)s have no further choice", "number"
    ),
    ("same", True): ngettext_lazy("%(votes)s goes to %(target)s", "%(votes)s go to %(target)s", "number"),
    ("same", False): ngettext_lazy("%(votes)s has no further choice", "%(votes)s have no further choice", "number"),
}

# What became of the share needed, by the result and whether it is reached: a proposal may be blocked all the same.
SHARES = {
    (Result.PASSED, True): ngettext_lazy(
        "With %(support)s of %(base)s vote the share needed, %(threshold)s, is reached: it has passed.",
        "With %(support)s of %(base)s votes the share needed, %(threshold)s, is reached: it has passed.",
        "number",
    ),
    (Result.FAILED, False): ngettext_lazy(
        "With %(support)s of %(base)s vote the share needed, %(threshold)s, is not reached: it has failed.",
        "With %(support)s of %(base)s votes the share needed, %(threshold)s, is not reached: it has failed.",
        "number",
    ),
    (Result.FAILED, True): ngettext_lazy(
        "With %(support)s of %(base)s vote the share needed, %(threshold)s, is reached; even so it has failed.",
        "With %(support)s of %(base)s votes the share needed, %(threshold)s, is reached; even so it has failed.",
        "number",
    ),
    (Result.PENDING, True): ngettext_lazy(
        "With %(support)s of %(base)s vote the share needed, %(threshold)s, is reached.",
        "With %(support)s of %(base)s votes the share needed, %(threshold)s, is reached.",
        "number",
    ),
    (Result.PENDING, False): ngettext_lazy(
        "With %(support)s of %(base)s vote the share needed, %(threshold)s, is not reached.",
        "With %(support)s of %(base)s votes the share needed, %(threshold)s, is not reached.",
        "number",
    ),
}


def explanation(outcome: Outcome, names: Names, grades: Grades | None = None) -> list[str]:
    """Return what the outcome says, sentence by sentence.

    Its rounds or figures, the votes for none of the options, its ties, who wins, and the verdict. Where there are words
    for the scores, an option's grade is told by its word.
    """
    return explained_rounds(outcome, names) + explained_result(outcome, names, grades)


def explained_result(outcome: Outcome, names: Names, grades: Grades | None = None) -> list[str]:
    """Return what the outcome says besides its rounds."""
    ties = (_tie(tie, names) for tie in _ties(outcome))
    return [
        *([] if outcome.rounds else _facts(outcome, names, grades or {})),
        *_words(outcome),
        *ties,
        _winners(outcome, names),
        *_verdict(outcome),
    ]


def explained_rounds(outcome: Outcome, names: Names) -> list[str]:
    """Return a sentence for each round of the count."""
    tell = _run_off if outcome.count == "star" else _round
    return [tell(number, each, names) for number, each in enumerate(outcome.rounds, 1)]


def _facts(outcome: Outcome, names: Names, grades: Grades) -> Iterator[str]:
    if outcome.majorities:
        yield from (_majority(majority, names) for majority in outcome.majorities)
    elif outcome.points:
        yield _points(outcome, names, grades)
    elif outcome.pairwise:
        yield from _duels(outcome, names)
    else:
        yield _votes(outcome, names)


def _votes(outcome: Outcome, names: Names) -> str:
    counted = [OptionPoints(option.option_id, option.votes or 0) for option in outcome.options]
    return _("Votes: %(votes)s.") % {"votes": ", ".join(_figures(counted, names))}


def _points(outcome: Outcome, names: Names, grades: Grades) -> str:
    if not grades or outcome.count not in GRADED:
        return _("Points: %(points)s.") % {"points": ", ".join(_figures(outcome.points, names))}
    graded = [OptionPoints(row.option_id, grades.get(int(row.points)) or row.points) for row in outcome.points]
    return _("Grades: %(grades)s.") % {"grades": ", ".join(_figures(graded, names))}


def _round(number: int, each: Round, names: Names) -> str:
    """Return the sentence on one round of an elimination: who is in, who is out, and where the votes go."""
    totals = {row.option_id: row for row in each.totals}
    parts = []
    if each.elected:
        parts.append(_in([totals[option] for option in each.elected], names))
    if each.eliminated:
        parts.append(_out([totals[option] for option in each.eliminated], names))
    parts += _moves(each, names)
    return _("Round %(round)d: %(events)s.") % {"round": number, "events": "; ".join(parts) or _("nobody is decided")}


def _in(rows: list[OptionPoints], names: Names) -> str:
    return ngettext("%(options)s is elected", "%(options)s are elected", len(rows)) % {
        "options": _joined(_figures(rows, names))
    }


def _out(rows: list[OptionPoints], names: Names) -> str:
    if len(rows) > 1:
        return _("%(options)s have the fewest votes and are out") % {"options": _joined(_figures(rows, names))}
    (row,) = rows
    return _("%(option)s has the fewest votes (%(votes)s) and is out") % {
        "option": names[row.option_id],
        "votes": row.points,
    }


def _moves(each: Round, names: Names) -> Iterator[str]:
    """Yield what becomes of the votes of each option that they leave; whose, unless it is the only one just named."""
    sources = dict.fromkeys(transfer.source for transfer in each.transfers)
    for source in sources:
        whose = "its" if tuple(sources) == (each.eliminated or each.elected) == (source,) else "source"
        first, *others = [transfer for transfer in each.transfers if transfer.source == source]
        yield ", ".join([_move(first, names, whose), *(_move(transfer, names, "same") for transfer in others)])


def _move(transfer: Transfer, names: Names, whose: str) -> str:
    values = {"votes": transfer.votes, "source": names[transfer.source], "number": _number(transfer.votes)}
    if transfer.target is not None:
        values["target"] = names[transfer.target]
    return MOVES[whose, transfer.target is not None] % values


def _run_off(number: int, each: Round, names: Names) -> str:
    """Return the sentence on a round of STAR: the scores, or the voters who prefer each of the two finalists."""
    values = {"round": number, "figures": ", ".join(_figures(each.totals, names)), "votes": each.exhausted}
    if number == 1:
        finalists = {"finalists": _listed(each.elected, names)}
        return _("Round %(round)d: the scores are %(figures)s; %(finalists)s go on.") % {**values, **finalists}
    told = ngettext(
        "Round %(round)d: voters prefer %(figures)s; %(votes)s has no preference.",
        "Round %(round)d: voters prefer %(figures)s; %(votes)s have no preference.",
        _number(each.exhausted),
    )
    return told % values


def _majority(majority: Majority, names: Names) -> str:
    values = {
        "winner": names[majority.winner],
        "loser": names[majority.loser],
        "votes": majority.votes,
        "against": majority.against,
    }
    if majority.is_locked:
        return _("%(winner)s over %(loser)s by %(votes)s to %(against)s: locked.") % values
    return _("%(winner)s over %(loser)s by %(votes)s to %(against)s: left out, as it would close a circle.") % values


def _duels(outcome: Outcome, names: Names) -> Iterator[str]:
    """Yield how each option that wins compares with each other option."""
    ids = [option.option_id for option in outcome.options]
    for winner in outcome.winners:
        place = ids.index(winner)
        duels = [
            f"{names[other]} ({outcome.pairwise[place][column]}:{outcome.pairwise[column][place]})"
            for column, other in enumerate(ids)
            if other != winner
        ]
        values = {"winner": names[winner], "duels": ", ".join(duels)}
        yield _("%(winner)s compared with the others: %(duels)s.") % values


def _words(outcome: Outcome) -> Iterator[str]:
    """Yield how many voters marked no option but said a word."""
    if number := outcome.abstentions:
        yield ngettext("%(number)d voter abstained.", "%(number)d voters abstained.", number) % {"number": number}
    if number := outcome.none_of_these:
        yield ngettext(
            '%(number)d voter chose "none of these".', '%(number)d voters chose "none of these".', number
        ) % {"number": number}
    if outcome.weight is not None:
        yield _("Votes are weighted; those for options weigh %(weight)s together.") % {"weight": outcome.weight}


def _ties(outcome: Outcome) -> tuple[Tie, ...]:
    """Return the ties, with one that several winners tell alone, as they do where marks are counted."""
    if len(outcome.winners) > 1 and not (outcome.ties or outcome.rounds or outcome.ranking):
        return (Tie(outcome.winners, "declared", outcome.winners),)
    return outcome.ties


def _tie(tie: Tie, names: Names) -> str:
    values = {"tied": _listed(tie.options, names), "chosen": _listed(tie.chosen, names), "round": tie.round}
    sentence = str(BROKEN_BY.get(tie.broken_by, OTHERWISE)) % values
    return sentence if tie.round is None else _("Round %(round)d: %(tie)s") % {"round": tie.round, "tie": sentence}


def _winners(outcome: Outcome, names: Names) -> str:
    """Return who wins, or is ahead; where the poll asks for more, and has not got it, only whom the count is for."""
    if not outcome.winners:
        return _("Nobody wins.")
    winners = {"winners": _listed(outcome.winners, names)}
    if any(tie.broken_by == "at_close" for tie in outcome.ties):
        return _("%(winners)s are ahead.") % winners
    if outcome.verdict is not None and outcome.verdict.result != Result.PASSED:
        return _("The count is for %(winners)s.") % winners
    return ngettext("%(winners)s wins.", "%(winners)s win.", len(outcome.winners)) % winners


def _verdict(outcome: Outcome) -> Iterator[str]:
    verdict = outcome.verdict
    if verdict is None:
        return
    yield from _quorum(verdict, outcome.votes)
    if verdict.result == Result.NO_QUORUM:
        return
    if verdict.support is not None:
        yield _share(verdict)
    elif verdict.result != Result.PENDING:
        yield _("It has passed.") if verdict.result == Result.PASSED else _("It has failed.")


def _quorum(verdict: Verdict, votes: int) -> Iterator[str]:
    values = {"votes": votes, "needed": verdict.quorum}
    if verdict.result == Result.PENDING:
        yield _("Whether there is a quorum is known when the close is recorded.")
    elif verdict.result == Result.NO_QUORUM:
        yield (
            ngettext(
                "There is no quorum: %(votes)d of the %(needed)d votes needed was cast.",
                "There is no quorum: %(votes)d of the %(needed)d votes needed were cast.",
                votes,
            )
            % values
        )
    elif verdict.quorum is not None:
        yield (
            ngettext(
                "There is a quorum: %(votes)d vote was cast, %(needed)d needed.",
                "There is a quorum: %(votes)d votes were cast, %(needed)d needed.",
                votes,
            )
            % values
        )


def _share(verdict: Verdict) -> str:
    support, base, threshold = verdict.support or 0, verdict.base or 0, verdict.threshold or 0
    is_reached = Fraction(support) >= Fraction(threshold) * Fraction(base)
    values = {"support": support, "base": base, "threshold": threshold, "number": _number(base)}
    return SHARES[verdict.result, is_reached] % values


def _number(figure: Exact) -> int:
    """Return the number that the plural goes by; a part of a vote has that of two."""
    return figure if isinstance(figure, int) else 2


def _listed(option_ids: Iterable[int], names: Names) -> str:
    return _joined([names[option_id] for option_id in option_ids])


def _joined(texts: Iterable[str]) -> str:
    *others, last = texts
    return _("%(others)s and %(last)s") % {"others": ", ".join(others), "last": last} if others else last


def _figures(rows: Iterable[OptionPoints], names: Names) -> list[str]:
    return [f"{names[row.option_id]} ({row.points})" for row in rows]
