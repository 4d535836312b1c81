"""What travels beside sessions: memory, prompts, files for all projects."""
