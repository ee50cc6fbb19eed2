// fails: words.one
'Sun' + 'shine'
