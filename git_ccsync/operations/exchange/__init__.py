"""Between the branch here and the one there: fetched, judged, merged, sent. Writes nothing under the Claude directory."""
