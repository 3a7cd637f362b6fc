"""The abdomen: AP, lying."""
