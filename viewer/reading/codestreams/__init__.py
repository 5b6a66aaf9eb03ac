"""What a coded picture says of itself and whether it is whole, from its bytes alone: JPEG, JPEG 2000, PNG, TIFF.

Nothing is decoded here, and nothing of the other rooms is imported.
"""
