"""A client that fails a test in which the API answers anything that its schema does not say."""

import re
from typing import Any

import yaml
from rest_framework.test import APIClient

from scripts.schema import GOLDEN

# Neither belongs to an operation: what the method is for is not asked, or there is no such method.
UNDOCUMENTED = {"OPTIONS"}, {405}
# The operations of the golden schema, by path and method; read at once, so that no test that is timed waits for it.
PATHS: dict[str, Any] = yaml.safe_load(GOLDEN.read_text(encoding="utf-8"))["paths"]


def codes_said(path: str, method: str, status: int) -> set[str] | None:
    """Return the codes that the schema has for a status of an operation, None where it does not have the status."""
    answers = PATHS[path][method]["responses"]
    if str(status) not in answers:
        return None
    if status < 400:
        return set()
    content = answers[str(status)].get("content", {}).get("application/json", {})
    return {example["value"]["code"] for example in content.get("examples", {}).values()}


class DocumentedClient(APIClient):
    def request(self, **kwargs: Any) -> Any:  # noqa: ANN401  each of its bases says another type
        response: Any = super().request(**kwargs)
        method, status = kwargs["REQUEST_METHOD"], response.status_code
        if response.resolver_match and method not in UNDOCUMENTED[0] and status not in UNDOCUMENTED[1]:
            path = "/" + re.sub(r"<\w+:(\w+)>", r"{\1}", response.resolver_match.route)
            said = codes_said(path, method.replace("HEAD", "GET").lower(), status)
            assert said is not None, f"{method} {path} is not said to answer {status}: {response.content!r}"
            assert status < 400 or method == "HEAD" or response.json()["code"] in said, (
                f"{method} {path}: {response.content!r}"
            )
        return response
