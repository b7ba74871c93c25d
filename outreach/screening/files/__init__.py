"""What stands in files (docx, xlsx, pdf, pictures), read as passages that a screening can look through.

A file is read by a child process with limits (`python -m outreach.screening.files`), started by
`screening.file_reader`; `types.parts_of` is the door of the pure part. Nothing here knows a database, a clock or the
network, and nothing that was read is logged.
"""
