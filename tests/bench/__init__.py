"""The benchmark: `python3 tests/bench/run.py` prints the table of speeds as measured here. Never a timed test."""
