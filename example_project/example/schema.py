"""What the OpenAPI schema of this site says of its logins, which are not views of the REST framework."""

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema

Schema = dict[str, object]


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Tell Swagger's Authorize button what a token is."""

    target_class = "allauth.headless.contrib.rest_framework.authentication.JWTTokenAuthentication"
    name = "bearerAuth"

    def get_security_definition(self, auto_schema: AutoSchema) -> Schema:
        """Return the scheme: an access token in the header `Authorization: Bearer ...`."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


def add_logins(result: Schema, **_context: object) -> Schema:
    """Add the calls by which a client gets its tokens, renews them and gives them up."""
    paths = result["paths"]
    assert isinstance(paths, dict)  # noqa: S101 - drf-spectacular made it
    result["paths"] = {**paths, **LOGINS}
    return result


def _members(*names: str, **extra: Schema) -> Schema:
    properties = {name: {"type": "string"} for name in names} | extra
    return {"type": "object", "properties": properties, "required": list(properties)}


def _json(schema: Schema, example: Schema) -> Schema:
    return {"application/json": {"schema": schema, "example": example}}


def _call(name: str, summary: str, body: Schema, answer: Schema) -> Schema:
    return {
        "post": {
            "operationId": name,
            "summary": summary,
            "tags": ["login"],
            "security": [{}],
            "requestBody": {"required": True, "content": body},
            "responses": {
                "200": {"description": "The tokens.", "content": answer},
                "400": {"description": "What was sent is wrong or has expired."},
                "429": {"description": "Too many attempts."},
            },
        }
    }


TOKENS = _members("access_token", "refresh_token")
EXAMPLE_TOKENS: Schema = {"access_token": "eyJhbGciOi...", "refresh_token": "eyJhbGciOi..."}
LOGINS: Schema = {
    "/_allauth/app/v1/auth/login": _call(
        "login",
        "Log in, and get an access token and a refresh token.",
        _json(_members("username", "password"), {"username": "demo_maya", "password": "demo"}),
        _json(_members(meta=TOKENS), {"meta": EXAMPLE_TOKENS}),
    ),
    "/_allauth/app/v1/auth/session": {
        "delete": {
            "operationId": "logout",
            "summary": "Log out, which ends the tokens too.",
            "tags": ["login"],
            "security": [{"bearerAuth": []}],
            "responses": {"401": {"description": "Nobody is logged in any more."}},
        }
    },
    "/_allauth/app/v1/tokens/refresh": _call(
        "refresh_token",
        "Trade a refresh token for a new pair.",
        _json(_members("refresh_token"), {"refresh_token": EXAMPLE_TOKENS["refresh_token"]}),
        _json(_members(data=TOKENS), {"data": EXAMPLE_TOKENS}),
    ),
}
