"""Tests of state: files of our own."""
