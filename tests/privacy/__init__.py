"""Tests of privacy: who can read what."""
