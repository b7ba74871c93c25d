"""What a follower's words ask for, and what they are answered."""
