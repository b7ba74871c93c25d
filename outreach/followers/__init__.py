"""Who follows an account, what they subscribed to, what they write, and the notices they get."""
