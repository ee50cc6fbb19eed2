// fails: answer.text
'6 * 7'
