function makeCounter() {
  let days = 0;
  function counter() {
    days = days + 1;
    console.log('one more:', days);
    return days;
  }
  return counter;
}
