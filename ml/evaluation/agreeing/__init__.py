"""How far two answer alike, whoever is right: two models on the same cases, two readings of the same images."""
