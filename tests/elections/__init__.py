"""Reading elections and casting them, with tiny ones made here and the real ones of `ELECTIONS_DIR`."""
