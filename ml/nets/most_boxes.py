"""How many boxes a detector proposes for one image, in every network and wherever its answers are kept."""

# COCO's 100 is fewer than the cells, nodules or teeth of one crowded image; more than this no person reviews.
MOST_BOXES = 300
