// fails: words.one
'Sunshine'
