"""Tests of the portable room: laws as properties, promises as tables."""
