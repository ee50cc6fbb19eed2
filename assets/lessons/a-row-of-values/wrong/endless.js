// fails: stopped
function ends(list) {
  let i = 0;
  while (i < list.length) {
    console.log;
  }
  return [list.at(0), list.at(i)];
}

ends(["sun", "rain", "fog", "snow"]);
