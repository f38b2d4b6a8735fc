"""Whole elections in files, and what becomes of them: the importer and the tests read them."""
