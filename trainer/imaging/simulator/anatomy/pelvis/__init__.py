"""The pelvis: bones, soft tissue, technique, forgeries."""
