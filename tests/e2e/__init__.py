"""Stories with the real Claude Code against a scripted Messages API."""
