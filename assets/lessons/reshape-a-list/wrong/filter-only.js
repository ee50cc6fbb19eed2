// fails: titles.objects
function openTitles(tasks) {
  return tasks.filter((task) => task.done === false);
}
