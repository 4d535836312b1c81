"""The storage format: names, segments, trees, merging. Knows bytes and object ids, not where files lie."""
