"""What the documentation says of each endpoint: its words, its refusals and an example."""

from hashlib import sha256
from http import HTTPStatus

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter

from django_polls.api.errors import InvalidQuery, InvalidVote, PageNotFound
from django_polls.api.schema import Operation
from django_polls.exceptions import (
    AbstentionNotAllowed,
    AlreadyVoted,
    AuthenticationRequired,
    ChangeNotAllowed,
    DuplicateOption,
    InvalidPoll,
    MethodUnavailable,
    NoneOfTheseNotAllowed,
    NotEligible,
    OptionFull,
    PermissionDenied,
    PointsOverspent,
    PointsUnspent,
    PollAlreadyOpen,
    PollChanged,
    PollClosed,
    PollFrozen,
    PollFull,
    PollHasVotes,
    PollNotClosed,
    PollNotFound,
    PollNotOpen,
    PollUncountable,
    RankGap,
    ReasonInvalid,
    ReasonNotAllowed,
    ReasonRequired,
    ReasonTooLong,
    ResultsHidden,
    ScoreOutOfRange,
    TiedRanks,
    TooFewOptions,
    TooManyOptions,
    TooManyRanks,
    UnknownOption,
    VoteNotFound,
    VoterAddressUnknown,
    VoterTokenRequired,
    WithdrawalNotAllowed,
)

POLL_ID = "2f1c9f0e-6b1d-4a57-9b0e-0c1d2e3f4a5b"
OPTIONS = [
    {"id": 12, "text": "Tea", "position": 0, "capacity": None, "vote_count": 7},
    {"id": 13, "text": "Coffee", "position": 1, "capacity": None, "vote_count": 5},
]
SEED = bytes(32)
SEED_HASH = sha256(SEED).hexdigest()
POLL = {
    "id": POLL_ID,
    "title": "What shall we drink?",
    "description": "",
    "created_by": "1",
    "created_by_name": "",
    "created_at": "2030-01-01T09:00:00Z",
    "method": "single",
    "min_options": 1,
    "max_options": None,
    "count": "",
    "seats": 1,
    "quota": "droop",
    "max_ranks": None,
    "equal_ranks": False,
    "min_score": 0,
    "max_score": 5,
    "unscored_is_zero": True,
    "grades": [],
    "points": None,
    "max_points": None,
    "must_spend_all": False,
    "reasons": "off",
    "allows_abstention": False,
    "allows_none_of_these": False,
    "quorum": None,
    "quorum_share": "",
    "pass_threshold": "",
    "max_votes": None,
    "final_ties": "seed",
    "tie_seed_hash": SEED_HASH,
    "is_draft": False,
    "opens_at": None,
    "expires_at": "2030-01-31T12:00:00Z",
    "closed_at": None,
    "close_reason": "",
    "status": "open",
    "is_active": True,
    "visibility": "always",
    "electorate": "anyone",
    "guest_identity": "address",
    "vote_change": "never",
    "vote_withdrawal": "never",
    "accepts_new_options": False,
    "shuffles_options": False,
    "shows_voters": False,
    "time_zone": "",
    "correction": "",
    "groups": None,
    "permission": None,
    "metadata": None,
    "revision": 1,
    "votes": 12,
    "options": OPTIONS,
}
CLOSED = POLL | {"status": "closed", "is_active": False, "closed_at": "2030-01-20T10:00:00Z", "close_reason": "Enough."}
COPY = POLL | {
    "id": "8d3f6a52-3c9e-4f10-8a77-5b6c7d8e9f01",
    "is_draft": True,
    "expires_at": None,
    "status": "draft",
    "is_active": False,
    "votes": 0,
    "options": [option | {"id": index, "vote_count": 0} for index, option in enumerate(OPTIONS, start=14)],
}
NEW_POLL = {
    "title": "What shall we drink?",
    "options": [{"text": "Tea"}, {"text": "Coffee"}],
    "method": "single",
    "expires_at": "2030-01-31T12:00:00Z",
}
VOTE = {"has_voted": True, "option_ids": [12], "cast_at": "2030-01-02T10:00:00Z"}
NO_VOTE = {"has_voted": False, "option_ids": None, "cast_at": None}
RESULTS_OF_POLL = {
    "poll": POLL_ID,
    "method": "single",
    "is_final": False,
    "votes": 12,
    "base": 12,
    "options": [
        OPTIONS[0] | {"share_of_votes": "0.5833", "share_of_marks": "0.5833"},
        OPTIONS[1] | {"share_of_votes": "0.4167", "share_of_marks": "0.4167"},
    ],
    "winners": [12],
    "tie_rule": "seed",
    "tie_seed_hash": SEED_HASH,
    "tie_seed": None,
    "explanation": ["Votes: Tea (7), Coffee (5).", "Tea wins."],
}
RUN_OFF = RESULTS_OF_POLL | {
    "method": "ranked",
    "count": "irv",
    "is_final": True,
    "ranking": [[12], [13]],
    "rounds": [
        {
            "totals": [{"option_id": 12, "points": 7}, {"option_id": 13, "points": 5}],
            "exhausted": 0,
            "quota": None,
            "elected": [12],
            "eliminated": [],
            "transfers": [],
        }
    ],
    "tie_seed": SEED.hex(),
    "explanation": ["Round 1: Tea (7) is elected.", "Tea wins."],
}
OTHER_RESULTS = RESULTS_OF_POLL | {
    "method": "ranked",
    "count": "schulze",
    "is_final": True,
    "ranking": [[12], [13]],
    "pairwise": [[0, 7], [5, 0]],
    "strengths": [[0, 7], [0, 0]],
    "tie_seed": SEED.hex(),
    "explanation": ["Tea compared with the others: Coffee 7:5.", "Tea wins."],
}


def _asked(name: str, value: object) -> OpenApiExample:
    return OpenApiExample(name, value, request_only=True)


def _answered(name: str, value: object, status: int = HTTPStatus.OK) -> OpenApiExample:
    return OpenApiExample(name, value, response_only=True, status_codes=[str(int(status))])


INVALID_POLL = InvalidPoll({"options": ["A poll needs at least two options."]})
INVALID_VOTE = InvalidVote({"option_id": ["An option's id is an integer."]})
BALLOTS = (
    _asked("Single choice", {"option_id": 12}),
    _asked("Approval", {"option_ids": [12, 13]}),
    _asked("Ranked", {"ranking": [13, 12]}),
    _asked("Ranked, two on one place", {"ranking": [[12, 13], 14]}),
    _asked("Score", {"scores": [{"option_id": 12, "score": 5}, {"option_id": 13, "score": 0}]}),
    _asked("Dots", {"scores": [{"option_id": 12, "score": 7}, {"option_id": 13, "score": 3}]}),
    _asked("Proposal, with a reason", {"option_id": 13, "reason": "It costs too much."}),
    _asked("Abstention", {"abstain": True}),
    _asked("None of these", {"none_of_these": True}),
)
VOTE_REFUSALS = (
    INVALID_VOTE,
    UnknownOption(),
    DuplicateOption(),
    TooFewOptions(min_options=1, max_options=3),
    TooManyOptions(min_options=1, max_options=3),
    RankGap(),
    TiedRanks(),
    TooManyRanks(max_ranks=3),
    ScoreOutOfRange(min_score=0, max_score=5),
    PointsOverspent(points=10),
    PointsUnspent(points=10),
    AbstentionNotAllowed(),
    NoneOfTheseNotAllowed(),
    ReasonNotAllowed(),
    ReasonRequired(),
    ReasonTooLong(max_length=1000),
    ReasonInvalid(),
    OptionFull(option_id=12, option="Tea", capacity=20),
    PollFull(max_votes=100),
    AuthenticationRequired(),
    NotEligible(),
    VoterTokenRequired(),
    VoterAddressUnknown(),
    PollNotFound(),
    PollNotOpen(),
    PollClosed(),
    PollChanged(),
    MethodUnavailable(method="single"),
    PollUncountable(),
)
LOCATION = OpenApiParameter(
    "Location", OpenApiTypes.URI, OpenApiParameter.HEADER, description=_("Where the poll is."), response=["201"]
)
ETAG = OpenApiParameter(
    "ETag",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description=_("The validator of results that everybody may see."),
    response=["200", "304"],
)

LIST = Operation(
    "polls_list",
    _("List polls"),
    _(
        "The polls that exist for you, newest first. Counts are null where the results are hidden from "
        "you. An unknown, "
        "repeated or unreadable parameter is refused; a `page_size` over 100 is 100."
    ),
    (InvalidQuery({"page": ["Give a positive number."]}), AuthenticationRequired(), PageNotFound()),
    is_list=True,
    examples=(_answered("Polls", POLL),),
)
CREATE = Operation(
    "polls_create",
    _("Create a poll"),
    _(
        "Creates a poll with its options, open at once unless it is a draft or scheduled. Every field "
        "but the title and "
        "the options has a default: single choice, anyone may vote once, everyone sees the results."
    ),
    (INVALID_POLL, AuthenticationRequired()),
    HTTPStatus.CREATED,
    parameters=(LOCATION,),
    examples=(_asked("New poll", NEW_POLL), _answered("Poll", POLL, HTTPStatus.CREATED)),
)
READ = Operation(
    "polls_read",
    _("Read a poll"),
    _("A draft exists only for those who may manage it."),
    (PollNotFound(),),
    examples=(_answered("Poll", POLL),),
)
EDIT = Operation(
    "polls_edit",
    _("Edit a poll"),
    _(
        "Changes the fields that are given, and all options if any are. Before the first vote anything "
        "may change; after "
        "it `correction`, `metadata`, a later `expires_at`, a stricter `visibility`, and added options where the poll "
        "accepts them."
    ),
    (INVALID_POLL, AuthenticationRequired(), PollNotFound(), PollChanged(), PollFrozen(fields="title"), PollClosed()),
    examples=(_asked("New title", {"title": "Tea or coffee?", "revision": 1}), _answered("Poll", POLL)),
)
DELETE = Operation(
    "polls_delete",
    _("Delete a poll"),
    _("A poll with votes is deleted only with `with_votes=true`."),
    (InvalidQuery({"with_votes": ["Give true or false."]}), AuthenticationRequired(), PollNotFound(), PollHasVotes()),
    HTTPStatus.NO_CONTENT,
    parameters=(
        OpenApiParameter("with_votes", OpenApiTypes.BOOL, description=_("Delete its votes too."), default=False),
    ),
)
READ_VOTE = Operation(
    "polls_read_vote",
    _("Read your vote"),
    _(
        "Says whether you have voted, and how. In a poll that knows guests by a cookie, a guest is "
        "given the cookie that a "
        "vote needs."
    ),
    (PollNotFound(),),
    examples=(_answered("Vote", VOTE), _answered("No vote", NO_VOTE)),
)
CAST = Operation(
    "polls_cast_vote",
    _("Cast a vote"),
    _(
        "The body has exactly one of the fields of the poll's method: `option_id` for single choice and proposals, "
        "`option_ids` for approval, `ranking`, or `scores` for scores and dots; or else `abstain` or `none_of_these`, "
        "where the poll takes them. In a form a place of a ranking puts commas between options that "
        "share it, and a score "
        "is written `12:5`. A vote that is answered 200 is counted, once."
    ),
    (AlreadyVoted(), *VOTE_REFUSALS),
    examples=(*BALLOTS, _answered("Vote", VOTE)),
)
REPLACE = Operation(
    "polls_replace_vote",
    _("Cast or change a vote"),
    _(
        "Sets your vote to this ballot. The ballot that you have cast already is always answered 200, "
        "so that whoever lost "
        "an answer can send the same again."
    ),
    (*VOTE_REFUSALS, ChangeNotAllowed()),
    examples=(*BALLOTS, _answered("Vote", VOTE)),
)
WITHDRAW = Operation(
    "polls_withdraw_vote",
    _("Withdraw your vote"),
    _("Possible where the poll allows it, until it closes."),
    (VoterTokenRequired(), VoterAddressUnknown(), PollNotFound(), VoteNotFound(), PollClosed(), WithdrawalNotAllowed()),
    HTTPStatus.NO_CONTENT,
)
RESULTS = Operation(
    "polls_read_results",
    _("Read the results"),
    _("The outcome as it stands, or as it was when the poll closed. Results that everybody may see have an `ETag`."),
    (ResultsHidden(), PollNotFound(), MethodUnavailable(method="single"), PollUncountable()),
    also={304: _("The results are those of the `If-None-Match`.")},
    parameters=(
        ETAG,
        OpenApiParameter(
            "If-None-Match", OpenApiTypes.STR, OpenApiParameter.HEADER, description=_("An `ETag` you have.")
        ),
    ),
    examples=(_answered("Results", RESULTS_OF_POLL), _answered("Run-off, closed", RUN_OFF)),
)
COMPARE = Operation(
    "polls_compare_results",
    _("See what other ways of counting would say"),
    _(
        "For those who manage a closed poll whose results they may see: the outcomes under every other way of counting "
        "that fits the same ballots. None of them decides anything."
    ),
    (
        AuthenticationRequired(),
        PermissionDenied(),
        ResultsHidden(),
        PollNotFound(),
        PollNotClosed(),
        MethodUnavailable(method="single"),
        PollUncountable(),
    ),
    is_list=True,
    examples=(_answered("Other outcomes", OTHER_RESULTS),),
)
OPEN = Operation(
    "polls_open",
    _("Open a poll"),
    _("Opens a draft or a scheduled poll for votes now."),
    (INVALID_POLL, AuthenticationRequired(), PollNotFound(), PollAlreadyOpen(), PollClosed()),
    examples=(_answered("Poll", POLL),),
)
CLOSE = Operation(
    "polls_close",
    _("Close a poll"),
    _("Closes a poll for good, and stores its outcome."),
    (INVALID_POLL, AuthenticationRequired(), PollNotFound(), PollNotOpen(), PollClosed()),
    examples=(_asked("With a reason", {"reason": "Enough."}), _answered("Poll", CLOSED)),
)
COPY_POLL = Operation(
    "polls_copy",
    _("Copy a poll"),
    _("Creates a draft with the poll's definition: without votes, without a schedule, and yours."),
    (INVALID_POLL, AuthenticationRequired(), PollNotFound()),
    HTTPStatus.CREATED,
    parameters=(LOCATION,),
    examples=(_answered("Draft", COPY, HTTPStatus.CREATED),),
)
