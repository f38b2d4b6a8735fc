"""Clients over HTTP: each keeps a connection, sends votes, and writes down what it was told."""

import json
from http.client import HTTPConnection, HTTPException

from django_polls.identity import Voter
from django_polls.methods.ballots import Ballot
from django_polls.models import Poll
from tests.races.crew import PATIENCE
from tests.races.judge import Answer, Attempt

RETRIES = 1_000


class Client:
    """Someone who votes, from any address, through one connection that is opened again where it was cut."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)

    def close(self) -> None:
        self._connection.close()

    def send(self, method: str, poll: Poll, address: str, option_id: int) -> Attempt:
        """Send one vote, and return what was told."""
        key, body = Voter.from_address(address, poll).key, Ballot.of(option_id).body
        headers = {"Content-Type": "application/json", "X-Forwarded-For": address}
        try:
            self._connection.request(
                method, f"/api/polls/{poll.pk}/vote/", json.dumps({"option_id": option_id}), headers
            )
            response = self._connection.getresponse()
            status, content = response.status, response.read()
        except (OSError, HTTPException) as error:
            self._connection.close()
            return Attempt(key, body, Answer.UNKNOWN, type(error).__name__)
        return Attempt(key, body, _answer(status), _code(content))

    def insist(self, poll: Poll, address: str, option_id: int) -> list[Attempt]:
        """Send a vote by POST, and by PUT for as long as nothing is known of it."""
        attempts = [self.send("POST", poll, address, option_id)]
        while attempts[-1].answer is Answer.UNKNOWN and len(attempts) < RETRIES:
            attempts.append(self.send("PUT", poll, address, option_id))
        return attempts


def _answer(status: int) -> Answer:
    if status >= 500:
        return Answer.UNKNOWN
    return Answer.ACKNOWLEDGED if status < 300 else Answer.REFUSED


def _code(content: bytes) -> str:
    """Return the code of a refusal, nothing where there is none."""
    try:
        return str(json.loads(content).get("code", ""))
    except ValueError:
        return "no JSON"
