// fails: answer.nothing
// 6 * 7
