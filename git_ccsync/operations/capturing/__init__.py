"""From this disk to the draft of a commit: which transcripts are ours, what is new in them, what may leave. Writes no transcript."""
