function openTitles(tasks) {
  // TODO: keep the tasks that are not done, and return their titles
}

console.log(openTitles([
  { title: 'Pack umbrella', done: true },
  { title: 'Return books', done: false },
]));
