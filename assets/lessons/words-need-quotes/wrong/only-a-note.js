// fails: text.nothing
// 'The sun is out'
