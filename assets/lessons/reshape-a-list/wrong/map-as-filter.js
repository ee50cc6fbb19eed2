// fails: titles.booleans
function openTitles(tasks) {
  return tasks.map((task) => task.done === false);
}
