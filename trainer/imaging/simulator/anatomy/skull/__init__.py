"""The skull: lateral; its bones are also what stands above a cervical spine."""
