"""The whole list of an account's followers, fetched from its platform."""
