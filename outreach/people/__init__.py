"""Who works here: sections, people, roles, sessions, tokens."""
