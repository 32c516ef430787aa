"""The only place where vendor names appear; the folders here do not know each other."""
