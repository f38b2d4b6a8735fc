"""The polls of the demo: one in every state, under every visibility and under every method."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from typing import Any

MAYA, JONAS = "demo_maya", "demo_jonas"


class Close(Enum):
    """How a demo poll is closed once its votes are cast."""

    BY_HAND = "by hand"
    BY_DEADLINE = "by deadline"


@dataclass(frozen=True, slots=True)
class DemoPoll:
    """A poll of the demo. `options` maps each text to its popularity; `opens_in` and `expires_in` count from now.
    Each option has so many `places`.

    `crowd` is its share of the guests' votes beside the other polls' shares.
    """

    title: str
    options: Mapping[str, int]
    description: str = ""
    created_by: str = MAYA
    crowd: int = 0
    opens_in: timedelta | None = None
    expires_in: timedelta | None = None
    close: Close | None = None
    close_reason: str = ""
    places: int | None = None
    rules: Mapping[str, Any] = field(default_factory=dict)


DEMO_POLLS = (
    DemoPoll(
        title="Where do we have lunch on Friday?",
        description="One vote per network address. Everybody sees the result as it grows.",
        options={"The noodle bar": 6, "The canteen": 2, "Pizza in the park": 5, "Everybody brings something": 3},
        crowd=6,
        expires_in=timedelta(days=3),
    ),
    DemoPoll(
        title="What should the next meetup be about?",
        description="Choose up to three. You see the result once you have voted, and may change your mind.",
        options={
            "Testing without mocks": 5,
            "PostgreSQL for application developers": 7,
            "Accessible forms": 4,
            "Async, and when to leave it": 5,
            "Ten years of one Django site": 6,
            "Lightning talks": 3,
        },
        created_by=JONAS,
        crowd=8,
        expires_in=timedelta(days=10),
        rules={
            "method": "approval",
            "max_options": 3,
            "visibility": "after_vote",
            "guest_identity": "cookie",
            "vote_change": "until_close",
        },
    ),
    DemoPoll(
        title="Which days suit you for the monthly review?",
        description="For people with a login. Pick every day that suits you; change or withdraw your vote at any time.",
        options={"Monday": 2, "Tuesday": 5, "Wednesday": 4, "Thursday": 5, "Friday": 1},
        expires_in=timedelta(days=7),
        rules={
            "method": "approval",
            "electorate": "users",
            "vote_change": "until_close",
            "vote_withdrawal": "until_close",
        },
    ),
    DemoPoll(
        title="Should the car park behind the library become a garden?",
        description="The result is published after the close, and nobody sees it before.",
        options={"Yes": 9, "Yes, but keep four places": 6, "No": 5},
        crowd=9,
        expires_in=timedelta(days=21),
        rules={"visibility": "after_close"},
    ),
    DemoPoll(
        title="Where does the autumn trip go?",
        description="Put the places in your order, as many as you like. The last one is left out, round after round.",
        options={
            "The lighthouse": 6,
            "The old mines": 5,
            "A walk on the mudflats": 4,
            "The castle, by boat": 5,
            "The glass museum": 2,
        },
        crowd=9,
        expires_in=timedelta(days=14),
        rules={"method": "ranked", "count": "irv", "guest_identity": "cookie", "vote_change": "until_close"},
    ),
    DemoPoll(
        title="How good a name is this for the new ferry?",
        description="Grade each name. The best is the one that a majority grades highest.",
        options={"Morning Star": 5, "Grandmother": 4, "Ferry McFerryface": 6, "The Other Side": 3},
        created_by=JONAS,
        crowd=8,
        expires_in=timedelta(days=12),
        rules={
            "method": "score",
            "count": "majority_judgment",
            "max_score": 4,
            "grades": "To be rejected\nPoor\nAcceptable\nGood\nExcellent",
            "guest_identity": "cookie",
        },
    ),
    DemoPoll(
        title="Which film opens the open-air cinema?",
        description="Up to five stars for each film. The two with the most go into the final.",
        options={"Metropolis": 4, "Some Like It Hot": 6, "Spirited Away": 6, "Casablanca": 5},
        crowd=7,
        expires_in=timedelta(days=5),
        rules={"method": "score", "count": "star", "visibility": "after_vote", "guest_identity": "cookie"},
    ),
    DemoPoll(
        title="How do we spend what the street festival has earned?",
        description="Deal out ten points, at most six on one idea. Keep what you do not want to give.",
        options={
            "Benches under the limes": 6,
            "Seeds for every balcony": 3,
            "A cargo bike for all": 5,
            "A proper sound system": 4,
        },
        crowd=6,
        expires_in=timedelta(days=18),
        rules={"method": "dots", "points": 10, "max_points": 6, "guest_identity": "cookie"},
    ),
    DemoPoll(
        title="Proposal: the choir rehearses on Tuesdays instead of Mondays",
        description="It is adopted if more agree than disagree, and nobody blocks it.",
        options={"Agree": 60, "Disagree": 14, "Abstain": 10, "Block": 1},
        created_by=JONAS,
        crowd=5,
        expires_in=timedelta(days=6),
        rules={"method": "yes_no", "reasons": "off", "guest_identity": "cookie", "vote_change": "until_close"},
    ),
    DemoPoll(
        title="Who takes which shift at the summer fair?",
        description="For people with a login. Two places on each shift; whoever comes first has them.",
        options={"Setting up": 3, "Morning": 2, "Afternoon": 6, "Clearing away": 2},
        expires_in=timedelta(days=12),
        places=2,
        rules={"electorate": "users", "vote_change": "until_close", "vote_withdrawal": "until_close"},
    ),
    DemoPoll(
        title="How do you like the new reading room?",
        description="Only those who manage this poll see its result.",
        options={"Very much": 5, "It is all right": 6, "I liked the old one better": 3},
        created_by=JONAS,
        crowd=5,
        rules={"visibility": "managers", "guest_identity": "cookie"},
    ),
    DemoPoll(
        title="Rehearsal: can you find the button and vote?",
        description="A trial run before the election. Its result is shown to nobody.",
        options={"I could vote at once": 8, "I had to search": 2},
        crowd=3,
        rules={"visibility": "never", "guest_identity": "cookie"},
    ),
    DemoPoll(
        title="What shall the next release be called?",
        description="Opens the day after tomorrow, for a week.",
        options={"Alder": 1, "Birch": 1, "Cedar": 1},
        opens_in=timedelta(days=2),
        expires_in=timedelta(days=9),
    ),
    DemoPoll(
        title="What do we do at the summer party?",
        description="Still being prepared.",
        options={"A boat trip": 1, "A barbecue": 1},
        rules={"is_draft": True, "accepts_new_options": True},
    ),
    DemoPoll(
        title="Which logo does the choir take?",
        description="Closed by hand before its time.",
        options={"The open book": 4, "The wave": 9, "Three notes": 4},
        crowd=7,
        expires_in=timedelta(days=30),
        close=Close.BY_HAND,
        close_reason="The printer needs the logo today.",
        rules={"correction": "“The wave” was drawn by Ines, not by Ana."},
    ),
    DemoPoll(
        title="Which trees should be planted along Mill Road?",
        description="Closed by its deadline. Each ballot could name any number of trees.",
        options={"Lime": 6, "Maple": 5, "Hornbeam": 3, "Wild cherry": 7},
        crowd=10,
        expires_in=timedelta(days=1),
        close=Close.BY_DEADLINE,
        rules={"method": "approval", "visibility": "after_close", "guest_identity": "cookie"},
    ),
    DemoPoll(
        title="Who sits on the allotment committee?",
        description="Three seats, by a transferable vote: what a member does not need goes to the next of your order.",
        options={"Amina": 7, "Leo": 5, "Noor": 6, "Sofia": 3, "Tomas": 4, "Yuki": 4},
        crowd=12,
        expires_in=timedelta(days=1),
        close=Close.BY_DEADLINE,
        rules={
            "method": "ranked",
            "count": "stv",
            "seats": 3,
            "visibility": "after_close",
            "guest_identity": "cookie",
        },
    ),
)
