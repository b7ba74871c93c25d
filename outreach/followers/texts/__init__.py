"""Words of the house that reach followers outside of items: answers, the menu, the notice on personal data."""
