"""The lumbar spine: vertebrae, soft tissue, technique, forgeries."""
