"""Threads as processes: each keeps a copy of its own of the polls it votes in, and learns of no other's edits."""

from collections import OrderedDict
from threading import local

from django_polls import definitions


class CopiesByThread(local):
    """Stands where the process keeps its copies, and keeps them for each thread apart."""

    def __init__(self) -> None:
        self._kept: OrderedDict[object, definitions.Definition] = OrderedDict()

    def __getattr__(self, name: str) -> object:
        return getattr(self._kept, name)

    def __setitem__(self, key: object, copy: definitions.Definition) -> None:
        self._kept[key] = copy

    def __len__(self) -> int:
        return len(self._kept)
