"""The README's picture, and the script that it comes from: `python -m tests.picture` plays it and draws it anew."""
