"""Long work: open a session, call services, commit, say how far it is."""
