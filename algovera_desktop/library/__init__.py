"""Every picture ever made: records in SQLite, files in a folder, thumbnails. No Qt."""
