"""The hand and wrist."""
