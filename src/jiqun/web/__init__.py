"""Server-rendered pages, forms and the JSON API over the contexts of `reports`."""
