// fails: array.nothing
function openTitles(tasks) {
  tasks.filter((task) => task.done === false).map((task) => task.title);
}
