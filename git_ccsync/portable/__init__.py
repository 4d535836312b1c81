"""Paths out of lines and back: pure functions from bytes to bytes."""
