"""Stored ranking bodies as columns: for each option its ranks on many ballots, in a lane of 8 or 16 bits for each."""

from array import array
from collections.abc import Callable, Sequence
from itertools import accumulate

# The bits of a lane, by the type of array that holds lanes. The top bit stays free.
BITS = {"B": 8, "H": 16}

MOST_BY_POSITION = 20
"""With more options there are so many ranks of two digits that reading by position is the slower way."""

RANKS = bytes.maketrans(bytes(range(ord("0"), ord("0") + MOST_BY_POSITION + 1)), bytes(range(MOST_BY_POSITION + 1)))


class Columns:
    """Reads the bodies of a poll with these options; columns are in the order shown.

    Bodies are as `Ballot.body` writes them: by option id, each at most once, with ranks from 1 and no gaps. Options
    that a ballot leaves out have the rank `unranked` on it, which leaves one free between them and all places.
    """

    def __init__(self, option_ids: Sequence[int]) -> None:
        self.option_ids = option_ids
        self.unranked = len(option_ids) + 2
        self.code = "B" if self.unranked < 1 << BITS["B"] - 1 else "H"
        self._blank = array(self.code, [self.unranked] * len(option_ids))
        places = {option_id: place for place, option_id in enumerate(option_ids)}
        self._places = _Marks(lambda option_id, _rank: places[option_id])
        self._ranks = _Marks(lambda _option_id, rank: rank)

    def by_position(self, bodies: Sequence[str]) -> list["array[int]"]:
        """Return the columns of ballots that rank all options, which are not more than `MOST_BY_POSITION`.

        Their bodies differ in the ranks only: with one character for each rank, every option has its rank at the same
        distances, so that a slice reads it from all ballots. Where one does differ, all are read mark by mark.
        """
        text = " ".join([*bodies, ""])
        for rank in range(10, len(self.option_ids) + 1):
            text = text.replace(f":{rank} ", f":{chr(ord('0') + rank)} ")
        ordered = sorted(self.option_ids)
        *starts, length = accumulate((len(f"{option_id}:1 ") for option_id in ordered), initial=0)
        data = text.encode().translate(RANKS)
        frame = "".join(f"{option_id}:1 " for option_id in ordered).encode().translate(RANKS)
        if not _is_framed(data, frame, len(bodies), {start - 2 for start in (*starts[1:], length)}):
            return self.by_mark(bodies)
        columns = {
            option_id: array(self.code, data[start + len(f"{option_id}:") :: length])
            for option_id, start in zip(ordered, starts, strict=True)
        }
        return [columns[option_id] for option_id in self.option_ids]

    def by_mark(self, bodies: Sequence[str]) -> list["array[int]"]:
        """Return the columns of any ballots."""
        lines = array(self.code)
        places, ranks = self._places, self._ranks
        for body in bodies:
            line = self._blank[:]
            for mark in body.split():
                line[places[mark]] = ranks[mark]
            lines += line
        return [lines[place :: len(self.option_ids)] for place in range(len(self.option_ids))]


def _is_framed(data: bytes, frame: bytes, times: int, ranks: set[int]) -> bool:
    """Whether the data are so many times the frame, but for what stands where it has ranks."""
    fixed = [place for place in range(len(frame)) if place not in ranks]
    return len(data) == times * len(frame) and all(
        data[place :: len(frame)].count(frame[place]) == times for place in fixed
    )


class _Marks(dict[str, int]):
    """What is read of each mark met; each is read only once."""

    def __init__(self, read: Callable[[int, int], int]) -> None:
        self._read = read

    def __missing__(self, mark: str) -> int:
        option_id, _colon, rank = mark.partition(":")
        self[mark] = number = self._read(int(option_id), int(rank))
        return number
