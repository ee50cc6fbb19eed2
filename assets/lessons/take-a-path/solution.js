let greeting = 'Good morning';

if (hour >= 18) {
  greeting = 'Good evening';
} else if (hour >= 12) {
  greeting = 'Good afternoon';
}

console.log(greeting);
