// fails: error SyntaxError
'It's raining'
