function openTitles(tasks) {
  return tasks
    .filter((task) => task.done === false)
    .map((task) => task.title);
}

console.log(openTitles([
  { title: 'Pack umbrella', done: true },
  { title: 'Return books', done: false },
]));
