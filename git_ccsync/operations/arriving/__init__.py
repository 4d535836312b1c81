"""Sessions that come another way than by pull: in a file, from a directory of before, from another person's branch."""
