let canEnter = false;
if (!(age < 18)) {
  canEnter = true;
}
console.log("May enter?", canEnter);
