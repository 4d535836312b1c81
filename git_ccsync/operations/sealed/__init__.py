"""Encrypted branches: who can read them, how a machine comes to, and what was done to one."""
