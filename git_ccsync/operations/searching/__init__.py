"""Finding rows: what is looked for, as bytes and as words, and where it is looked for. Writes nothing."""
