"""Voting methods: pure strategies that know which ballots are valid and how they are counted."""
