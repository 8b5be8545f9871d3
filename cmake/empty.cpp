// Stands in for a room that has no compiled part yet.
