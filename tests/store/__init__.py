"""The storage format: names, segments, trees, merging."""
