"""The stages that an item passes, and the record that each leaves."""
