"""Computed tomography of the same bodies: voxels, scanner, tampering, regions."""
