// fails: right.fixed
const greeting = 'Good morning';
