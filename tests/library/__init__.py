"""A program of a user's, for `tests/test_library.py`: what it shows of the types and of a run."""
