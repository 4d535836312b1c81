"""Tests of the verbs: as real processes in a world of machines."""
