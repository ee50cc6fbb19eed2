// fails: right.semicolon
let greeting = 'Good morning';
if (hour >= 18); {
  greeting = 'Good evening';
}
