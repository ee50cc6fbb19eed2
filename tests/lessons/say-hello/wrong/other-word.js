// fails: hello
'good evening'
