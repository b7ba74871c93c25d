"""What can be subscribed to, who does, and which topics something that is published belongs to."""
