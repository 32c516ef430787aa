"""Content-addressed storage: the embedded store and a Kubo daemon, behind the same port."""
