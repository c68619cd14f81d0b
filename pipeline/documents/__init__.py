"""Plan + dress + template -> documents, as bytes.

Start reading at `render.render_plan`: `reduced` takes away what must not be printed, `compose` puts the rest into words
and order (`view`), the templates place it, and `pdf` makes a PDF/A-3a that is PDF/UA-1 too. `receipt` is the second
document. Words stand in `templates/texter/sv.toml`, the municipality's look in `dress`.
"""
