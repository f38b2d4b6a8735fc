"""Polls, votes and results for any Django site: every acknowledged vote counted once, exactly as cast."""

__version__ = "0.1.0"
