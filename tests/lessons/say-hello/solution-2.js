// Another pair of quotes.
"hello"
