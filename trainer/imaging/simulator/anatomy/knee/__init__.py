"""The knee: bones, soft tissue, technique, forgeries."""
