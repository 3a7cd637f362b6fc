"""The cervical spine: lateral."""
