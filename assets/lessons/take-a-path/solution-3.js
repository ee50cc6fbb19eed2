const part = hour < 12 ? 'morning' : hour < 18 ? 'afternoon' : 'evening';
const greeting = `Good ${part}`;
