// fails: boolean.inside
if (age >= 18) {
  const canEnter = true;
} else {
  const canEnter = false;
}
