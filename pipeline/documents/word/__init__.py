"""The Word route: the same view as the PDF's becomes a .docx, and LibreOffice makes of it the PDF that is signed.

`document` fills our template, or a municipality's own (`own`, `tame`, `shown`), which `harmless` has looked at; `pdf`
has it converted, `finish` repairs what LibreOffice leaves out, and `seen` holds the pages against the words.
"""
