"""Turn what stands in records into the shapes that tables take: lists, types of values, known paths."""
