"""What this machine keeps for itself: its id, locks, indexes, marks. Never shared, never a transcript."""
