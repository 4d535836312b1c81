"""What tests stand on: worlds of machines, transcripts, servers, a claude process. No test lives here."""
