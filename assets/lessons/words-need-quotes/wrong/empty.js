// fails: words.empty
' '
