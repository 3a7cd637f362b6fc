"""What the regions of the limbs share: bones that meet, their fractures, wear, metal, flesh."""
