"""Tests of the command line: words in, words out, exit status, shells and terminals."""
