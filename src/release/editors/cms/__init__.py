"""The configuration of a Git-based CMS, Sveltia CMS or Decap CMS: forms in place of front matter."""
