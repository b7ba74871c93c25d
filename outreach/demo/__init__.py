"""The demonstration data that ships with Outreach: sample items, their attachments and the accounts."""
