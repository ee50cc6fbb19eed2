function countTags(tags) {
  const counts = new Map();
  // TODO: count each tag
  return counts;
}

console.log(countTags(['css', 'html', 'css']));
