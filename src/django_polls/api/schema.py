"""The endpoints' documentation."""

from drf_spectacular.openapi import AutoSchema


class PollsSchema(AutoSchema):
    pass
